import { compilePlace, parsePlace, type Place, type PlaceKind, type ReadPlace } from './place.ts';

/** What an event may be read from. Secrets and the fields beside a signature are no part of it. */
export const eventPlaces: readonly PlaceKind[] = [
  'header',
  'query',
  'path',
  'method',
  'body',
  'json',
  'item',
  'form',
  'cfg',
  'arrival',
  'text',
];

/** Joins the parts of a composite value; parts that are absent and optional come as empty texts. */
export type Join = (parts: readonly string[]) => string;

/**
 * Several ways to the same value, the best first: `["header:webhook-id", "json:/id + json:/status"]`. An alternative with
 * ` + ` is a composite, and there only where all of its parts are. The first that is there and not empty counts.
 */
export function compileAlternatives(alternatives: readonly string[], join: Join): ReadPlace {
  const readers = alternatives.map((text) => compileComposite(text, join));
  return (view) => {
    for (const read of readers) {
      const value = read(view);
      if (value !== undefined && value !== '') return value;
    }
    return undefined;
  };
}

/** Throws an `Error` that says what is wrong with an alternative. */
export function parseAlternative(text: string): Place[] {
  return text.split(' + ').map((part) => parsePlace(part, eventPlaces));
}

/**
 * `a:b`, in which `:` and `%` of the parts are escaped and empty parts at the end left out: since one composite always has
 * the same number of parts, no two lists of parts become the same text.
 */
export function joinId(parts: readonly string[]): string {
  const escaped = parts.map((part) => part.replaceAll('%', '%25').replaceAll(':', '%3A'));
  while (escaped.at(-1) === '') escaped.pop();
  return escaped.join(':');
}

/** `payment.created`: how gateways that split resource and action write the two together. */
export function joinType(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('.');
}

/** `Siti Nurhaliza`: a name that the gateway keeps in parts. */
export function joinName(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' ');
}

function compileComposite(text: string, join: Join): ReadPlace {
  const [first, ...rest] = parseAlternative(text).map(compilePlace);
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
