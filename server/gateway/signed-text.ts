import { compilePlace, parsePlace, type PlaceKind } from './place.ts';
import type { RequestView } from './request-view.ts';

const signedPlaces: readonly PlaceKind[] = ['header', 'query', 'path', 'method', 'json', 'item', 'form', 'sig'];

/** What is hashed, piece by piece, so that a large body is not copied. Undefined: the request lacks a piece. */
export type ReadSignedText = (view: RequestView, secret: string) => (string | Buffer)[] | undefined;

export interface SignedText {
  read: ReadSignedText;
  /** Names of the fields beside the signature that the text needs: `t` for `{sig:t}.{body}`. */
  signatureFields: string[];
}

/**
 * The text under a signature, `{sig:t}.{body}`: fixed characters, and in braces a place, `body` (the bytes as they came), or
 * `secret`. Throws an `Error` that says what is wrong with the template.
 */
export function compileSignedText(template: string): SignedText {
  const pieces = splitTemplate(template).map(compilePiece);
  return {
    read: (view, secret) => {
      const chunks: (string | Buffer)[] = [];
      for (const piece of pieces) {
        const chunk = piece.read(view, secret);
        if (chunk === undefined) return undefined;
        chunks.push(chunk);
      }
      return chunks;
    },
    signatureFields: pieces.flatMap(({ signatureField }) => signatureField ?? []),
  };
}

interface Piece {
  read: (view: RequestView, secret: string) => string | Buffer | undefined;
  signatureField?: string;
}

function splitTemplate(template: string): string[] {
  const pieces = template.split(/(\{[^{}]*\})/).filter((piece) => piece !== '');
  if (pieces.some((piece) => /[{}]/.test(piece.replace(/^\{(.*)\}$/, '$1')))) {
    throw new Error(`a brace in "${template}" is never closed or never opened`);
  }
  return pieces;
}

function compilePiece(piece: string): Piece {
  if (!piece.startsWith('{')) return { read: () => piece };
  const inside = piece.slice(1, -1).trim();
  if (inside === 'body') return { read: (view) => view.request.body };
  if (inside === 'secret') return { read: (_view, secret) => secret };
  const place = parsePlace(inside, signedPlaces);
  const read = compilePlace(place);
  return {
    read: (view) => wellFormed(read(view)),
    ...(place.kind === 'sig' ? { signatureField: place.name } : {}),
  };
}

/** Half a surrogate pair has no bytes of its own: hashed, it would be the same as any other half. */
function wellFormed(text: string | undefined): string | undefined {
  return text === undefined || /\p{Surrogate}/u.test(text) ? undefined : text;
}
