import { cutText } from './well-formed.ts';
import jsonLogic, { type RulesLogic } from 'json-logic-js';
import { boundedResult, costOf, costOfPath, evaluationLimits, overLimit, type Budget } from './budget.ts';
import { closest } from './closest.ts';
import { ExpressionError } from './expression-error.ts';
import type { Json, JsonObject } from './json.ts';
import { exact, exactNumberIn } from './operators/arithmetic.ts';

/*
 * json-logic-js has no place for limits, and its `var` follows prototypes. Nothing of it is changed to give it both, since every
 * user of the module shares it. Instead it gets rules that are built so that it calls us: it evaluates a list, and the arguments
 * of an operation, by the list's own `map`.
 */

/** These evaluate their arguments one by one, as needed. */
const lazyNames = ['if', '?:', 'and', 'or', 'filter', 'map', 'reduce', 'all', 'some', 'none'];
const perItemNames = ['filter', 'map', 'reduce', 'all', 'some', 'none'];
const comparingNames = ['==', '!=', '>', '>=', '<', '<='];
const arithmeticNames = ['%', '+', '*', '-', '/', 'min', 'max'];
/** These convert arguments to text or numbers; for a list, that means joining all of it. */
const convertingNames = [...comparingNames, 'cat', 'substr', ...arithmeticNames];

/** The operators that a rule may use: those of json-logic-js without `log`, which prints. */
export const jsonLogicNames: readonly string[] = [
  ...lazyNames,
  ...convertingNames,
  ...['===', '!==', '!', '!!', 'in', 'merge', 'var', 'missing', 'missing_some'],
];

/**
 * Evaluates a JsonLogic rule by json-logic-js, within the budget. Throws an {@link ExpressionError} on an unknown operator, on a
 * result that JSON cannot hold, where arithmetic or a comparison would round digits away, and beyond the limits in `budget.ts`. `data` must be of bounded size; see `boundedResult`.
 */
export function applyJsonLogic(rule: Json, data: Json, budget: Budget): Json {
  const guarded = guardRule(rule, budget) as unknown as RulesLogic; // Its types know neither lists nor what a rule may hold.
  const result = jsonLogic.apply(guarded, copyOf(data, inert, budget)) as Json;
  return copyOf(boundedResult(result), Object.prototype, budget);
}

/** Evaluates a rule, or a part of one, over the data of the moment. */
type Evaluate = (rule: unknown) => unknown;

/** The rule with each part of it counted whenever json-logic-js evaluates it. */
function guardRule(rule: Json, budget: Budget): unknown[] {
  budget.charge(1);
  budget.enter();
  const part = guardPart(rule, budget);
  budget.leave();
  return withMap([], (evaluate) => {
    budget.charge(1);
    budget.enter();
    const value = evaluate(part);
    budget.leave();
    return value;
  });
}

function guardPart(rule: Json, budget: Budget): unknown {
  if (rule === null || typeof rule !== 'object') return rule;
  if (Array.isArray(rule)) return rule.map((item) => guardRule(item, budget));
  const [name, ...others] = Object.keys(rule);
  if (name === undefined || others.length > 0) return copyOf(rule, inert, budget); // Data, as json-logic-js has it.
  if (!jsonLogicNames.includes(name)) throw unknownOperator(name);
  const operand = rule[name] ?? null;
  const args: unknown[] = (Array.isArray(operand) ? operand : [operand]).map((arg) => guardRule(arg, budget));
  while (perItemNames.includes(name) && args.length < 2) args.push(guardRule(null, budget)); // So that each item counts.
  if (lazyNames.includes(name)) return { [name]: args };
  return guardOperation(name, args, budget);
}

/** An operation whose arguments are looked at after they are evaluated and before it is carried out. */
function guardOperation(name: string, args: unknown[], budget: Budget): unknown {
  const original = new Map<unknown, unknown>();
  const evaluateArgs = (evaluate: Evaluate): unknown[] => {
    const values = args.map((arg) => evaluate(arg));
    for (const value of values) budget.charge(costOf(value));
    if (convertingNames.includes(name)) return convertible(name, values, budget);
    const [first, second] = values;
    const ownPath = (path: unknown) => pathWithin(path, evaluate({ var: '' }), budget);
    switch (name) {
      case 'var':
        return [ownPath(first), ...values.slice(1)];
      case 'missing':
        return [ownKeys(Array.isArray(first) ? first : values)];
      case 'missing_some':
        if (!Array.isArray(second)) throw wrongArgument(name, 'a list of paths second');
        lengthAsText(first, budget);
        return [first, ownKeys(second)];
      case 'merge':
        return mergeable(values, budget);
      case 'in':
        return searchable(values, budget);
      default:
        return values;
    }

    /** A key that is no text would be evaluated as a rule. */
    function ownKeys(keys: unknown[]): unknown[] {
      return keys.map((key) => {
        if (typeof key === 'object' && key !== null) throw wrongArgument(name, 'paths');
        budget.charge(1);
        const own = ownPath(key);
        original.set(own, key);
        return own;
      });
    }
  };
  const operation = { [name]: withMap([], evaluateArgs) };
  if (arithmeticNames.includes(name)) return withMap([], (evaluate) => exactResult(name, evaluate(operation)));
  if (!name.startsWith('missing')) return operation;
  return withMap([], (evaluate) => {
    const missing = evaluate(operation) as unknown[]; // A list of keys.
    return missing.map((key) => original.get(key));
  });
}

/** A list that json-logic-js evaluates as we say. */
function withMap(list: unknown[], map: (evaluate: Evaluate) => unknown): unknown[] {
  return Object.assign(list, { map }); // Its `map` hides the one of lists.
}

/**
 * The path, unless it would leave the data: `items.map` and `name.constructor` lead to functions of JavaScript. Such a path is
 * changed so that it finds nothing. `length` is found as json-logic-js finds it.
 */
function pathWithin(path: unknown, data: unknown, budget: Budget): unknown {
  if (path === undefined || path === null || path === '') return path;
  lengthAsText(path, budget);
  const text = `${path as number}`; // Or something else, which json-logic-js converts likewise.
  budget.charge(costOfPath(text));
  const parts = text.split('.');
  let value = data;
  for (const [position, part] of parts.entries()) {
    if (value === null || value === undefined) return text;
    const owner = Object(value) as Record<string, unknown>;
    if (!Object.hasOwn(owner, part)) return part in owner ? absentPath(parts, position, owner) : text;
    value = owner[part];
  }
  return text;
}

function absentPath(parts: string[], position: number, owner: object): string {
  let name = parts[position] ?? '';
  while (name in owner) name += '?';
  return [...parts.slice(0, position), name].join('.');
}

function convertible(name: string, values: unknown[], budget: Budget): unknown[] {
  rejectInexact(name, values);
  const isEquality = name === '==' || name === '!=';
  if (isEquality && values.slice(0, 2).every((value) => value === null || typeof value === 'object')) return values;
  const length = values.reduce((sum: number, value) => sum + lengthAsText(value, budget), 0);
  if (name === 'cat' && length > evaluationLimits.textLength) {
    throw overLimit(`a text gets longer than ${evaluationLimits.textLength} characters`);
  }
  return values;
}

/** json-logic-js would round a text of too many digits where it takes it for a number: always in arithmetic, beside a number elsewhere. */
function rejectInexact(name: string, values: unknown[]): void {
  const converts =
    arithmeticNames.includes(name) ||
    (comparingNames.includes(name) && values.some((value) => typeof value === 'number' || typeof value === 'boolean'));
  if (!converts) return;
  for (const value of values) if (typeof value === 'string') exactNumberIn(name, value.trim());
}

/** What is no finite number is left to `boundedResult`, and to operators that convert it again. */
function exactResult(name: string, result: unknown): unknown {
  return typeof result === 'number' && Number.isFinite(result) ? exact(name, result) : result;
}

/** At most how long the text is that a value becomes. Lists may share their parts, so each look at a part counts. */
function lengthAsText(value: unknown, budget: Budget): number {
  if (typeof value === 'string') return value.length;
  if (!Array.isArray(value)) return 24; // The longest number.
  budget.enter();
  let length = value.length;
  for (const item of value as unknown[]) {
    budget.charge(1 + costOf(item));
    length += lengthAsText(item, budget);
  }
  budget.leave();
  return length;
}

/** json-logic-js copies what it has so far for each further list. */
function mergeable(lists: unknown[], budget: Budget): unknown[] {
  let length = 0;
  for (const list of lists) {
    length += Array.isArray(list) ? list.length : 1;
    budget.charge(length >> 4);
  }
  if (length > evaluationLimits.arrayLength) {
    throw overLimit(`a list gets longer than ${evaluationLimits.arrayLength} items`);
  }
  return lists;
}

/** An object with a key `indexOf` would be taken for a list; nothing is in an object. */
function searchable([needle, haystack]: unknown[], budget: Budget): unknown[] {
  if (Array.isArray(haystack)) budget.charge(haystack.length * costOf(needle));
  else if (typeof haystack === 'string') {
    budget.charge(Math.floor((lengthAsText(needle, budget) * haystack.length) / 4_096));
  } else return [needle, null];
  return [needle, haystack];
}

/** The prototype of objects while a rule runs: no path finds anything in it, and they still become the text that they always do. */
const inert: object = Object.freeze(
  Object.create(null, { [Symbol.toPrimitive]: { value: () => '[object Object]' } }) as object,
);

function copyOf(value: Json | undefined, prototype: object, budget: Budget): Json {
  if (value === undefined) return null; // An empty `and` has no value.
  if (value === null || typeof value !== 'object') return value === 0 ? 0 : value; // JSON has no -0.
  if (Array.isArray(value)) {
    budget.charge(1 + (value.length >> 2));
    return value.map((item) => copyOf(item, prototype, budget));
  }
  const entries = Object.entries(value);
  budget.charge(1 + (entries.length >> 2));
  const members = entries.map(([key, member]): [string, PropertyDescriptor] => [
    key,
    { value: copyOf(member, prototype, budget), enumerable: true, writable: true, configurable: true },
  ]);
  return Object.create(prototype, Object.fromEntries(members)) as JsonObject; // Own members, `__proto__` included.
}

function unknownOperator(name: string): ExpressionError {
  const near = closest(cutText(name, 40), jsonLogicNames);
  const hint = near === undefined ? '' : ` Did you mean "${near}"?`;
  const message = `JsonLogic has no operator "${cutText(name, 40)}" that a rule may use.${hint}`;
  return new ExpressionError('KAIT_EXPRESSION_INVALID', message);
}

function wrongArgument(name: string, expected: string): ExpressionError {
  return new ExpressionError('KAIT_EXPRESSION_TYPE', `"${name}" in a JsonLogic rule expects ${expected}.`);
}
