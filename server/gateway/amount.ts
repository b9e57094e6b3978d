import { currencyExponent } from '../../language/currency.ts';

/** How a gateway writes amounts. */
export interface AmountUnit {
  unit: 'minor' | 'major';
  /** Digits of the minor unit where the gateway counts otherwise than ISO 4217: Stripe has 2 for UGX. */
  exponents?: Record<string, number> | undefined;
}

/**
 * The amount in minor units of ISO 4217, exactly: the digits are moved as text, never multiplied. `250000.00` IDR in major
 * units is 25000000. Null where the text is no plain decimal, where the currency is unknown, where digits below the minor
 * unit would be lost, and beyond 2^53.
 */
export function amountMinor(
  text: string,
  currency: string | null,
  { unit, exponents = {} }: AmountUnit,
): number | null {
  const exponent = currency === null ? undefined : currencyExponent(currency);
  if (currency === null || exponent === undefined) return unit === 'minor' ? shiftDecimal(text, 0) : null;
  const gatewayExponent = Object.hasOwn(exponents, currency) ? (exponents[currency] ?? exponent) : exponent;
  return shiftDecimal(text, unit === 'major' ? exponent : exponent - gatewayExponent);
}

/** `text` times 10 to the power of `places`, if that is a safe integer. */
function shiftDecimal(text: string, places: number): number | null {
  const match = /^(\d{1,30})(?:\.(\d{1,30}))?$/.exec(text);
  if (match === null) return null;
  const [, whole = '', fraction = ''] = match;
  const digits = whole + fraction;
  const missing = places - fraction.length;
  const kept = missing >= 0 ? digits + '0'.repeat(missing) : digits.slice(0, missing);
  const lost = missing >= 0 ? '' : digits.slice(missing);
  if (/[1-9]/.test(lost)) return null;
  const amount = Number(kept === '' ? '0' : kept);
  return Number.isSafeInteger(amount) ? amount : null;
}
