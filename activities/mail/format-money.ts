import { currencyExponent } from '../../language/currency.ts';
import type { Payment } from '../../language/event.ts';

/**
 * `IDR 25,000.00`, or null where the event has no amount or no known currency. The number of decimals is not Intl's: that
 * follows daily use, which writes rupiah without the cents that gateways count in.
 */
export function formatMoney(payment: Pick<Payment, 'amount' | 'currency'> | null): string | null {
  const { amount = null, currency = null } = payment ?? {};
  const digits = currency === null ? undefined : currencyExponent(currency);
  if (amount === null || currency === null || digits === undefined) return null;
  const format = new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  // A number in text, `250e-2`: a division would round amounts near 2^53.
  const decimal = `${amount}e-${digits}` as `${number}`;
  return `${currency} ${format.format(decimal)}`;
}
