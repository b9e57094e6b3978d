import type { AskedEvent, Fetched, Unanswered } from '../../../activities/gateway/gateway-client.ts';
import { askGateway, unavailable } from './ask-gateway.ts';
import type { GatewayClientDeps } from './gateway-client.ts';
import { storeMissing } from './store-missing.ts';
import { loadStoredEvent } from './stored-event.ts';

/** Gets what a notice is about: see `GatewayClient.fetch`. A notice that nothing can be asked about is made up. */
export async function followNotice(
  deps: GatewayClientDeps,
  { source: name, eventId, signal }: AskedEvent,
): Promise<Fetched | Unanswered> {
  const source = deps.sources.get(name);
  const fetch = source?.ask.fetch ?? null;
  if (source === undefined || fetch === null) return unavailable(`This worker cannot ask the gateway of "${name}"`);
  const notice = await loadStoredEvent(deps.database, source, eventId);
  if (notice === null)
    return { kind: 'event-unknown', reason: 'The notice is not in the inbox, or its body is not kept' };
  const answer = await askGateway(deps, fetch.question, { source, api: fetch.api, view: notice.view, signal });
  if (answer.kind === 'absent' || answer.kind === 'impossible') return { kind: 'absent' };
  if (answer.kind !== 'answered') return answer;
  const body = answer.view.body().document;
  if (body === undefined) return { kind: 'refused', reason: 'The answer is no JSON that could be an event' };
  const { found, stored } = await storeMissing(deps, source, {
    bodies: [{ body, headers: {} }],
    settleMs: 0,
    sinceMs: 0,
  });
  if (found === 0) return { kind: 'refused', reason: 'The answer is no event that the preset can read' };
  return { kind: 'fetched', stored, known: found - stored };
}
