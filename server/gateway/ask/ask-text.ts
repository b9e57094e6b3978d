import { compilePlace, parsePlace, type PlaceKind, type ReadPlace } from '../place.ts';
import type { RequestView } from '../request-view.ts';
import { splitBraces } from '../split-braces.ts';

/** What a question may take from the event that it is about, and from the source's settings. */
export const askedPlaces: readonly PlaceKind[] = ['json', 'item', 'form', 'cfg', 'arrival', 'text'];

/** How `{now:…}` and `{since:…}` are written, in UTC and in whole seconds. `digits` is 20261125080000. */
export const momentFormats = ['unix', 'unixms', 'rfc3339', 'local', 'date', 'digits'] as const;

/**
 * Places of the question itself, in the same braces: `api` the address of the gateway's API; `key` the API key, `basic` the
 * same for an `Authorization` header (as the user's name, or as `user:password`); `token` what the request for one gave; `body`
 * the request's own body; `signed:name`; `now:rfc3339` and, in lists, `since:unix`.
 */
const ownPlace = /^(?:api|key|basic|token|body|signed:[a-z][A-Za-z0-9]*|(?:now|since):[a-z0-9]+)$/;

export interface AskText {
  /**
   * Fills the template in. The view's `signatureFields` are the question's own places by their names. Throws a
   * {@link PlaceMissingError}.
   */
  read: (view: RequestView) => string;
  /** The question's own places that it takes. */
  uses: ReadonlySet<string>;
}

/** A question cannot be asked about an event, since something that it needs is not there. The message has no values. */
export class PlaceMissingError extends Error {
  constructor(place: string) {
    super(`there is no usable ${place}`);
    this.name = 'PlaceMissingError';
  }
}

/**
 * Text with places in braces, `{api}/v2/{json:/order_id}/status`. What is absent or empty makes the whole text impossible,
 * unless the place is `| opt`. `encode` is for everything that is filled in; undefined refuses it. Throws an `Error` that
 * says what is wrong with the template.
 */
export function compileAskText(
  template: string,
  encode: (text: string) => string | undefined = (text) => text,
): AskText {
  const pieces = splitBraces(template).map((piece) => compilePiece(piece, encode));
  return {
    read: (view) =>
      pieces
        .map(({ place, read }) => {
          const filled = read(view);
          if (filled === undefined) throw new PlaceMissingError(place);
          return filled;
        })
        .join(''),
    uses: new Set(pieces.flatMap(({ own }) => own ?? [])),
  };
}

interface Piece {
  /** As it is written. */
  place: string;
  read: ReadPlace;
  own?: string;
}

function compilePiece(piece: string, encode: (text: string) => string | undefined): Piece {
  if (!piece.startsWith('{')) return { place: piece, read: () => piece };
  const place = piece.slice(1, -1).trim();
  const [name = '', ...filters] = place.split(' | ');
  const own = ownPlace.test(name) ? name : undefined;
  checkMoment(own);
  const parsed =
    own === undefined ? parsePlace(place, askedPlaces) : parsePlace([`sig:${own}`, ...filters].join(' | '), ['sig']);
  const read = compilePlace(parsed);
  return {
    place,
    read: (view) => {
      const text = read(view);
      return text === undefined || (text === '' && !parsed.optional) ? undefined : encode(text);
    },
    ...(own === undefined ? {} : { own }),
  };
}

function checkMoment(own: string | undefined): void {
  const format = /^(?:now|since):(.*)$/.exec(own ?? '')?.[1];
  if (format === undefined || (momentFormats as readonly string[]).includes(format)) return;
  throw new Error(`"${format}" is not a way to write a time. Known are ${momentFormats.join(', ')}.`);
}
