import { formatMoney } from './operators/money.ts';

/**
 * An amount as every list and summary shows it: `IDR 2,000,000.00`. Empty if there is none. The digits of an unknown currency are unknown:
 * `2000000 minor units`. A sum may be a text of any length.
 */
export function shownMoney({ currency, amount }: { currency: string | null; amount: number | string | null }): string {
  if (amount === null) return '';
  const money = currency === null ? undefined : formatMoney(amount, currency);
  return money ?? [currency, amount, 'minor units'].filter((part) => part !== null).join(' ');
}
