import type { RequestView } from '../request-view.ts';
import { partOf } from './ask-gateway.ts';
import { compareState, differencesFromNothing, type Compared } from './compare-state.ts';
import type { CompiledCase } from './compile-ask.ts';

type AskedCase = Extract<CompiledCase, { kind: 'ask' }>;

/** Compares an event with an answer. `lacking` names what the answer must tell and does not, so that it says nothing about the event. */
export function compareAnswer(
  answer: RequestView,
  chosen: AskedCase,
  event: RequestView,
): Pick<Compared, 'differences' | 'state'> & { lacking: string | null } {
  const { comparisons } = chosen;
  const found = within(answer, chosen, event);
  if (found === 'absent') {
    return { differences: differencesFromNothing(comparisons, event), state: {}, lacking: null };
  }
  if (found === 'unknown') {
    // Beside the missing list, the answer may contradict the event: a payment that is said to be refunded is just paid.
    const { differences } = compareState(comparisons, event, { ...answer, item: () => undefined });
    const lacking = differences.length > 0 ? null : 'complete list of what the event is about';
    return { differences, state: {}, lacking };
  }
  const { differences, state, missing } = compareState(comparisons, event, found);
  return { differences, state, lacking: missing.length > 0 ? missing.join(', ') : null };
}

/**
 * The answer, with the thing that the event is about as its `item()`. `absent`: it is not in the list. `unknown`: there is no list,
 * or only a part of it.
 */
function within(answer: RequestView, { at, find }: AskedCase, event: RequestView): RequestView | 'absent' | 'unknown' {
  const part = partOf(answer.body().document, at);
  if (find === null) return { ...answer, item: () => part };
  if (!Array.isArray(part)) return 'unknown';
  const claimed = find.claimed(event);
  const found = part.find(
    (member) => claimed !== undefined && find.confirmed({ ...answer, item: () => member }) === claimed,
  );
  if (found !== undefined) return { ...answer, item: () => found };
  return find.isWhole(answer) ? 'absent' : 'unknown';
}
