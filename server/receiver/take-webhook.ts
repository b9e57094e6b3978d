import type { Logger } from 'pino';
import type { CanonicalEvent } from '../../language/event.ts';
import { withDeadline } from '../../storage/with-deadline.ts';
import type { HeaderChecks } from './check-headers.ts';
import type { ByteLease } from './byte-budget.ts';
import { type InboundRequest, createRequestView, type RequestView } from '../gateway/request-view.ts';
import type { Answer } from '../gateway/answer.ts';
import { isNotice, readWebhook } from '../gateway/ask/read-webhook.ts';
import type { Source } from '../gateway/sources.ts';
import { verifyRequest } from '../gateway/verify.ts';
import type { Inbox, NewEvent, StoreResult } from '../inbox.ts';
import { keptHeaders } from './kept-headers.ts';
import type { Metrics } from '../metrics.ts';
import { rejectionOf, RejectedError, retryAfterSeconds, type Rejection } from './rejection.ts';

export interface TakeWebhookDeps {
  inbox: Inbox;
  /** Whether any definition is for events of this type; the others are stored as ignored. */
  isWanted: (event: CanonicalEvent) => boolean;
  countVerified: HeaderChecks['countVerified'];
  metrics: Metrics;
  log: Logger;
  now: () => number;
}

/** A commit that takes longer is answered 503. It may still succeed; then the redelivery is a duplicate. */
const storeDeadlineMs = 5_000;

/**
 * Verifies a request, reads its events and stores them; resolves to the acknowledgement when all of them are on disk.
 * Handshakes are answered, and nothing else comes of them. `lease` is kept until the inbox is done with the body, which may
 * be later than the answer.
 *
 * @throws RejectedError where the request is not genuine or exceeds its source's limit. Any other error: nothing is known to
 *   be stored.
 */
export async function takeWebhook(
  source: Source,
  inbound: InboundRequest,
  lease: Pick<ByteLease, 'keepDuring'>,
  deps: TakeWebhookDeps,
): Promise<Answer> {
  const startedAt = performance.now();
  const view = createRequestView(inbound, source.preset.body, source.settings);
  const greeting = await greet(source, view, deps.now());
  if (greeting !== null) return greeting;
  const rejection = (await verify(source, view, deps.now())) ?? deps.countVerified(source);
  if (rejection !== null) throw new RejectedError(rejection);
  const entries = entriesOf(source, view, deps);
  const storing = storeAll(deps.inbox, entries);
  lease.keepDuring(storing);
  const results = await withDeadline(storing, deadlineMs(source), 'The inbox');
  observe(deps, source, entries, results, performance.now() - startedAt);
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
  // Nothing is known of the request: a rejection would make some gateways give it up.
  if (verification.reason === 'key-unavailable') {
    return { status: 503, reason: verification.reason, retryAfterSeconds: retryAfterSeconds.soon };
  }
  const { status, body: text, contentType } = preset.reject(view);
  return { status, reason: verification.reason, ...(text === '' ? {} : { body: { text, contentType } }) };
}

/** The gateway has been waiting for some time when this begins. */
function deadlineMs({ preset }: Source): number {
  return Math.min(storeDeadlineMs, preset.declared.acknowledgeWithinMs / 2);
}

function entriesOf(source: Source, view: RequestView, { isWanted, now }: TakeWebhookDeps): NewEvent[] {
  const inbound = view.request;
  const contentType = inbound.headers['content-type'];
  const headers = keptHeaders(inbound, source.keepHeaders);
  return readWebhook(source.preset, source.name, view, new Date(now())).map((read) => ({
    event: read.event,
    state:
      read.unreadable !== null ? 'unreadable' : isWanted(read.event) || isNotice(read.event) ? 'pending' : 'ignored',
    lastError: read.unreadable,
    body: inbound.body,
    contentType: typeof contentType === 'string' ? contentType : '',
    headers,
    item: read.item,
  }));
}

function storeAll(inbox: Inbox, entries: NewEvent[]): Promise<StoreResult[]> {
  const [only] = entries;
  return entries.length === 1 && only !== undefined
    ? inbox.store(only).then((result) => [result])
    : Promise.all(entries.map((entry) => inbox.store(entry)));
}

function observe(
  deps: TakeWebhookDeps,
  source: Source,
  entries: NewEvent[],
  results: StoreResult[],
  durationMs: number,
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
      },
      'webhook',
    );
  });
}
