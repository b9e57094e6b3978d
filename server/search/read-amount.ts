import { currencyExponent } from '../../language/operators/money.ts';
import { amountMinor } from '../gateway/amount.ts';

/** An amount of money. */
export interface Money {
  /** ISO 4217. */
  currency: string;
  /** Minor units. */
  amount: number;
}

/**
 * Reads an amount as people type it: `IDR 2,000,000.00`, `2000000 IDR`, `Rp 2.000.000`, `EUR 12,50`. Without a currency, it may be given
 * apart. Undefined if the text is not an amount, or has more decimals than the currency.
 */
export function readAmount(text: string, currency?: string): Money | undefined {
  const { code = currency?.toUpperCase(), digits } = parts(text);
  const exponent = code === undefined ? undefined : currencyExponent(code);
  if (code === undefined || exponent === undefined || digits === undefined) return undefined;
  const plain = withoutGroups(digits, exponent);
  const amount = plain === undefined ? null : amountMinor(plain, code, { unit: 'major' });
  return amount === null ? undefined : { currency: code, amount };
}

/** Longer texts are no amounts. */
const longest = 40;

function parts(text: string): { code?: string; digits?: string } {
  const trimmed = text.trim();
  if (trimmed.length > longest) return {};
  const [, before, digits, after] = /^([A-Za-z]{2,3})?\s*([0-9][0-9.,]*)\s*([A-Za-z]{3})?$/.exec(trimmed) ?? [];
  if (digits === undefined || (before !== undefined && after !== undefined)) return {};
  const code = (before ?? after)?.toUpperCase();
  return { digits, ...(code !== undefined && { code: code === 'RP' ? 'IDR' : code }) };
}

/**
 * The last of two different separators begins the decimals. A single kind does if it stands once and as many digits follow as the currency
 * may have; otherwise it separates thousands: `2.000` is two thousand rupiah and two dinars.
 */
function withoutGroups(digits: string, exponent: number): string | undefined {
  const last = Math.max(digits.lastIndexOf('.'), digits.lastIndexOf(','));
  if (last < 0) return digits;
  const separator = digits[last] ?? '';
  const decimals = digits.length - last - 1;
  const isSingle = digits.indexOf(separator) === last;
  const isDecimal = isSingle && decimals > 0 && (hasBoth(digits) || decimals <= exponent);
  const whole = isDecimal ? digits.slice(0, last) : digits;
  if (!/^[0-9]+$|^[0-9]{1,3}(?:\.[0-9]{3})+$|^[0-9]{1,3}(?:,[0-9]{3})+$/.test(whole)) return undefined;
  return whole.replace(/[.,]/g, '') + (isDecimal ? `.${digits.slice(last + 1)}` : '');
}

function hasBoth(digits: string): boolean {
  return digits.includes('.') && digits.includes(',');
}
