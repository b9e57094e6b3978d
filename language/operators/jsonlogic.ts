import { boundedResult } from '../budget.ts';
import { ExpressionError } from '../expression-error.ts';
import { applyJsonLogic } from '../json-logic.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Application, OperatorTable } from './operator.ts';

/** For rules that come from elsewhere, such as query builders: they mean what json-logic-js makes of them. */
export const jsonLogicOperators = {
  jsonlogic: { arity: [1, 1], lazy: true, apply: applyRule },
} satisfies OperatorTable;

/** The rule is taken literally. The data is a template: a path that is missing there is an error, as everywhere. */
function applyRule({ args: [operand = null], data, render, budget }: Application): Json {
  if (!isOperand(operand)) {
    throw new ExpressionError('KAIT_EXPRESSION_INVALID', '"jsonlogic" takes an object {"rule": …, "data": …}.');
  }
  return applyJsonLogic(operand.rule, boundedResult(render(operand.data, data)), budget);
}

function isOperand(operand: Json): operand is JsonObject & { rule: Json; data: Json } {
  return isObject(operand) && Object.keys(operand).sort().join() === 'data,rule';
}
