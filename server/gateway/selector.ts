import { z } from 'zod';
import { suggest } from '../../language/closest.ts';
import type { Json } from '../../language/json.ts';
import { filters, type Chunk, type Filter } from './filters.ts';
import { valueOf } from './read-body.ts';
import { headerText, type RequestView } from './request-view.ts';
import { parsePointer, pointerPattern, valueAt } from './json-pointer.ts';

/**
 * Names one text of a request: `header:webhook-id`, `json:/data/id`, `item:/id`, `form:amount`, `query:id`, `path`, `method`,
 * `body` (the bytes as received), `document` (the event as JSON, however it was spelled), `sig:t` (a field beside the signature). `cfg:webhookId` is a setting of the source,
 * `cfg:publicUrl` the address that the gateway uses, `arrival` the time the request arrived, `text:IDR` a constant. Filters
 * follow: `json:/currency | upper`. With `| opt`, a missing text counts as empty.
 */
export interface Selector {
  kind: SelectorKind;
  /** The part after the colon. Header names are in lower case. */
  name: string;
  filters: Filter[];
  /** A missing text counts as empty. */
  optional: boolean;
}

export type SelectorKind = keyof typeof readers;
export type ReadText = (view: RequestView) => string | undefined;
/** Like {@link ReadText}, but bytes stay bytes. */
export type ReadChunk = (view: RequestView) => Chunk | undefined;

const readers = {
  header: (name) => (view) => headerText(view.request, name),
  query: (name) => (view) => queryOf(view).get(name) ?? undefined,
  path: () => (view) => view.settings.publicPath ?? pathOf(view.request.url),
  method: () => (view) => view.request.method,
  body: () => (view) => view.request.body,
  document: () => (view) => {
    const item = view.item();
    return item === undefined ? undefined : JSON.stringify(item);
  },
  json: (name) => {
    const parts = parsePointer(name);
    return (view) => textOf(valueAt(documentOf(view), parts));
  },
  item: (name) => {
    const parts = parsePointer(name);
    return (view) => textOf(valueAt(view.item(), parts));
  },
  form: (name) => (view) => {
    const fields = view.form().fields?.get(name);
    return fields && textOf(onlyValue(valueOf(name, fields)));
  },
  sig: (name) => (view) => view.signatureFields?.get(name),
  cfg: (name) => (view) => (Object.hasOwn(view.settings, name) ? view.settings[name] : undefined),
  arrival: () => (view) => view.receivedAt ?? undefined,
  text: (name) => () => name,
} satisfies Record<string, (name: string) => ReadChunk>;

const nameless: readonly string[] = ['path', 'method', 'body', 'document', 'arrival'];

/** Schema of a selector's text. `allowed` are the kinds that make sense where it is used. */
export function selectorSchema(allowed: readonly SelectorKind[]): z.ZodString {
  return checkedText((text) => parseSelector(text, allowed));
}

/** Schema of a text that `parse` accepts. The message of what it throws becomes the finding's message. */
export function checkedText(parse: (text: string) => unknown): z.ZodString {
  return z.string().superRefine((text, context) => {
    try {
      parse(text);
    } catch (error) {
      context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
    }
  });
}

/** Throws an `Error` that explains what is wrong with the text. */
export function parseSelector(text: string, allowed: readonly SelectorKind[]): Selector {
  const [address = '', ...suffixes] = text.split(' | ').map((part) => part.trim());
  const colon = address.indexOf(':');
  const kind = colon === -1 ? address : address.slice(0, colon);
  const name = colon === -1 ? '' : address.slice(colon + 1);
  if (!isOneOf(kind, allowed)) throw unknown('selector', kind, allowed, text);
  checkName(kind, name, colon !== -1);
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

/** Returns a function that reads the text. It never throws; it returns undefined if the request has no such text. */
export function compileSelector(selector: Selector): ReadText {
  const read = compileChunk(selector);
  return (view) => {
    const chunk = read(view);
    return chunk === undefined ? undefined : String(chunk);
  };
}

export function compileChunk(selector: Selector): ReadChunk {
  const read = readers[selector.kind](selector.name);
  const apply = selector.filters.map((filter) => filters[filter]);
  return (view) => {
    let chunk: Chunk | undefined = read(view);
    for (const filter of apply) chunk = chunk === undefined ? undefined : filter(chunk);
    return chunk ?? (selector.optional ? '' : undefined);
  };
}

/**
 * The pieces of a template in turn: fixed characters, and selectors with their braces. Throws an `Error` if a brace has no
 * partner.
 */
export function splitBraces(template: string): string[] {
  const pieces = template.split(/(\{[^{}]*\})/).filter((piece) => piece !== '');
  if (pieces.some((piece) => /[{}]/.test(piece.replace(/^\{(.*)\}$/, '$1')))) {
    throw new Error(`"${template}" has an unmatched brace`);
  }
  return pieces;
}

function checkName(kind: SelectorKind, name: string, hasColon: boolean): void {
  const isPointer = kind === 'json' || kind === 'item';
  if (nameless.includes(kind)) {
    if (hasColon) throw new Error(`"${kind}" takes no name`);
    return;
  }
  if (!hasColon || (name === '' && !isPointer && kind !== 'header')) {
    throw new Error(`"${kind}:" needs a name after the colon`);
  }
  if (isPointer && !pointerPattern.test(name)) {
    throw new Error(`"${name}" is not a JSON pointer such as /data/id`);
  }
  if (kind === 'header' && !/^[\w!#$%&'*+.^`|~-]+$/.test(name)) throw new Error(`"${name}" is not a header name`);
}

/**
 * The text of a JSON value. Numbers beyond 2^53 are texts already: see `parseJson`. `1.00` is `1`, so a signature over its digits
 * is rejected. Null, lists and objects have no text.
 */
function textOf(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return String(value);
  if (typeof value !== 'number') return undefined;
  return Number.isSafeInteger(value) || !Number.isInteger(value) ? String(value) : undefined;
}

/** The value of a field whose name ends with `[]`. If there are several values, none is read. */
function onlyValue(value: Json | undefined): Json | undefined {
  return Array.isArray(value) && value.length === 1 ? value[0] : value;
}

/** Fields of a form are only reachable as `form:name`. */
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
  const hint = suggest(name, names, `Expected one of ${names.join(', ')}.`);
  return new Error(`unknown ${what} "${name}" in "${text}". ${hint}`);
}
