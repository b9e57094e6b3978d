import { createHash } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import type { CallContext } from '../language/definition.ts';
import { isHeaderOfConnection } from '../header-names.ts';
import type { Database } from '../storage/database.ts';
import { bodies, events } from '../storage/schema.ts';
import { askDatabase } from './ask-database.ts';
import type { ActivityInput, ActivityOutput } from './engine-activities.ts';
import { activityFailure } from './failure-types.ts';
import { forwardedType } from './outbound/message-types.ts';
import { findStoredMessage, type OutboundDeps, storeMessageOnce } from './outbound/store-message.ts';

/** The headers of Standard Webhooks, which Kait's own signature needs, and the one by which it says where to answer. */
const ownHeaders = new Set(['webhook-id', 'webhook-timestamp', 'webhook-signature', 'kait-callback-url']);
/** The first concerns only one connection. The second is always sent. */
const neverForwarded = new Set(['accept-encoding', 'content-type']);

/**
 * Forwards an event's request to every endpoint that subscribes to `forward.<source>.<event type>`: its bytes and the chosen
 * headers unchanged, signed with Standard Webhooks in addition. Once per key; a repeat returns the first result. A request with
 * several events starts a run for each but reaches an endpoint once: the first run delivers it, the others have no deliveries.
 * Throws `EventUnknown`, or `RequestNotKept` if retention has deleted the body or a header was not kept.
 */
export async function forwardOnce(
  deps: OutboundDeps,
  input: ActivityInput<'webhooks.forward'>,
  context: CallContext,
): Promise<ActivityOutput<'webhooks.forward'>> {
  const { idempotencyKey } = context;
  const { source = context.source, eventId = context.eventId } = input;
  const event = await loadEvent(deps.database, source, eventId);
  const { body } = event;
  if (body === null) {
    const stored = await findStoredMessage(deps, idempotencyKey);
    if (stored !== undefined) return stored;
    throw activityFailure(
      'RequestNotKept',
      `webhooks.forward: the body of ${eventId} of ${source} is no longer kept (keepBodies)`,
    );
  }
  const { bytes: raw, contentType } = body;
  const headers = forwardedHeaders(body.headers ?? {}, input.headers);
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
  const { type, receivedAt } = events;
  const { bytes, contentType, headers } = bodies;
  const [event] = await askDatabase(() =>
    orm
      .select({ type, receivedAt, body: { bytes, contentType, headers } })
      .from(events)
      .leftJoin(bodies, eq(bodies.id, events.bodyId))
      .where(and(eq(events.source, source), eq(events.eventId, eventId))),
  );
  if (event === undefined) throw activityFailure('EventUnknown', `The inbox has no event ${eventId} of ${source}`);
  return event;
}

/**
 * The headers to send with a forwarded request: all that were kept, or the `chosen` ones, unchanged. If the gateway signs with
 * Standard Webhooks too, its three headers are sent as `x-original-webhook-id` and so on, since the plain names are Kait's; so is `kait-callback-url`.
 * Headers of the connection are left out. Names are in lower case. Throws `RequestNotKept` for a chosen header that was not
 * kept.
 */
export function forwardedHeaders(
  kept: Readonly<Record<string, string>>,
  chosen: readonly string[] = Object.keys(kept),
): Record<string, string> {
  const names = [...new Set(chosen.map((name) => name.toLowerCase()))].filter(isForwardable);
  const absent = names.find((name) => !Object.hasOwn(kept, name));
  if (absent !== undefined) {
    const why = 'The request had none, or `keepHeaders` of its source does not list it';
    throw activityFailure(
      'RequestNotKept',
      `webhooks.forward: the header ${JSON.stringify(absent)} was not kept. ${why}`,
    );
  }
  const sent = names.map((name) => [ownHeaders.has(name) ? `x-original-${name}` : name, kept[name] ?? ''] as const);
  return Object.fromEntries(sent);
}

function isForwardable(name: string): boolean {
  return !isHeaderOfConnection(name) && !neverForwarded.has(name);
}

/**
 * The same for all events of one request, which share the time of its arrival, if the same headers are chosen. Two requests
 * with the same key arrived in the same millisecond, and no endpoint could tell them apart.
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
