import { isObject, type Json } from '../json.ts';
import { argumentsOf, operatorOf } from '../operators/operators.ts';
import type { CheckContext } from './context.ts';
import { inWords } from './comparison.ts';
import type { Path } from './report.ts';

type Type = 'string' | 'number' | 'boolean' | 'array' | 'null';

const numbers = ['+', '-', '*', '/', '%', 'min', 'max', 'floor', 'ceil', 'round'];
const scalars: Type[] = ['string', 'number', 'boolean'];

/** The types of operands by position; the last stands for all further ones. Null: any type. */
const operands: Readonly<Record<string, (Type[] | null)[]>> = {
  ...Object.fromEntries(numbers.map((name): [string, Type[][]] => [name, [['number']]])),
  ...Object.fromEntries(['lower', 'upper', 'trim', 'sha256'].map((name): [string, Type[][]] => [name, [['string']]])),
  ...Object.fromEntries(['cat', 'string', 'urlEncode'].map((name): [string, Type[][]] => [name, [scalars]])),
  ...Object.fromEntries(
    ['map', 'filter', 'all', 'some', 'none', 'reduce'].map((name): [string, (Type[] | null)[]] => [
      name,
      [['array'], null],
    ]),
  ),
  ...Object.fromEntries(['unique', 'flat', 'sum'].map((name): [string, Type[][]] => [name, [['array']]])),
  sort: [['array'], ['string']],
  number: [['string', 'number']],
  substr: [['string'], ['number']],
  length: [['string', 'array']],
  join: [['array'], ['string']],
  split: [['string']],
  padStart: [['string', 'number'], ['number'], ['string']],
  base64: [['string']],
  fromUnix: [['number'], ['string']],
  addDuration: [['string']],
  formatDate: [['string']],
  formatMoney: [['number', 'string'], ['string']],
  in: [null, ['array', 'string']],
};

const results: Readonly<Record<Exclude<Type, 'null'>, readonly string[]>> = {
  string: [
    ...['cat', 'string', 'substr', 'lower', 'upper', 'trim', 'sha256', 'join', 'padStart', 'urlEncode', 'base64'],
    ...['uuid', 'now', 'addDuration', 'fromUnix', 'formatDate', 'formatMoney'],
  ],
  number: [...numbers, 'number', 'length', 'sum'],
  boolean: ['!', '!!', '==', '!=', '===', '!==', '<', '<=', '>', '>=', 'in', 'all', 'some', 'none'],
  array: ['map', 'filter', 'merge', 'sort', 'unique', 'flat', 'split', 'keys', 'values', 'missing', 'missing_some'],
};

/** Reports operands that can only have a type which the operator does not take: `{"+": ["1", 2]}`. */
export function checkOperandTypes(
  name: string,
  args: Json[],
  pathOf: (position: number) => Path,
  context: CheckContext,
): void {
  const expected = Object.hasOwn(operands, name) ? operands[name] : undefined;
  if (expected === undefined) return;
  for (const [position, arg] of args.entries()) {
    const types = expected[Math.min(position, expected.length - 1)] ?? null;
    const type = typeOf(arg);
    if (types === null || type === undefined || types.includes(type)) continue;
    const message = `"${name}" takes ${inWords(new Set(types))} here, got ${type === 'null' ? 'null' : inWords(new Set([type]))}.`;
    const isMixed = type === 'string' && types.includes('number');
    const hint = isMixed ? 'A number in quotes is a text. Convert a text with {"number": …}.' : undefined;
    context.report.add('KAIT1312', { path: pathOf(position) }, message, hint);
  }
}

/** Undefined: not known before a run, or reported elsewhere. */
function typeOf(arg: Json): Type | undefined {
  if (arg === null) return 'null';
  if (Array.isArray(arg)) return 'array';
  if (typeof arg === 'string') return arg.includes('{{') ? undefined : 'string';
  if (typeof arg !== 'object') return typeof arg as 'number' | 'boolean';
  const name = isObject(arg) ? operatorOf(arg)?.name : undefined;
  if (name === undefined) return undefined;
  if (name === 'literal') return isObject(arg.literal) ? undefined : typeOf(argumentsOf(name, arg)[0] ?? null);
  const types = Object.keys(results) as Exclude<Type, 'null'>[]; // The keys of a constant.
  return types.find((type) => results[type].includes(name));
}
