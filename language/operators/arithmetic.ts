import { ExpressionError } from '../expression-error.ts';
import { wrongType, type Application, type Operator, type OperatorTable } from './operator.ts';

/** Numbers only. JsonLogic reads `"12abc"` as 12 and null as 0, which is unsafe for money. */
export const arithmeticOperators = {
  '+': numeric([1, Infinity], (numbers) => numbers.reduce((sum, number) => sum + number, 0)),
  '*': numeric([1, Infinity], (numbers) => numbers.reduce((product, number) => product * number)),
  '-': numeric([1, 2], ([a = 0, b]) => (b === undefined ? -a : a - b)),
  '/': numeric([2, 2], ([a = 0, b = 0]) => a / b),
  '%': numeric([2, 2], ([a = 0, b = 0]) => a % b),
  min: numeric([1, Infinity], (numbers) => Math.min(...numbers)),
  max: numeric([1, Infinity], (numbers) => Math.max(...numbers)),
  floor: numeric([1, 1], ([number = 0]) => Math.floor(decimal(number))),
  ceil: numeric([1, 1], ([number = 0]) => Math.ceil(decimal(number))),
  /** Rounds half away from zero, as invoices do. */
  round: numeric([1, 1], ([number = 0]) => Math.sign(number) * Math.round(Math.abs(decimal(number)))),
} satisfies OperatorTable;

/** The decimal number that the whole text spells: `"12"`, `"-0.5"`, `"1e3"`. Undefined: it spells none. */
export function numberIn(text: string): number | undefined {
  return /^[+-]?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?$/.test(text) ? Number(text) : undefined;
}

function numeric(arity: Operator['arity'], compute: (numbers: number[]) => number): Operator {
  return { arity, apply: (application) => finite(application.name, compute(numbersOf(application))) };
}

function numbersOf({ name, args }: Application): number[] {
  return args.map((arg) => {
    if (typeof arg !== 'number') throw wrongType(name, `numbers (for a text use {"number": …})`, arg);
    return arg;
  });
}

/** Throws where a computation left the numbers that JSON holds. */
export function finite(name: string, result: number): number {
  if (!Number.isFinite(result)) {
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', `"${name}" gives ${result}: divided by zero or too large.`);
  }
  return result === 0 ? 0 : result; // JSON has no -0.
}

/** 0.29 * 100 is 28.999999999999996 in binary. Its floor would be one unit of money too low. */
function decimal(number: number): number {
  return Number.isInteger(number) ? number : Number(number.toPrecision(15));
}
