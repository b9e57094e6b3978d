import { evaluationLimits, overLimit } from '../budget.ts';
import type { Json } from '../json.ts';
import { isTruthy, wrongType, type Application, type OperatorTable } from './operator.ts';

/** Inside the second argument, paths start at the current item: `{"var": "qty"}`; `{"var": ""}` is the item itself. */
export const listOperators: OperatorTable = {
  map: { arity: [2, 2], lazy: true, apply: (call) => listOf(call).map((item) => perItem(call, item)) },
  filter: { arity: [2, 2], lazy: true, apply: (call) => listOf(call).filter((item) => holds(call, item)) },
  /** Of an empty list false, as JsonLogic has it. */
  all: { arity: [2, 2], lazy: true, apply: (call) => every(listOf(call), (item) => holds(call, item)) },
  some: { arity: [2, 2], lazy: true, apply: (call) => listOf(call).some((item) => holds(call, item)) },
  none: { arity: [2, 2], lazy: true, apply: (call) => !listOf(call).some((item) => holds(call, item)) },
  reduce: { arity: [2, 3], lazy: true, apply: reduce },
  merge: { arity: [0, Infinity], apply: merge },
};

/** Paths start at `current` and `accumulator`. */
function reduce(call: Application): Json {
  const { args, data, evaluate } = call;
  const initial = args[2] === undefined ? null : evaluate(args[2], data);
  return listOf(call).reduce(
    (accumulator: Json, current) => evaluate(args[1] ?? null, { current, accumulator }),
    initial,
  );
}

function merge({ args }: Application): Json {
  const length = args.reduce((sum: number, arg) => sum + (Array.isArray(arg) ? arg.length : 1), 0);
  if (length > evaluationLimits.arrayLength) {
    throw overLimit(`a list gets longer than ${evaluationLimits.arrayLength} items`);
  }
  return args.flat();
}

function listOf({ name, args, data, evaluate, compatible }: Application): Json[] {
  const list = evaluate(args[0] ?? null, data);
  if (Array.isArray(list)) return list;
  if (compatible) return [];
  throw wrongType(name, 'a list', list);
}

function perItem({ args, evaluate }: Application, item: Json): Json {
  return evaluate(args[1] ?? null, item);
}

function holds(call: Application, item: Json): boolean {
  return isTruthy(perItem(call, item));
}

function every(list: Json[], test: (item: Json) => boolean): boolean {
  return list.length > 0 && list.every(test);
}
