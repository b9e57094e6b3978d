import type { CanonicalEvent } from './event.ts';
import { ExpressionError } from './expression-error.ts';
import type { Json } from './json.ts';
import { exactNumberIn } from './operators/arithmetic.ts';
import { lookUp } from './path.ts';

/*
 * What a `waitFor` matches, as a text that an event for it has as well. A hash of the text finds open waits for an event, and stored events
 * for a wait. It may take two values for one that `==` tells apart ("1" and "1.0"), never the reverse: the run compares again.
 */

/** The paths of a `match` in the order in which they are compared: a JSON list. */
export function pathListOf(match: Readonly<Record<string, Json>>): string {
  return JSON.stringify(Object.keys(match).sort());
}

/** The text for a type and the values of a `match`. Null if no event can have it: a value is null, a list or an object. */
export function correlationOf(type: string, match: Readonly<Record<string, Json>>): string | null {
  const paths = Object.keys(match).sort();
  return textOf(
    type,
    paths,
    paths.map((path) => match[path] ?? null),
  );
}

/** The texts of an event, one for each type that it has and each list of paths at which it has values. */
export function correlationsOf(
  event: CanonicalEvent,
  shapes: readonly { type: string; paths: readonly string[] }[],
): string[] {
  const root = { event: event as unknown as Json }; // An envelope is JSON by construction.
  return shapes
    .filter(({ type }) => type === event.type || type === event.nativeType)
    .flatMap(({ type, paths }) => {
      const values = paths.map((path) => valueAt(path, root));
      return textOf(type, paths, values) ?? [];
    });
}

/** Null if there is none. */
function valueAt(path: string, root: Json): Json {
  try {
    const lookup = lookUp(path, root);
    return lookup.found ? lookup.value : null;
  } catch (error) {
    if (error instanceof ExpressionError) return null; // The path is too long for any value.
    throw error;
  }
}

function textOf(type: string, paths: readonly string[], values: readonly Json[]): string | null {
  const comparable = values.map(comparableOf);
  return comparable.includes(null) ? null : JSON.stringify([type, paths, comparable]);
}

/** The same for values that `==` takes for equal. */
function comparableOf(value: Json): string | null {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return `#${value === 0 ? 0 : value}`;
  if (typeof value !== 'string') return null;
  const number = numberIn(value);
  return number === undefined ? `"${value}` : `#${number}`;
}

function numberIn(text: string): number | undefined {
  try {
    return exactNumberIn('==', text);
  } catch (error) {
    if (error instanceof ExpressionError) return undefined; // It equals only the same text.
    throw error;
  }
}
