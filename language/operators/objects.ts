import { costOfPath, evaluationLimits, listKeys, overLimit } from '../budget.ts';
import type { Json, JsonObject } from '../json.ts';
import { lookUp } from '../path.ts';
import { wrongType, type Application, type OperatorTable } from './operator.ts';

export const objectOperators = {
  keys: { arity: [1, 1], apply: (call) => boundedKeys(objectArgument(call), call) },
  values: { arity: [1, 1], apply: values },
  get: { arity: [2, 3], apply: get },
  length: { arity: [1, 1], apply: length },
  coalesce: { arity: [1, Infinity], lazy: true, apply: coalesce },
} satisfies OperatorTable;

function objectArgument({ name, args: [value = null] }: Application): JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw wrongType(name, 'an object', value);
  return value;
}

function boundedKeys(object: JsonObject, { budget }: Application): string[] {
  const keys = listKeys(object, budget);
  if (keys.length > evaluationLimits.arrayLength) {
    throw overLimit(`a list gets longer than ${evaluationLimits.arrayLength} items`);
  }
  return keys;
}

function values(call: Application): Json {
  const object = objectArgument(call);
  return boundedKeys(object, call).map((key) => object[key] ?? null);
}

/** Like `var`, but in any value: reads own members only, and fails if the member is missing and there is no default. */
function get({ name, args: [value = null, path = null, fallback], budget, valueAt }: Application): Json {
  const text = typeof path === 'number' && Number.isSafeInteger(path) ? String(path) : path;
  if (typeof text !== 'string') throw wrongType(name, 'a path such as "items.0.sku" second', path);
  budget.charge(costOfPath(text));
  if (fallback === undefined) return valueAt(text, value);
  const lookup = lookUp(text, value);
  return lookup.found ? lookup.value : fallback;
}

/** Counts a text in UTF-16 code units, as JavaScript does. */
function length({ name, args: [value = null] }: Application): Json {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  throw wrongType(name, 'a text or a list', value);
}

/** A missing path counts as null here, even without a default. */
function coalesce({ args, data, evaluate, orNull }: Application): Json {
  for (const arg of args) {
    const value = orNull(() => evaluate(arg, data));
    if (value !== null) return value;
  }
  return null;
}
