import { suggest } from '../../language/closest.ts';
import type { Json } from '../../language/json.ts';
import { filters, type Chunk, type Filter } from './filters.ts';
import { headerText } from './inbound-request.ts';
import { parsePointer, pointerPattern, valueAt } from './json-pointer.ts';
import type { RequestView } from './request-view.ts';

/**
 * A place names one text of a request: `header:webhook-id`, `json:/data/id`, `item:/id`, `form:amount`, `query:id`, `path`,
 * `method`, `body` (the bytes as they came), `sig:t` (a field beside the signature); `cfg:webhookId` is a setting of the
 * source, `cfg:publicUrl` how the gateway reaches it, `arrival` the time when the request came, `text:IDR` always the same.
 * Filters follow it: `json:/currency | upper`. With `| opt` what is absent counts as empty.
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
/** Like {@link ReadPlace}, but bytes stay bytes. */
export type ReadChunk = (view: RequestView) => Chunk | undefined;

const readers = {
  header: (name) => (view) => headerText(view.request, name),
  query: (name) => (view) => queryOf(view).get(name) ?? undefined,
  path: () => (view) => view.settings.publicPath ?? pathOf(view.request.url),
  method: () => (view) => view.request.method,
  body: () => (view) => view.request.body,
  json: (name) => {
    const parts = parsePointer(name);
    return (view) => textOf(valueAt(documentOf(view), parts));
  },
  item: (name) => {
    const parts = parsePointer(name);
    return (view) => textOf(valueAt(view.item(), parts));
  },
  form: (name) => (view) => textOf(valueAt(view.body().form ?? undefined, [name])),
  sig: (name) => (view) => view.signatureFields?.get(name),
  cfg: (name) => (view) => (Object.hasOwn(view.settings, name) ? view.settings[name] : undefined),
  arrival: () => (view) => view.receivedAt ?? undefined,
  text: (name) => () => name,
} satisfies Record<string, (name: string) => ReadChunk>;

const nameless: readonly string[] = ['path', 'method', 'body', 'arrival'];

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
  const read = compileChunk(place);
  return (view) => {
    const chunk = read(view);
    return chunk === undefined ? undefined : String(chunk);
  };
}

export function compileChunk(place: Place): ReadChunk {
  const read = readers[place.kind](place.name);
  const apply = place.filters.map((filter) => filters[filter]);
  return (view) => {
    let chunk: Chunk | undefined = read(view);
    for (const filter of apply) chunk = chunk === undefined ? undefined : filter(chunk);
    return chunk ?? (place.optional ? '' : undefined);
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

/** The fields of a form are the places `form:name`, and nowhere else. */
function documentOf(view: RequestView): Json | undefined {
  const body = view.body();
  return body.unreadable === undefined && body.document !== body.form ? body.document : undefined;
}

function pathOf(url: string): string {
  return /^(?:[a-z]+:\/\/[^/?#]*)?([^?#]*)/i.exec(url)?.[1] ?? '';
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
  const hint = suggest(name, names, `Known here are ${names.join(', ')}.`);
  return new Error(`there is no ${what} "${name}" in "${text}". ${hint}`);
}
