import type { Payment } from '../../language/event.ts';

/**
 * Decimals of the currencies that have not two (ISO 4217, list one). Not Intl's: that follows daily use, which writes
 * rupiah without their cents, while gateways count in them.
 */
const decimalsOf = new Map<string, number>([
  ...decimals(0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'),
  ...decimals(3, 'BHD IQD JOD KWD LYD OMR TND'),
  ...decimals(4, 'CLF UYW'),
]);

/** `IDR 25,000.00`, or null where the event has no amount. */
export function formatMoney(payment: Pick<Payment, 'amount' | 'currency'> | null): string | null {
  const { amount = null, currency = null } = payment ?? {};
  if (amount === null || currency === null) return null;
  const digits = decimalsOf.get(currency) ?? 2;
  const format = new Intl.NumberFormat('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${currency} ${format.format(amount / 10 ** digits)}`;
}

function decimals(count: number, currencies: string): [string, number][] {
  return currencies.split(' ').map((currency) => [currency, count]);
}
