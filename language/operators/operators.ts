import type { Json, JsonObject } from '../json.ts';
import { arithmeticOperators } from './arithmetic.ts';
import { comparisonOperators } from './comparison.ts';
import { encodingOperators } from './encoding.ts';
import { flowOperators } from './flow.ts';
import { jsonLogicOperators } from './jsonlogic.ts';
import { listOperators } from './lists.ts';
import { lookupOperators } from './lookup.ts';
import { moneyOperators } from './money.ts';
import { objectOperators } from './objects.ts';
import type { Operator, OperatorTable } from './operator.ts';
import { textOperators } from './text.ts';
import { timeOperators } from './time.ts';

/** The operators of JsonLogic without `log`, and those that Kait adds. Nothing else can be called. */
export const operators = {
  ...lookupOperators,
  ...flowOperators,
  ...comparisonOperators,
  ...arithmeticOperators,
  ...listOperators,
  ...textOperators,
  ...encodingOperators,
  ...objectOperators,
  ...timeOperators,
  ...moneyOperators,
  ...jsonLogicOperators,
} satisfies OperatorTable;

export type OperatorName = keyof typeof operators;

export const operatorNames: readonly string[] = Object.keys(operators);

/** The operator of `{"<operator>": <arguments>}`. Undefined: the object does not have that form. */
export function operatorOf(value: JsonObject): { name: string; operator: Operator } | undefined {
  const keys = Object.keys(value);
  const [name] = keys;
  if (name === undefined || keys.length > 1) return undefined;
  return isOperatorName(name) ? { name, operator: operators[name] } : undefined;
}

/** Operators whose plain argument says something, a path or data, and one that nobody uses as a name. */
const takingPlain = ['var', 'missing', 'literal', 'jsonlogic'];

/**
 * The operator of an object in a template, where objects are data unless they are expressions. `{"number": "4111"}` and
 * `{"sort": "asc"}` are data: as expressions they would read nothing.
 */
export function operatorInTemplate(template: JsonObject): { name: string; operator: Operator } | undefined {
  const found = operatorOf(template);
  if (found === undefined || takingPlain.includes(found.name)) return found;
  const argument = template[found.name] ?? null;
  const isPlain = argument === null || typeof argument !== 'object';
  return isPlain && !String(argument).includes('{{') ? undefined : found;
}

function isOperatorName(name: string): name is OperatorName {
  return Object.hasOwn(operators, name);
}

/** JsonLogic's shorthand: an argument that is not a list stands for a list of it. */
export function argumentsOf(name: string, value: JsonObject): Json[] {
  const args = value[name] ?? null;
  return Array.isArray(args) && name !== 'literal' ? args : [args];
}

/** Whether the operator takes that many arguments. */
export function takes({ arity: [min, max] }: Operator, count: number): boolean {
  return count >= min && count <= max;
}

/** `2 arguments`, `2 or 3 arguments`, `at least 1 argument`, `any number of arguments`. */
export function describeArity({ arity: [min, max] }: Operator): string {
  const noun = (max === Infinity ? min : max) === 1 ? 'argument' : 'arguments';
  if (max === Infinity) return min === 0 ? 'any number of arguments' : `at least ${min} ${noun}`;
  if (min === max) return `${min} ${noun}`;
  return `${min}${max - min === 1 ? ' or' : ' to'} ${max} ${noun}`;
}
