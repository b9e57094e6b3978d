import type { Difference } from '../../../activities/gateway/gateway-client.ts';
import { displayText } from '../event-value.ts';
import { compileSelector, parseSelector, type ReadText } from '../selector.ts';
import type { RequestView } from '../request-view.ts';
import type { ComparisonOptions } from './ask-schema.ts';
import { askedSelectors } from './ask-text.ts';

/** One thing that must be the same in the event and in the answer. */
export interface Comparison {
  /** `transaction_status`: the last part of where it is in the event. */
  name: string;
  claimed: ReadText;
  confirmed: ReadText;
  accepts: (claimed: string, confirmed: string) => boolean;
}

export function compileComparison({ claimed, confirmed, values, as }: ComparisonOptions): Comparison {
  const same = as === 'number' ? sameNumber : (one: string, other: string) => one === other;
  const place = parseSelector(claimed, askedSelectors);
  return {
    name: /([^/]+)$/.exec(place.name)?.[1] ?? place.kind,
    claimed: compileSelector(place),
    confirmed: compileSelector(parseSelector(confirmed, ['json', 'item'])),
    accepts: (text, answer) =>
      Object.hasOwn(values, text) ? (values[text] ?? []).includes(answer) : same(text, answer),
  };
}

/**
 * What the event and the answer disagree in, and what they agree in. Something that is in neither is not the same: nothing is
 * confirmed by it.
 */
export function compareState(
  comparisons: readonly Comparison[],
  event: RequestView,
  answer: RequestView,
): { differences: Difference[]; state: Record<string, string> } {
  const differences: Difference[] = [];
  const state: Record<string, string> = {};
  for (const { name, claimed, confirmed, accepts } of comparisons) {
    const text = claimed(event);
    const answered = confirmed(answer);
    if (text !== undefined && answered !== undefined && accepts(text, answered)) state[name] = shown(answered);
    else differences.push({ name, claimed: shownOrNull(text), confirmed: shownOrNull(answered) });
  }
  return { differences, state };
}

/** As long as a status or an amount may be; what is longer says nothing to whoever reads the failure. */
function shown(text: string): string {
  return displayText(text).slice(0, 64);
}

function shownOrNull(text: string | undefined): string | null {
  return text === undefined ? null : shown(text);
}

/** By the digits, since amounts of money are no floating-point numbers. False where one is no number. */
function sameNumber(one: string, other: string): boolean {
  const [normal, otherNormal] = [normalNumber(one), normalNumber(other)];
  return normal !== undefined && normal === otherNormal;
}

/** `0250.50` is `250.5`. */
function normalNumber(text: string): string | undefined {
  const [, sign = '', whole = '', fraction = ''] = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?$/.exec(text) ?? [];
  if (whole === '') return undefined;
  const digits = `${whole.replace(/^0+(?=\d)/, '')}.${fraction.replace(/0+$/, '')}`;
  return digits === '0.' ? digits : `${sign}${digits}`;
}
