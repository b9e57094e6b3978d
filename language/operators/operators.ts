import { arithmeticOperators } from './arithmetic.ts';
import { comparisonOperators } from './comparison.ts';
import { flowOperators } from './flow.ts';
import { listOperators } from './lists.ts';
import { lookupOperators } from './lookup.ts';
import { moneyOperators } from './money.ts';
import { objectOperators } from './objects.ts';
import type { Operator, OperatorTable } from './operator.ts';
import { textOperators } from './text.ts';
import { timeOperators } from './time.ts';

/** The allow-list: JsonLogic's operators without `log`, and those of Kait. */
export const operators = {
  ...lookupOperators,
  ...flowOperators,
  ...comparisonOperators,
  ...arithmeticOperators,
  ...listOperators,
  ...textOperators,
  ...objectOperators,
  ...timeOperators,
  ...moneyOperators,
} satisfies OperatorTable;

export type OperatorName = keyof typeof operators;

export const operatorNames: readonly string[] = Object.keys(operators);

export function findOperator(name: string): Operator | undefined {
  return isOperatorName(name) ? operators[name] : undefined;
}

function isOperatorName(name: string): name is OperatorName {
  return Object.hasOwn(operators, name);
}
