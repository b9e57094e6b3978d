import { createHash } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import type { CallContext } from '../language/definition.ts';
import type { Database } from '../storage/database.ts';
import { events } from '../storage/schema.ts';
import { askDatabase } from './ask-database.ts';
import type { ActivityInput, ActivityOutput } from './catalogue.ts';
import { activityFailure } from './failure-types.ts';
import { forwardedHeaders } from './outbound/forwarded-headers.ts';
import { forwardedType } from './outbound/forwarded-type.ts';
import { findStoredMessage, type OutboundDeps, storeMessageOnce } from './outbound/store-message.ts';

/**
 * Sends the request that brought an event on to every endpoint that subscribes to `forward.<source>.<event type>`: its bytes
 * and the chosen headers as they came, signed by Standard Webhooks in addition. Once per key, and a repeat answers like the
 * first call. A request that brought several events starts a run for each, and still reaches an endpoint once: the run that
 * comes first delivers it, the others count no delivery. Throws `EventUnknown`, and `RequestNotKept` where retention has
 * emptied the body or a header was not kept.
 */
export async function forwardOnce(
  deps: OutboundDeps,
  input: ActivityInput<'webhooks.forward'>,
  context: CallContext,
): Promise<ActivityOutput<'webhooks.forward'>> {
  const { idempotencyKey } = context;
  const { source = context.source, eventId = context.eventId } = input;
  const event = await loadEvent(deps.database, source, eventId);
  const { body: raw, contentType } = event;
  if (raw === null) {
    const stored = await findStoredMessage(deps, idempotencyKey);
    if (stored !== undefined) return stored;
    throw activityFailure(
      'RequestNotKept',
      `webhooks.forward: the body of ${eventId} of ${source} is not kept any more`,
    );
  }
  const headers = forwardedHeaders(event.headers ?? {}, input.headers);
  return storeMessageOnce(deps, {
    idempotencyKey,
    type: forwardedType(source, event.type),
    body: '',
    createdAt: deps.clock(),
    original: { raw, contentType, headers },
    deliveryKey: requestKey({ source, receivedAt: event.receivedAt, contentType, headers, raw }),
  });
}

async function loadEvent({ orm }: Database, source: string, eventId: string) {
  const { type, receivedAt, body, contentType, headers } = events;
  const [event] = await askDatabase(() =>
    orm
      .select({ type, receivedAt, body, contentType, headers })
      .from(events)
      .where(and(eq(events.source, source), eq(events.eventId, eventId))),
  );
  if (event === undefined) throw activityFailure('EventUnknown', `The inbox has no event ${eventId} of ${source}`);
  return event;
}

/**
 * Equal for the events of one request, which share the instant of its arrival, and for what chooses the same headers of it.
 * Two requests that are equal in all this came in the same millisecond and no endpoint could tell them apart.
 */
function requestKey({
  source,
  receivedAt,
  contentType,
  headers,
  raw,
}: {
  source: string;
  receivedAt: Date;
  contentType: string;
  headers: Record<string, string>;
  raw: Uint8Array;
}): string {
  const described = JSON.stringify([source, receivedAt.toISOString(), contentType, Object.entries(headers).sort()]);
  return `forward/${createHash('sha256').update(`${described}\n`).update(raw).digest('hex')}`;
}
