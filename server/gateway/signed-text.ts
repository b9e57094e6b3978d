import type { CanonicalForms } from './canonical-form.ts';
import type { Chunk } from './filters.ts';
import { compileChunk, parsePlace, type PlaceKind } from './place.ts';
import type { RequestView } from './request-view.ts';
import { splitBraces } from './split-braces.ts';

const signedPlaces: readonly PlaceKind[] = [
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

/** What is hashed, piece by piece, so that a large body is not copied. Undefined: the request lacks a piece. */
export type ReadSignedText = (view: RequestView, secret: string) => Chunk[] | undefined;

export interface SignedText {
  read: ReadSignedText;
  /** Names of the fields beside the signature that the text needs: `t` for `{sig:t}.{body}`. */
  signatureFields: string[];
}

/**
 * The text under a signature, `{sig:t}.{body}`: fixed characters, and in braces a place, `secret`, or `canonical:name` of the
 * given canonical forms. What stands in brackets is left out where a place in it is absent or empty:
 * `[id:{query:data.id};]ts:{sig:ts};`. Throws an `Error` that says what is wrong with the template.
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
    signatureFields: groups.flatMap(({ pieces }) => pieces.flatMap(({ signatureField }) => signatureField ?? [])),
  };
}

interface Piece {
  read: (view: RequestView, secret: string) => Chunk | undefined;
  signatureField?: string;
}

function splitGroups(template: string): { text: string; optional: boolean }[] {
  const groups = template.split(/(\[[^[\]]*\])/).filter((group) => group !== '');
  return groups.map((group) => {
    const optional = group.startsWith('[') && group.endsWith(']');
    const text = optional ? group.slice(1, -1) : group;
    if (/[[\]]/.test(text)) throw new Error(`a bracket in "${template}" is never closed or never opened`);
    return { text, optional };
  });
}

function compilePiece(piece: string, forms: CanonicalForms): Piece {
  if (!piece.startsWith('{')) return { read: () => piece };
  const inside = piece.slice(1, -1).trim();
  if (inside === 'secret') return { read: (_view, secret) => secret };
  if (inside.startsWith('canonical:')) return { read: canonicalForm(inside.slice('canonical:'.length), forms) };
  const place = parsePlace(inside, signedPlaces);
  const read = compileChunk(place);
  return {
    read: (view) => wellFormed(read(view)),
    ...(place.kind === 'sig' ? { signatureField: place.name } : {}),
  };
}

function canonicalForm(name: string, forms: CanonicalForms): Piece['read'] {
  const form = forms.get(name);
  if (form === undefined) throw new Error(`there is no canonical form "${name}"`);
  return (view) => form(view.item());
}

/** Half a surrogate pair has no bytes of its own: hashed, it would be the same as any other half. */
function wellFormed(chunk: Chunk | undefined): Chunk | undefined {
  return typeof chunk === 'string' && /\p{Surrogate}/u.test(chunk) ? undefined : chunk;
}
