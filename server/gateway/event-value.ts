import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  checkedText,
  compileSelector,
  parseSelector,
  type ReadText,
  type Selector,
  type SelectorKind,
} from './selector.ts';
import type { RequestView } from './request-view.ts';

/** Selectors that events may be read from. They cannot reach secrets or the fields beside a signature. */
export const eventSelectors: readonly SelectorKind[] = [
  'header',
  'query',
  'path',
  'method',
  'body',
  'document',
  'json',
  'item',
  'form',
  'cfg',
  'arrival',
  'text',
];

export const alternativeSchema = checkedText(parseAlternative);

/** Schema of the alternatives that {@link compileAlternatives} takes. */
export const alternativesSchema = z.array(alternativeSchema).min(1);

/** Joins the parts of a composite value. Parts that are missing and optional are empty texts. */
export type Join = (parts: readonly string[]) => string;

/**
 * Several ways to one value, the best first: `["header:webhook-id", "json:/id + json:/status"]`. An alternative with ` + ` is a
 * composite, and exists only if all of its parts do. The first alternative that exists and is not empty counts.
 */
export function compileAlternatives(alternatives: readonly string[], join: Join): ReadText {
  const readers = alternatives.map((text) => compileComposite(text, join));
  return (view) => {
    for (const read of readers) {
      const value = read(view);
      if (value !== undefined && value !== '') return value;
    }
    return undefined;
  };
}

function compileComposite(text: string, join: Join): ReadText {
  const [first, ...rest] = parseAlternative(text).map(compileSelector);
  if (first === undefined) return () => undefined;
  if (rest.length === 0) return first;
  const parts = [first, ...rest];
  return (view) => {
    const values: string[] = [];
    for (const read of parts) {
      const value = read(view);
      if (value === undefined) return undefined;
      values.push(value);
    }
    return join(values);
  };
}

/** One composite, whose parts must all exist. Returns the selector of the first part that is missing, too. */
export function compileId(composite: string): (view: RequestView) => { id: string } | { missing: string } {
  const texts = composite.split(' + ').map((part) => part.trim());
  const parts = parseComposite(composite).map((selector, index) => ({
    text: texts[index] ?? '',
    read: compileSelector(selector),
  }));
  return (view) => {
    const values: string[] = [];
    for (const { text, read } of parts) {
      const value = read(view);
      if (value === undefined || value === '' || hasLostDigits(value)) return { missing: text };
      values.push(value);
    }
    return { id: values.length === 1 ? values.join('') : joinId(values) };
  };
}

/** A fraction with more digits than a JSON number holds. Two of them may have become one. */
function hasLostDigits(text: string): boolean {
  return /^-?\d+\.\d+$/.test(text) && text.replace(/^-?0*\.?0*/, '').replace('.', '').length > 15;
}

/** Throws an `Error` that explains what is wrong with the id of an event. */
export function parseComposite(text: string): Selector[] {
  const parts = parseAlternative(text);
  if (parts.some(({ optional }) => optional)) {
    throw new Error(`"${text}" has an optional part: the same fact could be told with and without it`);
  }
  return parts;
}

/** Throws an `Error` that explains what is wrong with an alternative. */
export function parseAlternative(text: string): Selector[] {
  return text.split(' + ').map((part) => parseSelector(part, eventSelectors));
}

/**
 * `a:b`, with `:` and `%` of the parts escaped and empty parts at the end left out. A composite always has the same number of
 * parts, so no two lists of parts become the same text.
 */
export function joinId(parts: readonly string[]): string {
  const escaped = parts.map((part) => part.replaceAll('%', '%25').replaceAll(':', '%3A'));
  while (escaped.at(-1) === '') escaped.pop();
  return escaped.join(':');
}

/** `payment.created`, for gateways that keep resource and action apart. */
export function joinType(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('.');
}

/** `Siti Nurhaliza`, for gateways that keep a name in parts. */
export function joinName(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

/** UTF-16 code units of an identifier: workflow ids, search attributes and index entries are limited. */
const identifierLimit = 256;
/** PostgreSQL accepts neither NUL nor half a surrogate pair, however they are escaped. */
const unfit = /[\p{Cc}\p{Surrogate}]/u;

/**
 * The text itself if it works as an identifier everywhere: at most 256 characters, without control characters and halves of
 * surrogate pairs. Otherwise `sha256:` and a hash, because cutting or cleaning could make two identifiers one.
 */
export function identifier(text: string): string {
  if (text.length <= identifierLimit && !unfit.test(text)) return text;
  return `sha256:${sha256Hex(JSON.stringify(text))}`; // Escaped, two different halves stay different.
}

/** Whether a text can be an identifier as it is. */
export function isIdentifier(text: string): boolean {
  return text !== '' && identifier(text) === text;
}

/** An e-mail address has at most 254 characters (RFC 5321), a name as many as somebody typed. */
const displayLimit = 320;

/** A text for people: characters that PostgreSQL does not accept become U+FFFD, and a long text is cut. */
export function displayText(text: string): string {
  return text.slice(0, displayLimit).replace(/[\p{Cc}\p{Surrogate}]/gu, '\uFFFD');
}

export function sha256Hex(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
