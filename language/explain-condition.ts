import { evaluateLogic } from './expression.ts';
import { isObject, type Json } from './json.ts';
import { isTruthy } from './operators/operator.ts';
import { isPerItem } from './operators/item-name.ts';
import { argumentsOf, operatorOf } from './operators/operators.ts';
import type { Host, Scope, TriggerScope } from './scope.ts';
import { shortened } from './printable.ts';

/** What a condition saw when it was evaluated. */
export interface Seen {
  scope: Scope | TriggerScope;
  /** The time of the decision, for `now`. */
  nowMs: number;
}

/**
 * A condition as a line of text with the values that it saw: `event.payment.amount (2500000) >= 1000000`. For `and` and `or`, only
 * the part that decided, if one did. At most 300 characters. Never throws; parts that cannot be evaluated are shown without a value.
 */
export function explainCondition(logic: Json, seen: Seen): string {
  return shortened(deciding(logic, seen), 300);
}

function deciding(logic: Json, seen: Seen): string {
  const { name, args } = applicationOf(logic) ?? { name: '', args: [] };
  if (name !== 'and' && name !== 'or') return print(logic, seen);
  const decided = args.find((arg) => holds(arg, seen) === (name === 'or'));
  if (decided !== undefined) return deciding(decided, seen);
  return args.map((arg) => deciding(arg, seen)).join(` ${name} `);
}

/** Undefined if it has no value. */
function holds(logic: Json, seen: Seen): boolean | undefined {
  const value = valueOf(logic, seen);
  return value === undefined ? undefined : isTruthy(value);
}

function valueOf(logic: Json, { scope, nowMs }: Seen): Json | undefined {
  const host: Host = { nowMs: () => nowMs, uuid: () => '00000000-0000-8000-8000-000000000000' };
  try {
    return evaluateLogic(logic, scope, host);
  } catch {
    return undefined; // A part that the condition itself did not reach.
  }
}

const infix = new Set(['==', '===', '!=', '!==', '>', '>=', '<', '<=', '+', '-', '*', '/', '%', 'in', 'and', 'or']);

/** `seen` is undefined inside a list operator, where a part has many values. */
function print(logic: Json, seen: Seen | undefined): string {
  if (Array.isArray(logic)) return `[${logic.map((item) => print(item, seen)).join(', ')}]`;
  const application = applicationOf(logic);
  if (application === undefined) return shownValue(logic);
  const { name, args } = application;
  if (name === 'var') return printVariable(args, seen);
  if (name === 'literal') return shownValue(args[0] ?? null);
  if (name === 'jsonlogic') return printJsonLogic(args[0] ?? null, seen);
  if (name === '!') return `not ${printOperand(args[0] ?? null, seen)}`;
  if (name === '!!') return `${printOperand(args[0] ?? null, seen)} is set`;
  if (infix.has(name) && args.length > 1) return args.map((arg) => printOperand(arg, seen)).join(` ${name} `);
  const printed = args.map((arg, position) => print(arg, isPerItem(name) && position === 1 ? undefined : seen));
  return `${name}(${printed.join(', ')})`;
}

/** The rule as it stands, and the data that it saw. */
function printJsonLogic(operand: Json, seen: Seen | undefined): string {
  const { rule = null, data = null } = isObject(operand) ? operand : {};
  const filledIn = seen === undefined ? undefined : valueOf({ jsonlogic: { rule: { var: '' }, data } }, seen);
  return `jsonlogic(${shownValue(rule)}, ${shownValue(filledIn ?? data)})`;
}

function printVariable([path = '', fallback]: Json[], seen: Seen | undefined): string {
  const name = path === '' ? 'item' : typeof path === 'object' ? print(path, seen) : String(path);
  if (seen === undefined) return name;
  const value = valueOf({ var: path }, seen);
  if (value !== undefined) return `${name} (${shownValue(value)})`;
  return fallback === undefined ? `${name} (missing)` : `${name} (missing, so ${print(fallback, seen)})`;
}

/** Adds the result of a calculation. */
function printOperand(logic: Json, seen: Seen | undefined): string {
  const text = print(logic, seen);
  const name = applicationOf(logic)?.name;
  if (name === undefined || name === 'var' || name === 'literal') return text;
  const value = seen === undefined ? undefined : valueOf(logic, seen);
  const worth = value === undefined || typeof value === 'boolean' ? '' : ` = ${shownValue(value)}`;
  return worth === '' && !infix.has(name) ? text : `(${text}${worth})`;
}

function applicationOf(logic: Json): { name: string; args: Json[] } | undefined {
  if (logic === null || typeof logic !== 'object' || Array.isArray(logic)) return undefined;
  const name = operatorOf(logic)?.name;
  return name === undefined ? undefined : { name, args: argumentsOf(name, logic) };
}

function shownValue(value: Json): string {
  return shortened(JSON.stringify(value), 60);
}
