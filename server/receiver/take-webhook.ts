import type { Logger } from 'pino';
import type { CanonicalEvent } from '../../language/event.ts';
import { withDeadline } from '../../storage/with-deadline.ts';
import type { HeaderChecks } from './check-headers.ts';
import { claimsOf } from './claims.ts';
import type { ByteLease } from './byte-budget.ts';
import { createRequestView, headerText, type InboundRequest, type RequestView } from '../gateway/request-view.ts';
import type { Answer } from '../gateway/answer.ts';
import { readWebhook } from '../gateway/ask/read-webhook.ts';
import type { Source } from '../gateway/sources.ts';
import { verifyRequest } from '../gateway/verify.ts';
import { stateOf } from '../event-state.ts';
import type { Inbox, StoreResult } from '../inbox.ts';
import type { NewBody, NewEvent } from '../new-event.ts';
import type { Metrics } from '../metrics.ts';
import { rejectionOf, RejectedError, retryAfterSeconds, type Rejection } from './rejection.ts';

export interface TakeWebhookDeps {
  inbox: Pick<Inbox, 'storeAll'>;
  /** Whether a definition wants events of this type. Others are stored as ignored. */
  isWanted: (event: CanonicalEvent) => boolean;
  countVerified: HeaderChecks['countVerified'];
  metrics: Metrics;
  log: Logger;
  now: () => number;
}

/** A slower commit is answered with 503. If it still succeeds, the redelivery is a duplicate. */
const storeDeadlineMs = 5_000;

/**
 * Verifies a request, stores its events and resolves to the acknowledgement as soon as all of them are on disk. A handshake is
 * only answered. `lease` is held until the inbox is done with the body, which may be after the answer.
 *
 * @throws RejectedError if the request is not genuine or exceeds its source's limit. After any other error, it is unknown whether
 *   the events are stored.
 */
export async function takeWebhook(
  source: Source,
  inbound: InboundRequest,
  lease: Pick<ByteLease, 'take' | 'keepDuring'>,
  deps: TakeWebhookDeps,
): Promise<Answer> {
  const startedAt = performance.now();
  const view = createRequestView(inbound, source.preset.body, source.settings);
  const greeting = await greet(source, view, deps.now());
  if (greeting !== null) return greeting;
  const rejection = (await verify(source, view, deps.now())) ?? deps.countVerified(source);
  if (rejection !== null) {
    throw new RejectedError({ ...rejection, claims: () => claimsOf(source, view, new Date(deps.now())) });
  }
  const entries = entriesOf(source, view, deps);
  if (!lease.take(multipliedBytes(entries))) {
    throw new RejectedError(rejectionOf('overloaded-bodies', { retryAfterSeconds: retryAfterSeconds.soon }));
  }
  const storing = deps.inbox.storeAll(entries);
  lease.keepDuring(storing);
  const results = await withDeadline(storing, deadlineMs(source), 'The inbox');
  const { files } = view.body();
  observe(deps, source, { entries, results, files, durationMs: performance.now() - startedAt });
  return source.preset.acknowledge(view);
}

/** Some gateways sign their handshakes; those are verified too. */
async function greet({ preset, credentials }: Source, view: RequestView, nowMs: number): Promise<Answer | null> {
  const answer = await preset.handshake(view, credentials, nowMs);
  if (answer === null || answer.status < 400) return answer;
  const { status, body: text, contentType } = answer;
  throw new RejectedError({ status, reason: 'wrong-signature', body: { text, contentType } });
}

async function verify({ preset, credentials }: Source, view: RequestView, nowMs: number): Promise<Rejection | null> {
  if (view.request.method !== 'POST') return rejectionOf('method', { headers: { allow: 'POST' } });
  const verification = await verifyRequest(preset, view, credentials, nowMs);
  if (verification.ok) return null;
  // The request may be genuine. After a 4xx, some gateways would not send it again.
  if (verification.reason === 'key-unavailable') {
    return { status: 503, reason: verification.reason, retryAfterSeconds: retryAfterSeconds.soon };
  }
  const { status, body: text, contentType } = preset.reject(view.unverified());
  return { status, reason: verification.reason, ...(text === '' ? {} : { body: { text, contentType } }) };
}

/** Half of the time that the gateway waits, because it has already been waiting for a while. */
function deadlineMs({ preset }: Source): number {
  return Math.min(storeDeadlineMs, preset.declared.acknowledgeWithinMs / 2);
}

function entriesOf(source: Source, view: RequestView, { isWanted, now }: TakeWebhookDeps): NewEvent[] {
  const inbound = view.request;
  const contentType = inbound.headers['content-type'];
  const body: NewBody = {
    bytes: inbound.body,
    contentType: typeof contentType === 'string' ? contentType : '',
    headers: keptHeaders(inbound, source.keepHeaders),
  };
  return readWebhook(source, view, new Date(now())).map((read) => ({
    event: read.event,
    ...stateOf(read, { source, isWanted }),
    body,
    item: read.item,
    ...(inbound.sender !== undefined && { sender: inbound.sender }),
  }));
}

/** What the events of a batch take up in memory beside their body until they are stored. A single event takes less than its body. */
function multipliedBytes(entries: readonly NewEvent[]): number {
  if (entries.length === 1) return 0;
  return entries.reduce((sum, { event }) => sum + JSON.stringify({ ...event, data: undefined }).length, 0);
}

function observe(
  deps: TakeWebhookDeps,
  source: Source,
  {
    entries,
    results,
    files,
    durationMs,
  }: { entries: NewEvent[]; results: StoreResult[]; files: number | undefined; durationMs: number },
): void {
  deps.metrics.acknowledged.observe(durationMs / 1000);
  entries.forEach(({ event, state, lastError }, index) => {
    const outcome = results[index]?.duplicate === true ? 'duplicate' : state === 'unreadable' ? 'unreadable' : 'stored';
    deps.metrics.accepted.inc({ source: source.name, outcome });
    deps.log.info(
      {
        source: source.name,
        event: event.id,
        type: event.type,
        entity: event.entity,
        outcome,
        ms: Math.round(durationMs * 10) / 10,
        ...(lastError === null ? {} : { reason: lastError }),
        ...(files === undefined ? {} : { filesLeftOut: files }),
      },
      'webhook',
    );
  });
}

/**
 * The headers of a request that are stored with its events: those in `names`, which are in lower case. Repeated headers are joined
 * with `, `. Null if there are none, as for most sources.
 */
export function keptHeaders(request: InboundRequest, names: readonly string[]): Record<string, string> | null {
  const kept = names.flatMap((name) => {
    const text = headerText(request, name);
    return text === undefined ? [] : [[name, text] as const];
  });
  return kept.length === 0 ? null : Object.fromEntries(kept);
}
