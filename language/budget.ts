import { ExpressionError } from './expression-error.ts';
import type { Json, JsonObject } from './json.ts';

/**
 * The budget of one evaluation. Evaluations run inside the workflow task, where they block every other run of the worker, and 83
 * bytes of nested `reduce` can build a text of 2 MB.
 */
export interface Budget {
  /** Throws if the work so far exceeds the limit. One unit is about one operator, one list item or 64 characters. */
  charge(units: number): void;
  /** Throws if expressions or data are nested too deeply. `leave` goes one level back. */
  enter(): void;
  leave(): void;
  /** The work so far, in units. */
  spent(): number;
  /** Counts work that is bounded otherwise. */
  note(units: number): void;
}

export const evaluationLimits = {
  /** About 10 ms of work. Slower operators are charged more. */
  operations: 20_000,
  /** Levels of nesting, of expressions and of data. */
  depth: 64,
  /** UTF-16 code units of a text that an operator returns. */
  textLength: 100_000,
  /** Items of a list that an operator returns. */
  arrayLength: 10_000,
  /** Characters of a result as JSON. An activity argument beyond 2 MB would block its workflow task forever. */
  resultLength: 262_144,
} as const;

/** Creates a budget. Evaluations that share it are bounded together. */
export function createBudget(): Budget {
  let operations = 0;
  let noted = 0;
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
    spent: () => operations + noted,
    note(units) {
      noted += units;
    },
  };
}

/** The cost of reading a value once, without its items. The keys of an object cost nothing until they are listed. */
export function costOf(value: unknown): number {
  if (typeof value === 'string') return value.length >> 6;
  return Array.isArray(value) ? value.length : 0;
}

/** The cost of following a path, which may have a part in every second character. */
export function costOfPath(path: Json): number {
  return typeof path === 'string' ? path.length >> 4 : 0;
}

/** Lists the keys of an object and charges for them: there may be tens of thousands, listed again by each iteration of a loop. */
export function listKeys(value: JsonObject, budget: Budget): string[] {
  const keys = Object.keys(value);
  budget.charge(keys.length);
  return keys;
}

export function overLimit(reason: string): ExpressionError {
  return new ExpressionError('KAIT_EXPRESSION_LIMIT', `The expression is too expensive: ${reason}.`);
}

/**
 * Returns `result` if it is JSON of bounded size and depth. The walk stops at the limits, because values may share parts: a small
 * graph can stand for a huge tree.
 */
export function boundedResult(result: Json, budget?: Budget): Json {
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
  budget?.note(length >> 4);
  return result;
}

/** The characters of a value without its members: brackets, commas and keys. */
function ownLength(value: Json): number {
  if (typeof value === 'string') return value.length + 2;
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', `The result is ${value}, which JSON cannot hold.`);
  }
  if (value === null || typeof value !== 'object') return String(value).length;
  if (Array.isArray(value)) return value.length + 2;
  return Object.keys(value).reduce((sum, key) => sum + key.length + 4, 2);
}
