import { compileSelector, parseSelector, type SelectorKind, type ReadText, splitBraces } from '../selector.ts';
import type { RequestView } from '../request-view.ts';

/** Selectors that a question may use: of the event that it is about, and of the source's settings. */
export const askedSelectors: readonly SelectorKind[] = ['json', 'item', 'form', 'cfg', 'arrival', 'text'];

/** How `{now:…}` and `{since:…}` are written, in UTC and in whole seconds. `digits` is 20261125080000. */
const momentFormats = ['unix', 'unixms', 'rfc3339', 'local', 'date', 'digits'] as const;

/**
 * The question's own values, in the same braces: `api` is the address of the gateway's API; `key` the API key; `basic` the same
 * for an `Authorization` header (as the user name, or as `user:password`); `token` the answer of the token request; `body`
 * the request's own body; `signed:name`; `now:rfc3339`; and in lists `since:unix`.
 */
const ownSelector = /^(?:api|key|basic|token|body|signed:[a-z][A-Za-z0-9]*|(?:now|since):[a-z0-9]+)$/;

export interface AskText {
  /** Fills the template in. The view's `signatureFields` are the question's own values. Throws {@link ValueMissingError}. */
  read: (view: RequestView) => string;
  /** The question's own values that it uses. */
  uses: ReadonlySet<string>;
}

/** The question cannot be asked about this event, because a value is missing. The message holds no values. */
export class ValueMissingError extends Error {
  constructor(selector: string) {
    super(`no usable ${selector}`);
    this.name = 'ValueMissingError';
  }
}

/**
 * Text with selectors in braces, `{api}/v2/{json:/order_id}/status`. A missing or empty value makes the whole text impossible,
 * unless the selector has `| opt`. `encode` is applied to every value; undefined makes the text impossible too. Throws an
 * `Error` that explains what is wrong with the template.
 */
export function compileAskText(
  template: string,
  encode: (text: string) => string | undefined = (text) => text,
): AskText {
  const pieces = splitBraces(template).map((piece) => compilePiece(piece, encode));
  return {
    read: (view) =>
      pieces
        .map(({ selector, read }) => {
          const filled = read(view);
          if (filled === undefined) throw new ValueMissingError(selector);
          return filled;
        })
        .join(''),
    uses: new Set(pieces.flatMap(({ own }) => own ?? [])),
  };
}

interface Piece {
  /** As written in the preset. */
  selector: string;
  read: ReadText;
  own?: string;
}

function compilePiece(piece: string, encode: (text: string) => string | undefined): Piece {
  if (!piece.startsWith('{')) return { selector: piece, read: () => piece };
  const selector = piece.slice(1, -1).trim();
  const [name = '', ...filters] = selector.split(' | ');
  const own = ownSelector.test(name) ? name : undefined;
  checkMoment(own);
  const parsed =
    own === undefined
      ? parseSelector(selector, askedSelectors)
      : parseSelector([`sig:${own}`, ...filters].join(' | '), ['sig']);
  const read = compileSelector(parsed);
  return {
    selector,
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
  throw new Error(`"${format}" is not a time format. Expected one of ${momentFormats.join(', ')}.`);
}

/** The values `now:unix`, `now:rfc3339` … of a time. */
export function momentFields(name: 'now' | 'since', atMs: number): [name: string, text: string][] {
  return momentFormats.map((format) => [`${name}:${format}`, written(atMs, format)]);
}

function written(atMs: number, format: (typeof momentFormats)[number]): string {
  const seconds = new Date(atMs).toISOString().slice(0, 19);
  switch (format) {
    case 'unix':
      return String(Math.floor(atMs / 1_000));
    case 'unixms':
      return String(Math.floor(atMs));
    case 'rfc3339':
      return `${seconds}Z`;
    case 'local':
      return seconds.replace('T', ' ');
    case 'date':
      return seconds.slice(0, 10);
    case 'digits':
      return seconds.replace(/\D/g, '');
  }
}
