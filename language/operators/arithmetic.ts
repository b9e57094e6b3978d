import { ExpressionError } from '../expression-error.ts';
import { wrongType, type Application, type Operator, type OperatorTable } from './operator.ts';

/** Numbers only, and only exact ones. JsonLogic reads `"12abc"` as 12 and null as 0, which is unsafe for money. */
export const arithmeticOperators = {
  '+': numeric([1, Infinity], (numbers, name) => numbers.reduce((sum, number) => exact(name, sum + number), 0)),
  '*': numeric([1, Infinity], (numbers, name) => numbers.reduce((product, number) => exact(name, product * number))),
  '-': numeric([1, 2], ([a = 0, b]) => (b === undefined ? -a : a - b)),
  '/': numeric([2, 2], ([a = 0, b = 0]) => a / b),
  '%': numeric([2, 2], ([a = 0, b = 0]) => a % b),
  min: numeric([1, Infinity], (numbers) => Math.min(...numbers)),
  max: numeric([1, Infinity], (numbers) => Math.max(...numbers)),
  floor: rounding(Math.floor),
  ceil: rounding(Math.ceil),
  /** Rounds half away from zero, as invoices do. */
  round: rounding((number) => Math.sign(number) * Math.round(Math.abs(number))),
} satisfies OperatorTable;

/** The decimal number that the whole text spells: `"12"`, `"-0.5"`, `"1e3"`. Undefined: it spells none. */
function numberIn(text: string): number | undefined {
  return /^[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?$/.test(text) ? Number(text) : undefined;
}

/** {@link numberIn}, but throws if the number would not have all digits of the text. */
export function exactNumberIn(name: string, text: string): number | undefined {
  const number = numberIn(text);
  if (number === undefined) return undefined;
  if (isExact(number, text)) return number === 0 ? 0 : number; // JSON has no -0.
  throw inexact(`"${name}" got a text whose digits no number can hold.`);
}

/** Whether the number that a text spells has the text's digits. Whole numbers have them only up to 2^53 - 1. */
function isExact(number: number, text: string): boolean {
  return !losesDigits(number) && digitsOf(String(number)) === digitsOf(text);
}

/** The digits that matter: without sign, point, exponent, and zeros at both ends. */
function digitsOf(text: string): string {
  return text
    .replace(/e.*$/i, '')
    .replace(/[^0-9]/g, '')
    .replace(/^0+|0+$/g, '');
}

function numeric(arity: Operator['arity'], compute: (numbers: number[], name: string) => number): Operator {
  return {
    arity,
    apply: (application) => exact(application.name, compute(numbersOf(application), application.name)),
  };
}

function rounding(round: (number: number) => number): Operator {
  return {
    arity: [1, 1],
    apply: (application) => {
      const [number = 0] = numbersOf(application);
      return exact(application.name, round(decimal(application.name, number)));
    },
  };
}

function numbersOf({ name, args }: Application): number[] {
  return args.map((arg) => {
    if (typeof arg !== 'number') throw wrongType(name, `numbers (for a text use {"number": …})`, arg);
    return exact(name, arg);
  });
}

/** Like {@link finite}, and throws beyond ±(2^53 - 1), where whole numbers are missing. */
export function exact(name: string, number: number): number {
  const value = finite(name, number);
  if (losesDigits(value)) throw inexact(`"${name}" got or gives a number beyond 9007199254740991 (2^53 - 1).`);
  return value;
}

export function losesDigits(number: number): boolean {
  return Math.abs(number) > Number.MAX_SAFE_INTEGER;
}

function inexact(problem: string): ExpressionError {
  const remedy = 'Digits would be lost. Keep such a number as a text and compare it with texts, or use larger units.';
  return new ExpressionError('KAIT_EXPRESSION_TYPE', `${problem} ${remedy}`);
}

/** Throws where a computation left the numbers that JSON holds. */
export function finite(name: string, result: number): number {
  if (!Number.isFinite(result)) {
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', `"${name}" gives ${result}: divided by zero or too large.`);
  }
  return result === 0 ? 0 : result; // JSON has no -0.
}

/** 0.29 * 100 is 28.999999999999996 in binary. Its floor would be one unit of money too low. */
function decimal(name: string, number: number): number {
  if (Number.isInteger(number)) return number;
  // Beyond this, 15 digits leave less than two decimals.
  if (Math.abs(number) >= 1e13) throw inexact(`"${name}" got a number beyond 10^13 with decimals.`);
  return Number(number.toPrecision(15));
}
