import { ExpressionError } from './expression-error.ts';
import type { Json, JsonObject } from './json.ts';

/**
 * What one evaluation may cost. Evaluations run inside the workflow task, where they hold up every other run of the
 * worker, and definitions may be written by many hands; 83 bytes of nested `reduce` can build a text of 2 MB.
 */
export interface Budget {
  /** Throws when the work so far exceeds the limit. One unit is about one operator, one array item or 64 characters. */
  charge(units: number): void;
  /** Throws when expressions or data are nested too deeply; `leave` takes one level back. */
  enter(): void;
  leave(): void;
}

export const evaluationLimits = {
  /** Some 10 ms of work; what is slower than a plain operator is charged more. */
  operations: 20_000,
  /** Levels of nesting, of expressions and of data. */
  depth: 64,
  /** UTF-16 code units of any text that an operator makes. */
  textLength: 100_000,
  /** Items of any array that an operator makes. */
  arrayLength: 10_000,
  /** Serialised size of a result, in characters: beyond 2 MB an activity's argument jams its workflow task for ever. */
  resultLength: 262_144,
} as const;

/** A fresh budget; one that is shared by several evaluations bounds their sum. */
export function createBudget(): Budget {
  let operations = 0;
  let depth = 0;
  return {
    charge(units) {
      operations += units;
      if (operations > evaluationLimits.operations) {
        throw overLimit(`it takes more than ${evaluationLimits.operations} operations`);
      }
    },
    enter() {
      depth += 1;
      if (depth > evaluationLimits.depth)
        throw overLimit(`it is nested more than ${evaluationLimits.depth} levels deep`);
    },
    leave() {
      depth -= 1;
    },
  };
}

/** What a value costs to look through once, its items not opened. An object's keys cost nothing until they are listed. */
export function costOf(value: unknown): number {
  if (typeof value === 'string') return value.length >> 6;
  return Array.isArray(value) ? value.length : 0;
}

/** What a path costs to follow: it may have a part in every second character. */
export function costOfPath(path: Json): number {
  return typeof path === 'string' ? path.length >> 4 : 0;
}

/** An object's keys, paid for: an event may hold an object of tens of thousands, and a loop may list them each time. */
export function listKeys(value: JsonObject, budget: Budget): string[] {
  const keys = Object.keys(value);
  budget.charge(keys.length);
  return keys;
}

export function overLimit(reason: string): ExpressionError {
  return new ExpressionError('KAIT_EXPRESSION_LIMIT', `The expression is too expensive: ${reason}.`);
}

/**
 * Returns `result` if it is JSON of bounded size and depth. The walk stops at the limits: parts may be shared, so that a
 * small graph can stand for a tree of astronomic size.
 */
export function boundedResult(result: Json): Json {
  let length = 0;
  const visit = (value: Json, depth: number): void => {
    if (depth > evaluationLimits.depth) {
      throw overLimit(`its result is nested more than ${evaluationLimits.depth} levels deep`);
    }
    length += ownLength(value);
    if (length > evaluationLimits.resultLength) {
      throw overLimit(`its result has more than ${evaluationLimits.resultLength} characters as JSON`);
    }
    if (value === null || typeof value !== 'object') return;
    for (const member of Array.isArray(value) ? value : Object.values(value)) visit(member, depth + 1);
  };
  visit(result, 0);
  return result;
}

/** Characters that a value adds by itself: brackets, commas and keys, but not its members. */
function ownLength(value: Json): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', `The result is ${value}, which JSON cannot hold.`);
  }
  if (value === null || typeof value !== 'object') return String(value).length;
  if (Array.isArray(value)) return value.length + 2;
  return Object.keys(value).reduce((sum, key) => sum + key.length + 4, 2);
}
