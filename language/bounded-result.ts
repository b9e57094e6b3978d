import { evaluationLimits, overLimit } from './budget.ts';
import { ExpressionError } from './expression-error.ts';
import type { Json } from './json.ts';

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
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', `The result is ${value}, which is not a number that JSON holds.`);
  }
  if (value === null || typeof value !== 'object') return String(value).length;
  if (Array.isArray(value)) return value.length + 2;
  return Object.keys(value).reduce((sum, key) => sum + key.length + 4, 2);
}
