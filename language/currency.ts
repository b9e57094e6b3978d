/** Currencies of ISO 4217 by the number of digits of their minor unit (list one, 2026, funds and metals left out). */
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

/**
 * How many digits the minor unit of a currency has: 2 for IDR, 0 for JPY, 3 for KWD. Undefined: not an ISO 4217 code in
 * upper case, so that nobody can say what a minor unit of it is.
 */
export function currencyExponent(code: string): number | undefined {
  if (!/^[A-Z]{3}$/.test(code)) return undefined;
  return codesByExponent.find(([, codes]) => codes.includes(code))?.[0];
}

/**
 * `IDR 25,000.00`: an amount in minor units as a receipt shows it, or undefined for an unknown currency. Works on digits and
 * never divides, so amounts near 2^53 keep their last digit. The decimals are those of the minor unit. Intl's follow daily
 * use, which writes rupiah without the cents that gateways count in.
 */
export function formatMoney(amountMinor: number, currency: string): string | undefined {
  const exponent = currencyExponent(currency);
  if (exponent === undefined) return undefined;
  const digits = String(Math.abs(amountMinor)).padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent).replace(/\B(?=(?:[0-9]{3})+$)/g, ',');
  const cents = exponent === 0 ? '' : `.${digits.slice(-exponent)}`;
  return `${currency} ${amountMinor < 0 ? '-' : ''}${whole}${cents}`;
}
