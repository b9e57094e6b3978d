import { costOf, createBudget, listKeys, type Budget } from '../budget.ts';
import { ExpressionError } from '../expression-error.ts';
import type { Json, JsonObject } from '../json.ts';
import { exactNumberIn } from './arithmetic.ts';
import { isTruthy, typeName, wrongType, type Application, type Operator, type OperatorTable } from './operator.ts';

/** Only two numbers or two texts can be ordered. In JavaScript, null >= 0 and "10" < "9" are true. */
export const comparisonOperators = {
  '==': { arity: [2, 2], apply: equal },
  '!=': { arity: [2, 2], apply: (application) => !equal(application) },
  '===': { arity: [2, 2], apply: same },
  '!==': { arity: [2, 2], apply: (application) => !same(application) },
  '>': ordered([2, 2], (sign) => sign > 0),
  '>=': ordered([2, 2], (sign) => sign >= 0),
  '<': ordered([2, 3], (sign) => sign < 0),
  '<=': ordered([2, 3], (sign) => sign <= 0),
  '!': { arity: [1, 1], apply: ({ args: [value = null] }) => !isTruthy(value) },
  '!!': { arity: [1, 1], apply: ({ args: [value = null] }) => isTruthy(value) },
  in: { arity: [2, 2], apply: isIn },
} satisfies OperatorTable;

/** Whether two values have the same type and content; lists and objects by their members, in any order of keys. */
function sameValue(a: Json, b: Json, budget: Budget): boolean {
  budget.charge(1 + costOf(a));
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return a === b;
  budget.enter();
  const result = sameMembers(a, b, budget);
  budget.leave();
  return result;
}

function sameMembers(a: Json[] | JsonObject, b: Json[] | JsonObject, budget: Budget): boolean {
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) && a.length === b.length && a.every((item, index) => sameValue(item, b[index] ?? null, budget))
    );
  }
  if (Array.isArray(b)) return false;
  const keys = listKeys(a, budget);
  if (keys.length !== listKeys(b, budget).length) return false;
  return keys.every((key) => Object.hasOwn(b, key) && sameValue(a[key] ?? null, b[key] ?? null, budget));
}

function same({ args: [a = null, b = null], budget }: Application): boolean {
  return sameValue(a, b, budget);
}

/** Whether `==` holds for two values. Texts that spell numbers beyond 2^53 equal only the same text. */
export function isEqual(a: Json, b: Json): boolean {
  const [text, number] = typeof a === 'string' ? [a, b] : [b, a];
  if (typeof text !== 'string' || typeof number !== 'number') return sameValue(a, b, createBudget());
  try {
    return exactNumberIn('==', text) === number;
  } catch (error) {
    if (error instanceof ExpressionError) return false; // It spells a number that no double holds.
    throw error;
  }
}

/** Like {@link same}, but a number also equals a text that spells it: gateways send amounts either way. */
function equal({ name, args: [a = null, b = null], budget }: Application): boolean {
  if (typeof a === 'number' && typeof b === 'string') return a === exactNumberIn(name, b);
  if (typeof a === 'string' && typeof b === 'number') return exactNumberIn(name, a) === b;
  return sameValue(a, b, budget);
}

/** With three arguments: both neighbouring pairs are in order. */
function ordered(arity: Operator['arity'], holds: (sign: number) => boolean): Operator {
  return {
    arity,
    apply: ({ name, args }) =>
      args.slice(1).every((right, position) => holds(order(name, args[position] ?? null, right))),
  };
}

function order(name: string, a: Json, b: Json): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b);
  throw new ExpressionError(
    'KAIT_EXPRESSION_TYPE',
    `"${name}" compares two numbers or two texts, got ${typeName(a)} and ${typeName(b)}.`,
  );
}

function isIn({ name, args: [needle = null, haystack = null], budget }: Application): boolean {
  if (Array.isArray(haystack)) return haystack.some((item) => sameValue(needle, item, budget));
  if (typeof haystack !== 'string') throw wrongType(name, 'a list or a text to look in', haystack);
  if (typeof needle !== 'string') throw wrongType(name, 'a text to look for in a text', needle);
  // In the worst case, the engine compares every character with every other.
  budget.charge(Math.floor((needle.length * haystack.length) / 4_096));
  return haystack.includes(needle);
}
