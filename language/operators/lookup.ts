import { ExpressionError } from '../expression-error.ts';
import type { Json } from '../json.ts';
import { costOfPath } from '../budget.ts';
import { lookUp } from '../path.ts';
import { wrongType, type Application, type OperatorTable } from './operator.ts';

export const lookupOperators = {
  /** `{"var": "path"}`, or `{"var": ["path", default]}` if the value may be missing. Null at the end of the path is not missing. */
  var: { arity: [0, 2], apply: variable },
  /** The paths that lead to nothing, null or an empty text. */
  missing: { arity: [0, Infinity], apply: missing },
  /** `[]` if at least the given number of paths have a value, otherwise the missing paths. */
  missing_some: { arity: [2, 2], apply: missingSome },
} satisfies OperatorTable;

function variable({ name, args, data, budget, valueAt }: Application): Json {
  const path = pathOf(name, args[0] ?? '');
  const fallback = args[1];
  budget.charge(costOfPath(path));
  if (fallback === undefined) return valueAt(path, data);
  const lookup = lookUp(path, data);
  return lookup.found ? lookup.value : fallback;
}

function missing({ name, args, data, budget }: Application): Json {
  const keys = Array.isArray(args[0]) ? args[0] : args;
  for (const key of keys) budget.charge(1 + costOfPath(key));
  return keys.filter((key) => isBlank(lookUp(pathOf(name, key), data)));
}

function missingSome(application: Application): Json {
  const { name, args } = application;
  const [needed = null, keys = null] = args;
  if (typeof needed !== 'number') throw wrongType(name, 'how many are needed', needed);
  if (!Array.isArray(keys)) throw wrongType(name, 'a list of paths', keys);
  const absent = missing({ ...application, args: [keys] }) as Json[]; // A list of those keys.
  return keys.length - absent.length >= needed ? [] : absent;
}

function isBlank(lookup: ReturnType<typeof lookUp>): boolean {
  return !lookup.found || lookup.value === null || lookup.value === '';
}

function pathOf(name: string, path: Json): string {
  if (typeof path === 'string') return path;
  if (typeof path === 'number' && Number.isSafeInteger(path)) return String(path);
  throw new ExpressionError('KAIT_EXPRESSION_TYPE', `"${name}" expects paths such as "event.payment.amount".`);
}
