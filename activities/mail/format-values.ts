import { currencyExponent, formatMoney } from '../../language/operators/money.ts';

/** How a mail writes amounts and times. */
export interface MailFormat {
  /** BCP 47, such as `id-ID`. Null: `IDR 25,000.00`, and times as in English. */
  locale: string | null;
  /** IANA, such as `Asia/Jakarta`. */
  timeZone: string;
}

/** Currencies that are written without the cents that gateways count in, if there are none. */
const withoutCents = new Set(['COP', 'HUF', 'IDR', 'LAK', 'MMK', 'PKR', 'TWD', 'TZS', 'UZS']);

/**
 * An amount in minor units as people write it: `Rp 250.000` in `id-ID`, `12,50 €` in `de-DE`. Exact, however many digits it has. Undefined
 * for an unknown currency.
 */
export function formatAmount(
  amountMinor: number | string,
  currency: string,
  { locale }: MailFormat,
): string | undefined {
  const exponent = currencyExponent(currency);
  if (locale === null || exponent === undefined) return formatMoney(amountMinor, currency);
  const [, minus = '', unsigned = ''] = /^(-?)(.*)$/.exec(String(amountMinor)) ?? [];
  const digits = unsigned.padStart(exponent + 1, '0');
  const cut = digits.length - exponent;
  const decimal = exponent === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: exponent,
    maximumFractionDigits: exponent,
    trailingZeroDisplay: withoutCents.has(currency) ? 'stripIfInteger' : 'auto',
  });
  return plain(format.format(`${minus}${decimal}` as Intl.StringNumericLiteral));
}

/** A day and a time of day: `26 November 2026 pukul 08.00 WIB`. Undefined if the text is no instant. */
export function formatInstant(instant: string, { locale, timeZone }: MailFormat): string | undefined {
  const at = new Date(instant);
  if (Number.isNaN(at.getTime())) return undefined;
  const format = new Intl.DateTimeFormat(locale ?? 'en-GB', {
    ...{ day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit' },
    ...{ timeZone, timeZoneName: 'short' },
  });
  return plain(format.format(at));
}

/** Node's releases differ in which space they put before a unit, and mail programs show the narrow one as a box. */
function plain(text: string): string {
  return text.replace(/[\u00a0\u202f]/g, ' ').replace(/[\u200e\u200f]/g, '');
}
