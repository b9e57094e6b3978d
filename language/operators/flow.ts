import type { Json } from '../json.ts';
import { isTruthy, type Application, type Operator, type OperatorTable } from './operator.ts';

const conditional: Operator = { arity: [2, Infinity], lazy: true, apply: firstThatHolds };

/** These evaluate only the arguments that decide the result. */
export const flowOperators = {
  if: conditional,
  '?:': conditional,
  and: { arity: [1, Infinity], lazy: true, apply: (application) => firstOrLast(application, false) },
  or: { arity: [1, Infinity], lazy: true, apply: (application) => firstOrLast(application, true) },
  /** Returns its argument without evaluating it, for data that looks like an expression. */
  literal: { arity: [1, 1], lazy: true, apply: ({ args: [value = null] }) => value },
} satisfies OperatorTable;

/** Pairs of condition and result, then the result of "else". Null without an "else". */
function firstThatHolds({ args, data, evaluate }: Application): Json {
  let position = 0;
  for (; position + 1 < args.length; position += 2) {
    if (isTruthy(evaluate(args[position] ?? null, data))) return evaluate(args[position + 1] ?? null, data);
  }
  return position < args.length ? evaluate(args[position] ?? null, data) : null;
}

function firstOrLast({ args, data, evaluate }: Application, truth: boolean): Json {
  let value: Json = null;
  for (const arg of args) {
    value = evaluate(arg, data);
    if (isTruthy(value) === truth) return value;
  }
  return value;
}
