import type { AskedEvent, Confirmation, Unanswered } from '../../../activities/gateway/gateway-client.ts';
import type { RequestView } from '../request-view.ts';
import { partOf } from './answer-part.ts';
import { askGateway, unavailable } from './ask-gateway.ts';
import type { CompiledCase } from './compile-ask.ts';
import { compareState } from './compare-state.ts';
import type { GatewayClientDeps } from './gateway-client.ts';
import { emptyView, loadStoredEvent } from './stored-event.ts';

type AskingCase = Extract<CompiledCase, { kind: 'ask' }>;

/** Asks the gateway whether a stored event is true: see `GatewayClient.confirm`. */
export async function confirmStored(
  deps: GatewayClientDeps,
  { source: name, eventId, signal }: AskedEvent,
): Promise<Confirmation | Unanswered> {
  const source = deps.sources.get(name);
  const confirm = source?.ask.confirm ?? null;
  if (source === undefined || confirm === null) return unavailable(`This worker cannot ask the gateway of "${name}"`);
  const stored = await loadStoredEvent(deps.database, source, eventId);
  if (stored === null)
    return { kind: 'event-unknown', reason: 'The event is not in the inbox, or its body is not kept' };
  const chosen = confirm.caseOf(stored.view);
  if (chosen === undefined)
    return { kind: 'impossible', reason: 'The preset knows nothing to ask about such an event' };
  if (chosen.kind === 'skip') return { kind: 'confirmed', state: {} };
  const { question, comparisons } = chosen;
  const answer = await askGateway(deps, question, { source, api: confirm.api, view: stored.view, signal });
  if (answer.kind !== 'answered' && answer.kind !== 'absent') return answer;
  const view = answer.kind === 'absent' ? emptyView(source) : within(answer.view, chosen, stored.view);
  const { differences, state } = compareState(comparisons, stored.view, view);
  if (differences.length === 0) return { kind: 'confirmed', state };
  return { kind: 'differs', differences, receivedAt: stored.receivedAt };
}

/** The answer, whose `item()` is the thing that the event is about. */
function within(answer: RequestView, { at, find }: AskingCase, event: RequestView): RequestView {
  const part = partOf(answer.body().document, at);
  if (find === null) return { ...answer, item: () => part };
  const claimed = find.claimed(event);
  const members = Array.isArray(part) ? part : [];
  const found = members.find(
    (member) => claimed !== undefined && find.confirmed({ ...answer, item: () => member }) === claimed,
  );
  return { ...answer, item: () => found };
}
