import type { Json } from '../json.ts';
import type { Application, Operator, OperatorTable } from './operator.ts';
import { boundedText, substring } from './text.ts';

/**
 * The operators whose behaviour on wrong types plain JsonLogic leaves to JavaScript. They exist to prove, by the official
 * tests, that everything else is JsonLogic; definitions never run on them.
 */
export const compatibleOperators: OperatorTable = {
  '==': anyArity(({ args: [a = null, b = null] }) => looselyEqual(a, b)),
  '!=': anyArity(({ args: [a = null, b = null] }) => !looselyEqual(a, b)),
  '>': comparing((a, b) => a > b),
  '>=': comparing((a, b) => a >= b),
  '<': comparing((a, b) => a < b),
  '<=': comparing((a, b) => a <= b),
  in: anyArity(({ args: [needle = null, haystack = null] }) => isIn(needle, haystack)),
  '+': anyArity(({ args }) => args.reduce((sum: number, arg) => sum + parseFloat(text(arg)), 0)),
  '*': anyArity(({ args }) => (args.length === 1 ? (args[0] ?? null) : product(args))),
  '-': anyArity(({ args }) => (args.length === 1 ? -numeric(args[0]) : numeric(args[0]) - numeric(args[1]))),
  '/': anyArity(({ args }) => numeric(args[0]) / numeric(args[1])),
  '%': anyArity(({ args }) => numeric(args[0]) % numeric(args[1])),
  min: anyArity(({ args }) => Math.min(...args.map(numeric))),
  max: anyArity(({ args }) => Math.max(...args.map(numeric))),
  cat: anyArity(({ args }) => boundedText(args.map((arg) => (arg === null ? '' : text(arg))))),
  substr: anyArity(({ args: [source = null, start, length] }) =>
    substring(text(source), numeric(start), length === undefined ? undefined : numeric(length)),
  ),
};

function anyArity(apply: (application: Application) => Json): Operator {
  return { arity: [0, Infinity], apply };
}

function comparing(holds: (a: string | number, b: string | number) => boolean): Operator {
  return anyArity(({ args }) =>
    args.slice(1).every((right, position) => {
      const left = args[position] ?? null;
      return typeof left === 'string' && typeof right === 'string'
        ? holds(left, right)
        : holds(numeric(left), numeric(right));
    }),
  );
}

function looselyEqual(a: Json, b: Json): boolean {
  if (a === null || b === null || typeof a === typeof b) return a === b;
  return numeric(a) === numeric(b);
}

function isIn(needle: Json, haystack: Json): boolean {
  if (Array.isArray(haystack)) return haystack.includes(needle);
  return typeof haystack === 'string' && haystack.includes(text(needle));
}

function product(args: Json[]): number {
  return args.map((arg) => parseFloat(text(arg))).reduce((result, number) => result * number);
}

function numeric(value: Json | undefined): number {
  return typeof value === 'object' && value !== null ? NaN : Number(value);
}

function text(value: Json): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
}
