import { ExpressionError } from '../expression-error.ts';
import type { Json } from '../json.ts';
import { losesDigits } from './arithmetic.ts';
import { wrongType, type Application, type OperatorTable } from './operator.ts';

export const moneyOperators = {
  formatMoney: { arity: [2, 2], apply: applyFormatMoney },
} satisfies OperatorTable;

function applyFormatMoney({ name, args: [amount = null, currency = null], budget }: Application): Json {
  budget.charge(4);
  if (!isAmount(amount)) throw wrongType(name, 'a whole number of minor units first', amount);
  const text = typeof currency === 'string' ? formatMoney(amount, currency) : undefined;
  if (text === undefined) {
    throw new ExpressionError('KAIT_EXPRESSION_TYPE', `"${name}" expects an ISO 4217 currency code, such as "IDR".`);
  }
  return text;
}

/** A text counts only if no number can hold its digits, as in bodies. Other texts often hold whole rupiah or dollars. */
function isAmount(amount: Json): amount is number | string {
  if (typeof amount === 'number') return Number.isSafeInteger(amount);
  return typeof amount === 'string' && /^-?[1-9][0-9]{15,39}$/.test(amount) && losesDigits(Number(amount));
}

/**
 * `IDR 25,000.00`: an amount in minor units as a receipt shows it, or undefined for an unknown currency. Works on digits and
 * never divides, so that amounts near 2^53, and texts of more digits, keep their last digit. The decimals are those of the minor unit; Intl's follow daily
 * use, which writes rupiah without the cents that gateways count in.
 */
export function formatMoney(amountMinor: number | string, currency: string): string | undefined {
  const exponent = currencyExponent(currency);
  if (exponent === undefined) return undefined;
  const [, minus = '', unsigned = ''] = /^(-?)(.*)$/.exec(String(amountMinor)) ?? [];
  const digits = unsigned.padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent).replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
  const cents = exponent === 0 ? '' : `.${digits.slice(-exponent)}`;
  return `${currency} ${minus}${whole}${cents}`;
}

/** ISO 4217 currencies by the digits of their minor unit (list one, 2026, without funds and metals). */
const codesByExponent: readonly (readonly [exponent: number, codes: string])[] = [
  [0, 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF'],
  [
    2,
    'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC ' +
      'CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD ' +
      'KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO ' +
      'NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL ' +
      'THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD XCG YER ZAR ZMW ZWG',
  ],
  [3, 'BHD IQD JOD KWD LYD OMR TND'],
];

/** The digits of a currency's minor unit: 2 for IDR, 0 for JPY, 3 for KWD. Undefined if it is not an upper-case ISO 4217 code. */
export function currencyExponent(code: string): number | undefined {
  if (!/^[A-Z]{3}$/.test(code)) return undefined;
  return codesByExponent.find(([, codes]) => codes.includes(code))?.[0];
}
