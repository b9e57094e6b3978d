import { z } from 'zod';
import { currencyExponent } from '../../language/operators/money.ts';
import { digitsOf, sharpPlaces } from './decimal.ts';
import { alternativesSchema, compileAlternatives, joinId } from './event-value.ts';
import type { RequestView } from './request-view.ts';

const unit = z.enum(['minor', 'major']).describe('minor: 2500000 is Rp 25,000.00. major: 25000 or "25000.00" is.');

const exponents = z
  .record(z.string(), z.int().min(0).max(4))
  .superRefine((digits, context) => {
    for (const code of Object.keys(digits).filter((each) => currencyExponent(each) === undefined)) {
      context.addIssue({ code: 'custom', path: [code], message: `"${code}" is not a currency of ISO 4217` });
    }
  })
  .describe('The digits of minor units that differ from ISO 4217.');

/** The preset's member `amounts`. */
export const amountsSchema = z
  .strictObject({ unit, exponents: exponents.optional() })
  .describe('How the gateway writes amounts. Each amount may differ from it.');
export type AmountUnit = z.output<typeof amountsSchema>;

const declaredAmountSchema = z.strictObject({
  from: alternativesSchema,
  plus: alternativesSchema.optional().describe('What is added.'),
  minus: alternativesSchema
    .optional()
    .describe('What is subtracted: a running total and its previous value give the single amount.'),
  atMost: alternativesSchema
    .optional()
    .describe('The limit of the amount, if the gateway says one: what was approved of what was asked for.'),
  unit: unit.optional(),
  exponents: exponents.optional(),
});
type DeclaredAmount = z.output<typeof declaredAmountSchema>;

export const amountSchema = z.union([alternativesSchema, declaredAmountSchema]);
export type AmountOptions = z.output<typeof amountSchema>;

export type ReadAmount = (view: RequestView, currency: string | null) => number | null;

/** `amounts` is the preset's default. A term that is declared and missing makes the amount unknown, except for `atMost`. */
export function compileAmount(options: AmountOptions | undefined, amounts: AmountUnit | undefined): ReadAmount {
  if (options === undefined) return () => null;
  const { from, plus, minus, atMost, ...own }: DeclaredAmount = Array.isArray(options) ? { from: options } : options;
  const written = { unit: own.unit ?? amounts?.unit ?? 'minor', exponents: own.exponents ?? amounts?.exponents };
  const term = (alternatives: string[] | undefined, missing: number | null): ReadAmount =>
    alternatives === undefined ? () => missing : compileTerm(alternatives, written);
  const terms = { from: term(from, null), plus: term(plus, 0), minus: term(minus, 0), atMost: term(atMost, null) };
  return (view, currency) => {
    const [whole, added, subtracted, limit] = [
      terms.from(view, currency),
      terms.plus(view, currency),
      terms.minus(view, currency),
      terms.atMost(view, currency),
    ];
    if (whole === null || added === null || subtracted === null) return null;
    const amount = Math.min(whole + added - subtracted, limit ?? Infinity);
    return Number.isSafeInteger(amount) && amount >= 0 ? amount : null;
  };
}

function compileTerm(alternatives: readonly string[], written: AmountUnit): ReadAmount {
  const read = compileAlternatives(alternatives, joinId);
  return (view, currency) => {
    const text = read(view);
    return text === undefined ? null : amountMinor(text, currency, written);
  };
}

/**
 * The amount in minor units of ISO 4217, exactly: digits are moved as text, never multiplied. `250000.00` IDR in major units is
 * 25000000. Null if the text is not a plain decimal, the currency is unknown, digits below the minor unit would be lost, or
 * the amount exceeds 2^53.
 */
export function amountMinor(
  text: string,
  currency: string | null,
  { unit: writtenIn, exponents: digits = {} }: AmountUnit,
): number | null {
  const exponent = currency === null ? undefined : currencyExponent(currency);
  if (currency === null || exponent === undefined) return writtenIn === 'minor' ? shiftDecimal(text, 0) : null;
  const gatewayExponent = Object.hasOwn(digits, currency) ? (digits[currency] ?? exponent) : exponent;
  return shiftDecimal(text, writtenIn === 'major' ? exponent : exponent - gatewayExponent);
}

/** `text` times 10 to the power of `by`, if that is a safe integer. */
function shiftDecimal(text: string, by: number): number | null {
  const parts = digitsOf(text);
  if (parts === undefined) return null;
  const { whole, fraction } = parts;
  const amount = shiftDigits(whole, fraction, by);
  const kept = sharpPlaces(whole);
  return amount ?? (kept >= Math.max(by, 0) && fraction.length > kept ? shiftRounded(text, kept, by) : null);
}

function shiftRounded(text: string, digits: number, by: number): number | null {
  const [whole = '', fraction = ''] = Number(text).toFixed(digits).split('.');
  return shiftDigits(whole, fraction, by);
}

/** Null if a digit other than 0 would be lost. */
function shiftDigits(whole: string, fraction: string, by: number): number | null {
  const digits = whole + fraction;
  const missing = by - fraction.length;
  const kept = missing >= 0 ? digits + '0'.repeat(missing) : digits.slice(0, missing);
  const lost = missing >= 0 ? '' : digits.slice(missing);
  if (/[1-9]/.test(lost)) return null;
  const amount = Number(kept === '' ? '0' : kept);
  return Number.isSafeInteger(amount) ? amount : null;
}
