import { and, eq } from 'drizzle-orm';
import type { AskedEvent, Fetched, Unanswered } from '../../../activities/gateway/gateway-client.ts';
import { isObject, type Json } from '../../../language/json.ts';
import type { Database } from '../../../storage/database.ts';
import { events } from '../../../storage/schema.ts';
import { stateOf } from '../../event-state.ts';
import type { NewEvent } from '../../new-event.ts';
import { readEvents, type ReadEvent } from '../read-events.ts';
import { createRequestView, type RequestView } from '../request-view.ts';
import { askGateway, partOf, type AskDeps } from './ask-gateway.ts';
import type { AskSource } from './ask-source.ts';
import type { CompiledFetch } from './compile-ask.ts';
import type { StoreMissingDeps } from './store-missing.ts';
import { loadStoredEvent, type StoredEvent } from './stored-event.ts';

/** How long a genuine event waits for the gateway's answer. Then it is stored without it. */
const giveUpAfterMs = 24 * 60 * 60 * 1_000;
/** As much as a webhook may have by default. Definitions get the event with the answer in it. */
const bodyLimitBytes = 1_024 * 1_024;

/** An event in the form in which it is stored. */
interface Readable extends Pick<NewEvent, 'body'> {
  read: ReadEvent;
}

/**
 * Asks the gateway for what a genuine event lacks, and stores the event with the answer in it: see `GatewayClient.fetch`. Stores the
 * event as it is if there is no answer, and never twice, whatever happens in between.
 */
export async function completeEvent(
  deps: AskDeps & StoreMissingDeps,
  source: AskSource,
  fetch: CompiledFetch & { into: string },
  { eventId, signal }: AskedEvent,
): Promise<Fetched | Unanswered> {
  const notice = await loadStoredEvent(deps.database, source, eventId);
  if (notice === null) return { kind: 'event-unknown', reason: 'The inbox has no such event, or its body is gone' };
  const plain = plainOf(source, notice);
  // An event that ends a hold may be stored in place of another one.
  if (!source.preset.holds && (await isStored(deps.database, plain.read.event))) {
    return { kind: 'fetched', stored: 0, known: 1 };
  }
  const store = async ({ read, body }: Readable) => {
    // The worker does not know the definitions. The dispatcher does.
    const state = stateOf(read, { source, isWanted: () => true });
    const { event, item } = read;
    const { duplicate } = await deps.store({ event, ...state, body, item });
    return duplicate ? { stored: 0, known: 1 } : { stored: 1, known: 0 };
  };
  const answer = await answerFor(deps, source, fetch, notice.view, signal);
  if (answer.kind === 'answered') {
    const completed = completedOf(source, notice, plain, { into: fetch.into, thing: answer.thing });
    if (completed !== undefined) return { kind: 'fetched', ...(await store(completed)) };
    return { kind: 'incomplete', reason: 'The event cannot be read with the answer in it', ...(await store(plain)) };
  }
  if (answer.kind === 'absent') return { kind: 'incomplete', reason: null, ...(await store(plain)) };
  const isLate = deps.nowMs() - notice.receivedAt.getTime() >= giveUpAfterMs;
  if (answer.kind === 'unavailable' && !isLate) return answer;
  return { kind: 'incomplete', reason: answer.reason, ...(await store(plain)) };
}

/** The event as its gateway sent it. It is unreadable only if the preset has changed since it arrived. */
function plainOf(source: AskSource, { view, row, bodyId, receivedAt, live }: StoredEvent): Readable {
  const [read] = readEvents(source.preset, source.name, view, receivedAt, { only: row.item });
  if (read === undefined) throw new Error('There is always at least one event.');
  const event = { ...read.event, live: read.event.live ?? live };
  return { read: { ...read, event }, body: { storedAs: bodyId } };
}

/** Undefined if the event is too large with the answer in it, or no object. It keeps the id and `live` that it has without the answer. */
function completedOf(
  source: AskSource,
  { view, row, headers, receivedAt }: StoredEvent,
  plain: Readable,
  { into, thing }: { into: string; thing: Json },
): Readable | undefined {
  const { document } = view.body();
  const item = view.item();
  if (document === undefined || !isObject(item)) return undefined;
  const whole = source.preset.bodyWith(document, row.item, { ...item, [into]: thing });
  const contentType = 'application/json';
  const bytes = Buffer.from(JSON.stringify(whole));
  if (bytes.length > bodyLimitBytes) return undefined;
  const request = { method: 'POST', url: '/', headers: { 'content-type': contentType }, body: bytes };
  const [read] = readEvents(
    source.preset,
    source.name,
    createRequestView(request, source.preset.body, source.settings),
    receivedAt,
  );
  if (read?.unreadable !== null) return undefined;
  const { id, live } = plain.read.event;
  return { read: { ...read, event: { ...read.event, id, live } }, body: { bytes, contentType, headers } };
}

type Answered = { kind: 'answered'; thing: Json } | { kind: 'absent' } | { kind: 'impossible'; reason: string };

async function answerFor(
  deps: AskDeps,
  source: AskSource,
  { api, caseOf }: CompiledFetch,
  view: RequestView,
  signal: AbortSignal,
): Promise<Answered | Unanswered> {
  const chosen = caseOf(view);
  if (chosen?.kind !== 'ask') return { kind: 'impossible', reason: 'The preset has no question about such an event' };
  const answer = await askGateway(deps, chosen.question, { source, api, view, signal });
  if (answer.kind !== 'answered') return answer;
  const thing = partOf(answer.view.body().document, chosen.at);
  return thing === undefined || thing === null ? { kind: 'absent' } : { kind: 'answered', thing };
}

async function isStored(database: Database, { source, id }: ReadEvent['event']): Promise<boolean> {
  const rows = await database.orm
    .select({ id: events.id })
    .from(events)
    .where(and(eq(events.source, source), eq(events.eventId, id)));
  return rows.length > 0;
}
