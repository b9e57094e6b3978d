import { useWords } from '../words/words.ts';
import { money } from './format.ts';

/** An amount in minor units, as its currency is written. */
export function Money({ amount, currency }: { amount: number | string | null; currency: string | null }) {
  const { locale } = useWords();
  if (amount === null) return null;
  return <span class="nowrap">{money(amount, currency, locale)}</span>;
}
