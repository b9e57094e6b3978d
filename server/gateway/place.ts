import { createHash } from 'node:crypto';
import { closest } from '../../language/closest.ts';
import type { Json } from '../../language/json.ts';
import { headerText } from './inbound-request.ts';
import { parsePointer, pointerPattern, valueAt } from './json-pointer.ts';
import type { RequestView } from './request-view.ts';

/**
 * A place names one text of a request: `header:webhook-id`, `json:/data/id`, `item:/id`, `form:amount`, `query:id`, `path`,
 * `method`, `sig:t` (a field beside the signature), or a fixed `text:IDR`. Filters follow it: `json:/currency | upper`.
 */
export interface Place {
  kind: PlaceKind;
  /** What stands behind the colon. Header names are in lower case. */
  name: string;
  filters: Filter[];
  /** Absent counts as empty. */
  optional: boolean;
}

export type PlaceKind = keyof typeof readers;
export type ReadPlace = (view: RequestView) => string | undefined;
type Filter = keyof typeof filters;

const readers = {
  header: (name) => (view) => headerText(view.request, name),
  query: (name) => (view) => queryOf(view).get(name) ?? undefined,
  path: () => (view) => /^(?:[a-z]+:\/\/[^/?#]*)?([^?#]*)/i.exec(view.request.url)?.[1] ?? '',
  method: () => (view) => view.request.method,
  json: (name) => {
    const parts = parsePointer(name);
    return (view) => textOf(valueAt(jsonOf(view), parts));
  },
  item: (name) => {
    const parts = parsePointer(name);
    return (view) => textOf(valueAt(view.item(), parts));
  },
  form: (name) => (view) => textOf(valueAt(formOf(view), [name])),
  sig: (name) => (view) => view.signatureFields?.get(name),
  text: (name) => () => name,
} satisfies Record<string, (name: string) => ReadPlace>;

const filters = {
  lower: (text) => text.toLowerCase(),
  upper: (text) => text.toUpperCase(),
  sha256hex: (text) => createHash('sha256').update(text).digest('hex'),
  sha256b64: (text) => createHash('sha256').update(text).digest('base64'),
} satisfies Record<string, (text: string) => string>;

const nameless: readonly string[] = ['path', 'method'];

/** Throws an `Error` that says what is wrong with the text; `allowed` are the kinds that make sense where it stands. */
export function parsePlace(text: string, allowed: readonly PlaceKind[]): Place {
  const [address = '', ...suffixes] = text.split(' | ').map((part) => part.trim());
  const colon = address.indexOf(':');
  const kind = colon === -1 ? address : address.slice(0, colon);
  const name = colon === -1 ? '' : address.slice(colon + 1);
  if (!isOneOf(kind, allowed)) throw unknown('place', kind, allowed, text);
  if (nameless.includes(kind) !== (colon === -1)) {
    throw new Error(nameless.includes(kind) ? `"${kind}" stands alone` : `"${kind}:" needs a name after the colon`);
  }
  checkName(kind, name);
  const named = suffixes.filter((suffix) => suffix !== 'opt');
  return {
    kind,
    name: kind === 'header' ? name.toLowerCase() : name,
    filters: named.map((filter) => {
      if (isOneOf(filter, filterNames())) return filter;
      throw unknown('filter', filter, [...filterNames(), 'opt'], text);
    }),
    optional: named.length < suffixes.length,
  };
}

/** A function that reads the place. It returns undefined where the request has no text there, and never throws. */
export function compilePlace(place: Place): ReadPlace {
  const read = readers[place.kind](place.name);
  const apply = place.filters.map((filter) => filters[filter]);
  return (view) => {
    const text = read(view) ?? (place.optional ? '' : undefined);
    return text === undefined ? undefined : apply.reduce((value, filter) => filter(value), text);
  };
}

function checkName(kind: PlaceKind, name: string): void {
  if ((kind === 'json' || kind === 'item') && !pointerPattern.test(name)) {
    throw new Error(`"${name}" is not a JSON pointer such as /data/id`);
  }
  if (kind === 'header' && !/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
    throw new Error(`"${name}" is not the name of a header`);
  }
  if (kind !== 'json' && kind !== 'item' && name === '' && !nameless.includes(kind)) {
    throw new Error(`"${kind}:" needs a name after the colon`);
  }
}

/**
 * The text that stands for a JSON value. Numbers beyond 2^53, or of too many digits, have none: two ids could become one.
 * `1.00` is `1`, so that a signature over its digits does not match and refuses. Null, lists and objects have no text.
 */
function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number') return undefined;
  const text = String(value);
  return Number.isSafeInteger(value) || (!Number.isInteger(value) && text.length <= 16) ? text : undefined;
}

function jsonOf(view: RequestView): Json | undefined {
  const body = view.body();
  return body.unreadable === undefined && !body.form ? body.document : undefined;
}

function formOf(view: RequestView): Json | undefined {
  const body = view.body();
  return body.unreadable === undefined && body.form ? body.document : undefined;
}

function queryOf(view: RequestView): URLSearchParams {
  const { url } = view.request;
  const start = url.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : url.slice(start + 1).split('#', 1)[0]);
}

function filterNames(): Filter[] {
  return Object.keys(filters) as Filter[]; // `keys` forgets the type of the keys.
}

function isOneOf<T extends string>(text: string, names: readonly T[]): text is T {
  return (names as readonly string[]).includes(text);
}

function unknown(what: string, name: string, names: readonly string[], text: string): Error {
  const near = closest(name, names);
  const hint = near === undefined ? `Known here are ${names.join(', ')}.` : `Did you mean "${near}"?`;
  return new Error(`there is no ${what} "${name}" in "${text}". ${hint}`);
}
