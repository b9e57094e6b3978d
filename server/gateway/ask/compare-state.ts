import type { Difference } from '../../../activities/gateway/gateway-client.ts';
import { cutText } from '../../../language/well-formed.ts';
import { digitsOf, sharpPlaces } from '../decimal.ts';
import { displayText } from '../event-value.ts';
import { compileSelector, parseSelector, type ReadText } from '../selector.ts';
import type { RequestView } from '../request-view.ts';
import type { ComparisonOptions } from './ask-schema.ts';
import { askedSelectors } from './ask-text.ts';

/** A value that must agree in the event and the answer. */
export interface Comparison {
  /** `transaction_status`: the last part of its selector in the event. */
  name: string;
  claimed: ReadText;
  confirmed: ReadText;
  accepts: (claimed: string, confirmed: string) => boolean;
}

export function compileComparison({ claimed, confirmed, values, as }: ComparisonOptions): Comparison {
  const same = agreements[as];
  const selector = parseSelector(claimed, askedSelectors);
  const answered = parseSelector(confirmed, ['json', 'item']);
  // An optional number that the answer leaves out contradicts none. What an optional text means, `values` says.
  const isUntold = (answer: string) => answered.optional && as === 'number' && answer === '';
  return {
    name: /([^/]+)$/.exec(selector.name)?.[1] ?? selector.kind,
    claimed: compileSelector(selector),
    confirmed: compileSelector(answered),
    accepts: (text, answer) =>
      Object.hasOwn(values, text) ? (values[text] ?? []).includes(answer) : isUntold(answer) || same(text, answer),
  };
}

const agreements: Record<ComparisonOptions['as'], Comparison['accepts']> = {
  text: (one, other) => one === other,
  number: sameNumber,
  atMost: isAtMost,
};

export interface Compared {
  differences: Difference[];
  /** The values that agree. */
  state: Record<string, string>;
  /** Values that the answer lacks. It then says nothing, for or against the event. */
  missing: string[];
}

/** Compares values that the event has: see {@link findUnclaimed}. */
export function compareState(comparisons: readonly Comparison[], event: RequestView, answer: RequestView): Compared {
  const compared: Compared = { differences: [], state: {}, missing: [] };
  for (const { name, claimed, confirmed, accepts } of comparisons) {
    const text = claimed(event);
    const answered = confirmed(answer);
    if (answered === undefined) compared.missing.push(name);
    else if (text !== undefined && accepts(text, answered)) compared.state[name] = shown(answered);
    else compared.differences.push({ name, claimed: shownOrNull(text), confirmed: shown(answered) });
  }
  return compared;
}

/** Values that the event lacks, so that nothing can be compared with them. */
export function findUnclaimed(comparisons: readonly Comparison[], event: RequestView): string[] {
  return comparisons.filter(({ claimed }) => claimed(event) === undefined).map(({ name }) => name);
}

/** The differences from a thing that does not exist. */
export function differencesFromNothing(comparisons: readonly Comparison[], event: RequestView): Difference[] {
  return comparisons.map(({ name, claimed }) => ({ name, claimed: shownOrNull(claimed(event)), confirmed: null }));
}

/** Long enough for a status or an amount. Longer texts would not help the reader of the failure. */
function shown(text: string): string {
  return cutText(displayText(text), 64);
}

function shownOrNull(text: string | undefined): string | null {
  return text === undefined ? null : shown(text);
}

/** Compares digits, because amounts are not floating-point numbers. False if one is not a number. */
function sameNumber(one: string, other: string): boolean {
  const [normal, otherNormal] = [normalNumber(one), normalNumber(other)];
  return normal !== undefined && normal === otherNormal;
}

/** Whether `one` is not above `other`: digit by digit, like {@link sameNumber}. Negative numbers are neither. */
function isAtMost(one: string, other: string): boolean {
  const [low, high] = [paddedNumber(one), paddedNumber(other)];
  return low !== undefined && high !== undefined && low <= high;
}

/** Digits at fixed places, so that texts sort like their numbers. */
function paddedNumber(text: string): string | undefined {
  const parts = digitsOf(text);
  return parts && `${parts.whole.padStart(30, '0')}.${parts.fraction.padEnd(30, '0')}`;
}

/** `0250.50` is `250.5`, and so is `250.50000000000003`: see {@link sharpPlaces}. */
function normalNumber(text: string): string | undefined {
  const sign = text.startsWith('-') ? '-' : '';
  const parts = digitsOf(text.slice(sign.length));
  if (parts === undefined) return undefined;
  const { whole, fraction } = parts;
  const places = sharpPlaces(whole);
  const sharp = places >= 0 && fraction.length > places ? Number(`${whole}.${fraction}`).toFixed(places) : undefined;
  const [integer = '', decimals = ''] = (sharp ?? `${whole}.${fraction}`).split('.');
  const digits = `${integer.replace(/^0+(?=\d)/, '')}.${decimals.replace(/0+$/, '')}`;
  return digits === '0.' ? digits : `${sign}${digits}`;
}
