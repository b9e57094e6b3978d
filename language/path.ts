import { ExpressionError } from './expression-error.ts';
import type { Json } from './json.ts';
import { closest } from './closest.ts';
import { pathParts, pathText } from './path-parts.ts';
import { shortened } from './printable.ts';

/** The value at a path, or the first part of the path that is missing. */
export type Lookup = { found: true; value: Json } | { found: false; parent: Json; parentPath: string; part: string };

const longestPath = 256;
const arrayIndex = /^(?:0|[1-9][0-9]{0,9})$/;

/**
 * Follows a path, `payment.customer.email`, `items.0.sku`, `data['shop.id']`, through own properties and list items only. It cannot reach
 * prototypes, `length` or the characters of a text. After a null, the path is missing; a null at its end is a value. The empty
 * path is `data` itself.
 */
export function lookUp(path: string, data: Json): Lookup {
  if (path === '') return { found: true, value: data };
  if (path.length > longestPath) throw tooLong(path);
  const parts = pathParts(path);
  let value = data;
  for (const [position, part] of parts.entries()) {
    const next = ownMember(value, part);
    if (next === undefined) {
      return { found: false, parent: value, parentPath: pathText(parts.slice(0, position)), part };
    }
    value = next;
  }
  return { found: true, value };
}

/** Returns the value at a path. Throws an {@link ExpressionError} that names the missing part and the keys that exist. */
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

/** Names keys but never values, which may be personal data. */
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

/** Long keys are slow to compare, and nobody types them by hand. */
function isShort(key: string): boolean {
  return key.length <= 40;
}

function listOf(keys: string[]): string {
  if (keys.length === 0) return 'It is empty.';
  const more = keys.length > 12 ? ', …' : '';
  return `It has: ${keys.slice(0, 12).map(shown).join(', ')}${more}.`;
}

function shown(text: string): string {
  return shortened(text, 60);
}

/** Not the author's mistake for certain: a path may come from an event. */
function tooLong(path: string): ExpressionError {
  const message = `The path ${shown(path)} is longer than ${longestPath} characters.`;
  return new ExpressionError('KAIT_EXPRESSION_LIMIT', message);
}

/** How an evaluation treats missing paths. */
export interface Tolerance {
  /** The value at a path within `data`. A missing path is an error, except under `orNull`. */
  valueAt: (path: string, data: Json) => Json;
  /** What `evaluate` returns, or null if it reads a missing path. Other errors are thrown. */
  orNull: (evaluate: () => Json) => Json;
}

/**
 * Creates the tolerance of one evaluation. Under `orNull` all missing paths share one error without details: finding the key that was
 * meant is slow, and a loop may miss thousands of times.
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
