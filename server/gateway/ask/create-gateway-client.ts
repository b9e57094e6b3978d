import type {
  AskedEvent,
  Confirmation,
  Fetched,
  GatewayClient,
  Unanswered,
} from '../../../activities/gateway/gateway-client.ts';
import { askGateway, partOf, unavailable, type AskDeps } from './ask-gateway.ts';
import type { AskSource } from './ask-source.ts';
import { compareAnswer } from './compare-answer.ts';
import { differencesFromNothing, findUnclaimed } from './compare-state.ts';
import type { CompiledAsk, CompiledFetch } from './compile-ask.ts';
import { completeEvent } from './complete-event.ts';
import { findById } from './find-by-id.ts';
import { giveUp } from './give-up.ts';
import { reconcileSource } from './reconcile.ts';
import { storeMissing, type StoreMissingDeps } from './store-missing.ts';
import { loadStoredEvent } from './stored-event.ts';
import { createTokenCache } from './token-cache.ts';

export interface GatewayClientDeps {
  send: AskDeps['send'];
  nowMs: () => number;
  /** `Kait/1.2.3`. */
  userAgent: string;
  database: StoreMissingDeps['database'];
  store: StoreMissingDeps['store'];
  /** Looked up for each question, because the sources' file can change. */
  sources: { get: (name: string) => AskSource | undefined };
}

/** Asks the gateways of these sources. */
export function createGatewayClient(given: GatewayClientDeps): GatewayClient {
  const deps = { ...given, tokens: createTokenCache() };
  const find = (name: string) => deps.sources.get(name);
  const cannotAsk = (name: string) => unavailable(`This worker cannot ask the gateway of "${name}"`);
  return {
    async confirm(asked) {
      const source = find(asked.source);
      return source?.ask.confirm ? confirmStored(deps, source, source.ask.confirm, asked) : cannotAsk(asked.source);
    },
    async fetch(asked) {
      const source = find(asked.source);
      if (!source?.ask.fetch) return cannotAsk(asked.source);
      const { into, ...fetch } = source.ask.fetch;
      return into === null
        ? followNotice(deps, source, fetch, asked)
        : completeEvent(deps, source, { ...fetch, into }, asked);
    },
    async find({ source: name, ...asked }) {
      const source = find(name);
      return source === undefined ? cannotAsk(name) : findById(deps, source, asked);
    },
    giveUp: (notice) => giveUp(deps.database, notice),
    async reconcile({ source: name, signal }) {
      const source = find(name);
      return source?.ask.list ? reconcileSource(deps, source, source.ask.list, signal) : cannotAsk(name);
    },
  };
}

/** Asks the gateway whether a stored event is true: see `GatewayClient.confirm`. */
async function confirmStored(
  deps: AskDeps & StoreMissingDeps,
  source: AskSource,
  { api, caseOf }: NonNullable<CompiledAsk['confirm']>,
  { eventId, signal }: AskedEvent,
): Promise<Confirmation | Unanswered> {
  const stored = await loadStoredEvent(deps.database, source, eventId);
  if (stored === null) return { kind: 'event-unknown', reason: 'The inbox has no such event, or its body is gone' };
  const chosen = caseOf(stored.view);
  if (chosen === undefined) return { kind: 'impossible', reason: 'The preset has no question about such an event' };
  if (chosen.kind === 'skip') return { kind: 'confirmed', state: {} };
  const { question, comparisons } = chosen;
  const { view: event, receivedAt } = stored;
  const unclaimed = findUnclaimed(comparisons, event);
  if (unclaimed.length > 0)
    return { kind: 'impossible', reason: `The event has no ${unclaimed.join(', ')} to compare` };
  const answer = await askGateway(deps, question, { source, api, view: event, signal });
  if (answer.kind !== 'answered' && answer.kind !== 'absent') return answer;
  if (answer.kind === 'absent') {
    return { kind: 'differs', differences: differencesFromNothing(comparisons, event), receivedAt };
  }
  const { differences, state, lacking } = compareAnswer(answer.view, chosen, event);
  if (lacking !== null) return unavailable(`${question.request.target}: the answer has no ${lacking}`);
  return differences.length === 0 ? { kind: 'confirmed', state } : { kind: 'differs', differences, receivedAt };
}

/** Fetches what a notice is about: see `GatewayClient.fetch`. If a notice lacks what the question needs, it is forged. */
async function followNotice(
  deps: AskDeps & StoreMissingDeps,
  source: AskSource,
  { api, caseOf }: Omit<CompiledFetch, 'into'>,
  { eventId, signal }: AskedEvent,
): Promise<Fetched | Unanswered> {
  const notice = await loadStoredEvent(deps.database, source, eventId);
  if (notice === null) return { kind: 'event-unknown', reason: 'The inbox has no such notice, or its body is gone' };
  const chosen = caseOf(notice.view);
  if (chosen === undefined || chosen.kind === 'skip') return { kind: 'absent' };
  const { question, at } = chosen;
  const answer = await askGateway(deps, question, { source, api, view: notice.view, signal });
  if (answer.kind === 'absent' || answer.kind === 'impossible') return { kind: 'absent' };
  if (answer.kind !== 'answered') return answer;
  const body = partOf(answer.view.body().document, at);
  if (body === undefined) return { kind: 'absent' };
  const { found, stored } = await storeMissing(deps, source, {
    bodies: [{ body, headers: {} }],
    settleMs: 0,
    sinceMs: 0,
  });
  if (found === 0) return unavailable(`${question.request.target}: the preset cannot read the answer as an event`);
  return { kind: 'fetched', stored, known: found - stored };
}
