/**
 * The digits of a plain decimal before and after its point: `0250.50` has `0250` and `50`. Undefined if the text is none, or has more than
 * 30 digits on a side.
 */
export function digitsOf(text: string): { whole: string; fraction: string } | undefined {
  const [, whole = '', fraction = ''] = /^(\d{1,30})(?:\.(\d{1,30}))?$/.exec(text) ?? [];
  return whole === '' ? undefined : { whole, fraction };
}

/**
 * How many digits of the fraction a double holds beside these whole ones. Binary arithmetic blurs those after: 1034.60 becomes
 * 1034.6000000000001. Negative if it cannot even hold the whole ones.
 */
export function sharpPlaces(whole: string): number {
  return 15 - whole.replace(/^0+/, '').length;
}
