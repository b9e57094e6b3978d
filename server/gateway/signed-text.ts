import type { CanonicalForms } from './canonical-form.ts';
import type { Chunk } from './filters.ts';
import type { RequestView } from './request-view.ts';
import {
  checkedText,
  compileChunk,
  parseSelector,
  splitBraces,
  type ReadChunk,
  type SelectorKind,
} from './selector.ts';

const signedSelectors: readonly SelectorKind[] = [
  'header',
  'query',
  'path',
  'method',
  'body',
  'json',
  'item',
  'form',
  'sig',
  'cfg',
];

/** Schema of a signed text. Whether its canonical forms exist is for its scheme to check. */
export const signedTextSchema = checkedText((text) =>
  compileSignedText(text.replaceAll(/\{\s*canonical:[a-z]+\s*\}/g, '')),
).min(1);

/** Reads what is hashed, piece by piece, so that a large body is not copied. Undefined if the request lacks a piece. */
export type ReadSignedText = (view: RequestView, secret: string) => Chunk[] | undefined;

export interface SignedText {
  read: ReadSignedText;
  /** Whether the text is another one for each secret. */
  holdsSecret: boolean;
  /** The fields beside the signature that the text needs: `t` for `{sig:t}.{body}`. */
  signatureFields: string[];
}

/**
 * The text that a signature covers, `{sig:t}.{body}`: fixed characters, and in braces a selector, `secret`, or
 * `canonical:name` of the given canonical forms. A part in brackets is left out if one of its selectors is missing or empty:
 * `[id:{query:data.id};]ts:{sig:ts};`. Throws an `Error` that explains what is wrong with the template.
 */
export function compileSignedText(template: string, forms: CanonicalForms = new Map()): SignedText {
  const groups = splitGroups(template).map(({ text, optional }) => ({
    pieces: splitBraces(text).map((piece) => compilePiece(piece, forms)),
    optional,
  }));
  return {
    read(view, secret) {
      const chunks: Chunk[] = [];
      for (const { pieces, optional } of groups) {
        const group = pieces.map(({ read }) => read(view, secret));
        const lacking = group.some((chunk) => chunk === undefined || (optional && chunk.length === 0));
        if (lacking && !optional) return undefined;
        if (!lacking) chunks.push(...group.filter((chunk) => chunk !== undefined));
      }
      return chunks;
    },
    holdsSecret: groups.some(({ pieces }) => pieces.some((piece) => piece.holdsSecret === true)),
    signatureFields: groups.flatMap(({ pieces }) => pieces.flatMap(({ signatureField }) => signatureField ?? [])),
  };
}

interface Piece {
  read: (view: RequestView, secret: string) => Chunk | undefined;
  holdsSecret?: true;
  signatureField?: string;
}

function splitGroups(template: string): { text: string; optional: boolean }[] {
  const groups = template.split(/(\[[^[\]]*\])/).filter((group) => group !== '');
  return groups.map((group) => {
    const optional = group.startsWith('[') && group.endsWith(']');
    const text = optional ? group.slice(1, -1) : group;
    if (/[[\]]/.test(text)) throw new Error(`"${template}" has an unmatched bracket`);
    return { text, optional };
  });
}

function compilePiece(piece: string, forms: CanonicalForms): Piece {
  if (!piece.startsWith('{')) return { read: () => piece };
  const inside = piece.slice(1, -1).trim();
  if (inside === 'secret') return { read: (_view, secret) => secret, holdsSecret: true };
  if (inside.startsWith('canonical:')) return { read: canonicalForm(inside.slice('canonical:'.length), forms) };
  const selector = parseSelector(inside, signedSelectors);
  const readText = compileChunk(selector);
  const read =
    selector.kind === 'form' && selector.filters.length === 0 ? bytesFirst(selector.name, readText) : readText;
  return {
    read: (view) => wellFormed(read(view)),
    ...(selector.kind === 'sig' ? { signatureField: selector.name } : {}),
  };
}

/** Signatures are over the bytes of a field, whatever the charset in which the unsigned content type has them read. */
function bytesFirst(name: string, readText: ReadChunk): ReadChunk {
  return (view) => {
    const [only, ...others] = view.form().fields?.get(name) ?? [];
    return only !== undefined && others.length === 0 ? only.bytes : readText(view);
  };
}

function canonicalForm(name: string, forms: CanonicalForms): Piece['read'] {
  const form = forms.get(name);
  if (form === undefined) throw new Error(`there is no canonical form "${name}"`);
  return (view) => (view.request.body.length > mostCanonicalBytes ? undefined : form(view.item()));
}

/** Writing a body again takes several times as long as reading it. Genuine ones have some 2 kB. */
const mostCanonicalBytes = 64 * 1024;

/** Half a surrogate pair has no bytes of its own. Hashed, it would equal every other half. */
function wellFormed(chunk: Chunk | undefined): Chunk | undefined {
  return typeof chunk === 'string' && !chunk.isWellFormed() ? undefined : chunk;
}
