import { argumentsOf, operatorInTemplate, operatorOf } from '../language/operators/operators.ts';
import { isObject, type Json, type JsonObject } from '../language/json.ts';
import { parseTemplateText } from '../language/template.ts';
import { shortened } from '../language/printable.ts';

export interface Printing {
  /** The text for a part of an expression; undefined to print it as usual. */
  substitute?: (part: Json) => string | undefined;
  /** The length beyond which a constant is cut, in characters. Default 60. */
  longest?: number;
}

/**
 * JsonLogic in infix notation: `event.payment.amount >= 1000000 and not steps.refund`. Operators without a sign are written as
 * functions: `floor(event.payment.amount * 0.05)`. Inside `map`, `filter` and the like, `item` is the whole item. Other values are
 * printed as JSON. Never throws.
 */
export function printLogic(logic: Json, printing: Printing = {}): string {
  return print(logic, loosest, printing);
}

/** A template in the same notation: `"{{event.id}}"` becomes `event.id`, other texts stay in quotes. */
export function printTemplate(template: Json, printing: Printing = {}): string {
  const instead = printing.substitute?.(template);
  if (instead !== undefined) return instead;
  if (typeof template === 'string') return lonePath(template) ?? shownValue(template, printing);
  if (template === null || typeof template !== 'object') return shownValue(template, printing);
  if (Array.isArray(template)) return `[${template.map((item) => printTemplate(item, printing)).join(', ')}]`;
  return operatorInTemplate(template) === undefined ? printFields(template, printing) : printLogic(template, printing);
}

/** An object whose keys the author chose, so that none of them is an operator. */
export function printFields(fields: JsonObject, printing: Printing = {}): string {
  const members = Object.entries(fields).map(([key, member]) => `${key}: ${printTemplate(member, printing)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

/** How tightly an operator binds its operands. One that binds more loosely than its surroundings gets parentheses. */
const loosest = 0;
const tightest = 9;
const bindings: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  '==': 4,
  '===': 4,
  '!=': 4,
  '!==': 4,
  '<': 4,
  '<=': 4,
  '>': 4,
  '>=': 4,
  in: 4,
  '+': 5,
  '-': 5,
  '*': 6,
  '/': 6,
  '%': 6,
};
const notBinding = 3;

function print(logic: Json, around: number, printing: Printing): string {
  const instead = printing.substitute?.(logic);
  if (instead !== undefined) return instead;
  if (Array.isArray(logic)) return `[${logic.map((item) => print(item, loosest, printing)).join(', ')}]`;
  const name = logic === null || typeof logic !== 'object' ? undefined : operatorOf(logic)?.name;
  if (name === undefined) return shownValue(logic, printing);
  const args = argumentsOf(name, logic as Record<string, Json>); // It has an operator, so it is an object.
  const { text, binding } = application(name, args, printing);
  return binding <= around ? `(${text})` : text;
}

function application(name: string, args: Json[], printing: Printing): { text: string; binding: number } {
  const operand = (arg: Json | undefined, binding: number) => print(arg ?? null, binding, printing);
  const [first, second] = args;
  if (name === 'literal') return { text: shownValue(first ?? null, printing), binding: tightest };
  if (name === 'jsonlogic' && isObject(first)) {
    const rule = shownValue(first.rule ?? null, printing);
    return { text: `jsonlogic(${rule}, ${printTemplate(first.data ?? null, printing)})`, binding: tightest };
  }
  if (name === 'var' && args.length <= 2) return variable(args, printing);
  if (name === '!' && args.length === 1) return { text: `not ${operand(first, tightest - 1)}`, binding: notBinding };
  if (name === '!!' && args.length === 1)
    return { text: `${operand(first, tightest - 1)} is set`, binding: notBinding };
  if (name === '-' && args.length === 1) return { text: `-${operand(first, 6)}`, binding: 6 };
  if ((name === 'if' || name === '?:') && args.length === 3) {
    const [condition, yes, no] = args.map((arg) => operand(arg, loosest + 0.5));
    return { text: `if ${condition ?? ''} then ${yes ?? ''} else ${no ?? ''}`, binding: 0.5 };
  }
  const binding = bindings[name];
  if (binding !== undefined && second !== undefined) {
    return { text: args.map((arg) => operand(arg, binding)).join(` ${name} `), binding };
  }
  return { text: `${name}(${args.map((arg) => operand(arg, loosest)).join(', ')})`, binding: tightest };
}

function variable([path = '', fallback]: Json[], printing: Printing): { text: string; binding: number } {
  const instead = printing.substitute?.(path);
  const name =
    instead ?? (path === '' ? 'item' : typeof path === 'object' ? `var(${printLogic(path, printing)})` : String(path));
  if (fallback === undefined) return { text: name, binding: tightest };
  return { text: `${name} else ${print(fallback, notBinding, printing)}`, binding: notBinding };
}

function lonePath(text: string): string | undefined {
  try {
    const [only, second] = parseTemplateText(text);
    return second === undefined ? only?.path : undefined;
  } catch {
    return undefined; // Unclosed braces, which the checker reports.
  }
}

function shownValue(value: Json, { longest = 60 }: Printing): string {
  return shortened(JSON.stringify(value), longest);
}
