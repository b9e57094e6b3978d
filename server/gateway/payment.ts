import { currencyExponent } from '../../language/operators/money.ts';
import type { Payment } from '../../language/event.ts';
import { compileAlternatives, joinId, joinName, type Join, displayText, identifier } from './event-value.ts';
import { compileFirstMatch } from './match.ts';
import type { ReadText } from './selector.ts';
import type { PaymentMapping } from './preset-schema.ts';
import type { RequestView } from './request-view.ts';

/** Reads the payment of an event. Null: the event is not about a payment. */
export type ReadPayment = (view: RequestView, canonicalType: string | null) => Payment | null;

/** The first mapping that matches counts. Never throws: what cannot be read is null. */
export function compilePayments(mappings: readonly PaymentMapping[]): ReadPayment {
  const first = compileFirstMatch(mappings.map((mapping) => ({ match: mapping.match, read: compilePayment(mapping) })));
  return (view, canonicalType) => first(view)?.read(view, canonicalType) ?? null;
}

function compilePayment(mapping: PaymentMapping): ReadPayment {
  const id = compileText(mapping.id, identifier);
  const orderId = compileText(mapping.orderId, identifier);
  const currency = compileText(mapping.currency, identifier);
  const method = compileText(mapping.method, identifier);
  const customerId = compileText(mapping.customer?.id, identifier);
  const email = compileText(mapping.customer?.email, displayText);
  const name = compileText(mapping.customer?.name, displayText, joinName);
  const amount = compileAmount(mapping.amount);
  return (view, canonicalType) => {
    const code = currency(view);
    return {
      id: id(view),
      orderId: orderId(view),
      amount: amount(view, code),
      currency: code,
      status: statusOf(canonicalType),
      method: method(view),
      customer: { id: customerId(view), email: email(view), name: name(view) },
    };
  };
}

function compileText(alternatives: string[] | undefined, clean: (text: string) => string, join: Join = joinId) {
  if (alternatives === undefined) return () => null;
  const read = compileAlternatives(alternatives, join);
  return (view: RequestView): string | null => {
    const text = read(view);
    return text === undefined ? null : clean(text);
  };
}

function compileAmount(options: PaymentMapping['amount']) {
  if (options === undefined) return () => null;
  const read: ReadText = compileAlternatives(options.from, joinId);
  return (view: RequestView, currency: string | null): number | null => {
    const text = read(view);
    return text === undefined ? null : amountMinor(text, currency, options);
  };
}

/** The statuses are the canonical payment types without their prefix: the preset's schema lets no others through. */
function statusOf(canonicalType: string | null): Payment['status'] {
  const [noun, status] = canonicalType?.split('.') ?? [];
  return noun === 'payment' && status !== undefined ? (status as Payment['status']) : null;
}

/** How a gateway writes amounts. */
interface AmountUnit {
  unit: 'minor' | 'major';
  /** Digits of the minor unit, for currencies that the gateway counts differently from ISO 4217: Stripe has 2 for UGX. */
  exponents?: Record<string, number> | undefined;
}

/**
 * The amount in minor units of ISO 4217, exactly: digits are moved as text, never multiplied. `250000.00` IDR in major units is
 * 25000000. Null if the text is not a plain decimal, the currency is unknown, digits below the minor unit would be lost, or
 * the amount exceeds 2^53.
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

/** `text` times 10 to the power of `by`, if that is a safe integer. */
function shiftDecimal(text: string, by: number): number | null {
  const match = /^(\d{1,30})(?:\.(\d{1,30}))?$/.exec(text);
  if (match === null) return null;
  const [, whole = '', fraction = ''] = match;
  const digits = whole + fraction;
  const missing = by - fraction.length;
  const kept = missing >= 0 ? digits + '0'.repeat(missing) : digits.slice(0, missing);
  const lost = missing >= 0 ? '' : digits.slice(missing);
  if (/[1-9]/.test(lost)) return null;
  const amount = Number(kept === '' ? '0' : kept);
  return Number.isSafeInteger(amount) ? amount : null;
}
