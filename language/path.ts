import { ExpressionError } from './expression-error.ts';
import type { Json } from './json.ts';
import { closest } from './closest.ts';

/** The value at a path, or the path's first part that is not there. */
export type Lookup = { found: true; value: Json } | { found: false; parent: Json; parentPath: string; part: string };

const longestPath = 256;
const arrayIndex = /^(?:0|[1-9][0-9]{0,9})$/;

/**
 * Follows a dotted path, `payment.customer.email`, `items.0.sku`, through own properties and array items only: nothing
 * of a prototype can be reached, and neither `length` nor the characters of a text. A null on the way ends the path as
 * missing; a null at its end is a value. The empty path is `data` itself.
 */
export function lookUp(path: string, data: Json): Lookup {
  if (path === '') return { found: true, value: data };
  if (path.length > longestPath) throw invalidPath(path, `is longer than ${longestPath} characters`);
  const parts = path.split('.');
  let value = data;
  for (const [position, part] of parts.entries()) {
    const next = ownMember(value, part);
    if (next === undefined) {
      return { found: false, parent: value, parentPath: parts.slice(0, position).join('.'), part };
    }
    value = next;
  }
  return { found: true, value };
}

/** The value at a path; throws an {@link ExpressionError} that says which part is missing and what is there instead. */
function requireAt(path: string, data: Json): Json {
  const lookup = lookUp(path, data);
  if (lookup.found) return lookup.value;
  throw new ExpressionError('KAIT_PATH_MISSING', `${shown(path)} is missing: ${reasonMissing(lookup)}`);
}

function ownMember(value: Json, part: string): Json | undefined {
  if (Array.isArray(value)) return arrayIndex.test(part) ? value[Number(part)] : undefined;
  if (value !== null && typeof value === 'object') return Object.hasOwn(value, part) ? value[part] : undefined;
  return undefined;
}

/** Names keys, never values: they may be anybody's data. */
function reasonMissing({ parent, parentPath, part }: Lookup & { found: false }): string {
  const where = parentPath === '' ? 'the data here' : shown(parentPath);
  if (parent === null) return `${where} is null, so it has no "${shown(part)}".`;
  if (Array.isArray(parent)) return `${where} is a list of ${parent.length}, so it has no "${shown(part)}".`;
  if (typeof parent !== 'object') return `${where} is a ${typeof parent}, so it has no "${shown(part)}".`;
  const keys = Object.keys(parent);
  const near = closest(part, keys.slice(0, 200).filter(isShort)); // A body may have very many.
  const question = near === undefined ? '' : ` Did you mean "${shown(near)}"?`;
  return `${where} has no "${shown(part)}".${question} ${listOf(keys)}`;
}

/** Comparing long keys takes long, and nobody mistypes one. */
function isShort(key: string): boolean {
  return key.length <= 40;
}

function listOf(keys: string[]): string {
  if (keys.length === 0) return 'It is empty.';
  const more = keys.length > 12 ? ', …' : '';
  return `It has: ${keys.slice(0, 12).map(shown).join(', ')}${more}.`;
}

function shown(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function invalidPath(path: string, why: string): ExpressionError {
  return new ExpressionError('KAIT_EXPRESSION_INVALID', `The path ${shown(path)} ${why}.`);
}

/** How one evaluation treats paths that lead nowhere. */
export interface Tolerance {
  /** The value at a path within `data`. What is not there is an error, except under `orNull`. */
  valueAt: (path: string, data: Json) => Json;
  /** What `evaluate` returns, or null where it asks for a path that leads nowhere. Other errors pass. */
  orNull: (evaluate: () => Json) => Json;
}

/**
 * An error that is caught at once has no message of its own: to find out which key was meant takes longer than all the rest, and
 * a loop may miss thousands of times.
 */
export function createTolerance(): Tolerance {
  let tolerant = false;
  let missing: ExpressionError | undefined;
  return {
    valueAt(path, data) {
      if (!tolerant) return requireAt(path, data);
      const lookup = lookUp(path, data);
      if (lookup.found) return lookup.value;
      throw (missing ??= new ExpressionError('KAIT_PATH_MISSING', 'A path leads nowhere.'));
    },
    orNull(evaluate) {
      const before = tolerant;
      tolerant = true;
      try {
        return evaluate();
      } catch (error) {
        if (error instanceof ExpressionError && error === missing) return null;
        throw error;
      } finally {
        tolerant = before;
      }
    },
  };
}
