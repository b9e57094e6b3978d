import { costOf, costOfPath, evaluationLimits, listKeys, overLimit, type Budget } from '../budget.ts';
import { canonicalJson, type Json } from '../json.ts';
import { ExpressionError } from '../expression-error.ts';
import { exact, finite } from './arithmetic.ts';
import { isItemName, itemNameOf } from './item-name.ts';
import { isTruthy, typeName, wrongType, type Application, type OperatorTable } from './operator.ts';

/**
 * Inside the second argument, paths start at the current item: `{"var": "qty"}`; `{"var": ""}` is the item itself. With a name for the
 * item after all arguments, `"line"`, they start at the roots as everywhere, and the item is `line`.
 */
export const listOperators = {
  map: { arity: [2, 3], lazy: true, apply: (call) => listOf(call).map((item) => perItem(call, item)) },
  filter: { arity: [2, 3], lazy: true, apply: (call) => listOf(call).filter((item) => holds(call, item)) },
  /** False for an empty list, as in JsonLogic. */
  all: { arity: [2, 3], lazy: true, apply: (call) => every(listOf(call), (item) => holds(call, item)) },
  some: { arity: [2, 3], lazy: true, apply: (call) => listOf(call).some((item) => holds(call, item)) },
  none: { arity: [2, 3], lazy: true, apply: (call) => !listOf(call).some((item) => holds(call, item)) },
  reduce: { arity: [2, 4], lazy: true, apply: reduce },
  merge: { arity: [0, Infinity], apply: merge },
  sort: { arity: [1, 2], apply: sort },
  unique: { arity: [1, 1], apply: unique },
  flat: { arity: [1, 1], apply: flat },
  sum: { arity: [1, 1], apply: sum },
} satisfies OperatorTable;

/** Paths start at `current` and `accumulator`; with a name, also at the roots, and `current` has that name. */
function reduce(call: Application): Json {
  const { args, data, evaluate, evaluateWith } = call;
  const name = nameOfItem(call);
  const logic = args[1] ?? null;
  const initial = args[2] === undefined ? null : evaluate(args[2], data);
  return listOf(call).reduce(
    (accumulator: Json, current) =>
      name === undefined
        ? evaluate(logic, { current, accumulator })
        : evaluateWith(logic, { [name]: current, accumulator }),
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

/** Sorts numbers by size and texts by UTF-16 code units, because the collation rules of a language change between versions. */
function sort(call: Application): Json {
  const list = listArgument(call);
  const [, path] = call.args;
  if (path !== undefined && typeof path !== 'string')
    throw wrongType(call.name, 'a path within the items second', path);
  call.budget.charge(list.length * costOfPath(path ?? ''));
  const keys = path === undefined ? list : list.map((item) => call.valueAt(path, item));
  chargeSorting(keys, call.budget);
  return sortable(call.name, keys)
    .map((key, position) => ({ key, position }))
    .sort((a, b) => (a.key < b.key ? -1 : Number(a.key > b.key)))
    .map(({ position }) => list[position] ?? null);
}

/** Sorting compares each key with about log2(n) others. */
function chargeSorting(keys: Json[], budget: Budget): void {
  const comparisons = Math.ceil(Math.log2(keys.length + 1));
  for (const key of keys) budget.charge(comparisons * (1 + costOf(key)));
}

function sortable(name: string, keys: Json[]): number[] | string[] {
  if (keys.every((key) => typeof key === 'number')) return keys;
  if (keys.every((key) => typeof key === 'string')) return keys;
  const got = [...new Set(keys.map(typeName))].join(' and ');
  const message = `"${name}" expects a list of numbers or one of texts, got a list with ${got}.`;
  throw new ExpressionError('KAIT_EXPRESSION_TYPE', message);
}

/** Keeps the first of those that are the same in type and content. */
function unique(call: Application): Json {
  const seen = new Set<string>();
  return listArgument(call).filter((item) => {
    chargeWhole(item, call.budget);
    const key = canonicalJson(item);
    return !seen.has(key) && seen.add(key);
  });
}

/** Parts may be shared, so that a small graph stands for a large tree: each look at a part counts. */
function chargeWhole(value: Json, budget: Budget): void {
  budget.charge(1 + costOf(value));
  if (typeof value === 'number') finite('unique', value); // A body may hold 1e999.
  if (value === null || typeof value !== 'object') return;
  budget.enter();
  if (!Array.isArray(value)) for (const key of listKeys(value, budget)) budget.charge(1 + costOf(key));
  for (const member of Object.values(value)) chargeWhole(member, budget);
  budget.leave();
}

/** One level, as `merge` does with its arguments. */
function flat(call: Application): Json {
  const lists = listArgument(call);
  for (const list of lists) call.budget.charge(costOf(list));
  return merge({ ...call, args: lists });
}

function sum(call: Application): Json {
  const total = listArgument(call).reduce((soFar: number, item) => {
    if (typeof item !== 'number') throw wrongType(call.name, 'a list of numbers', item);
    return exact(call.name, soFar + exact(call.name, item));
  }, 0);
  return total;
}

function listArgument({ name, args: [list = null] }: Application): Json[] {
  if (!Array.isArray(list)) throw wrongType(name, 'a list', list);
  return list;
}

function listOf({ name, args, data, evaluate }: Application): Json[] {
  const list = evaluate(args[0] ?? null, data);
  if (Array.isArray(list)) return list;
  throw wrongType(name, 'a list', list);
}

function perItem(call: Application, item: Json): Json {
  const name = nameOfItem(call);
  const logic = call.args[1] ?? null;
  return name === undefined ? call.evaluate(logic, item) : call.evaluateWith(logic, { [name]: item });
}

function nameOfItem({ name, args }: Application): string | undefined {
  const itemName = itemNameOf(name, args);
  if (itemName === undefined || isItemName(itemName)) return itemName;
  const message = `"${name}" expects a name for the item last, such as "line": a word that has no other meaning.`;
  throw new ExpressionError('KAIT_EXPRESSION_INVALID', message);
}

function holds(call: Application, item: Json): boolean {
  return isTruthy(perItem(call, item));
}

function every(list: Json[], test: (item: Json) => boolean): boolean {
  return list.length > 0 && list.every(test);
}
