import { asc, eq } from 'drizzle-orm';
import type { Database } from '../../storage/database.ts';
import { bodies, events } from '../../storage/schema.ts';
import { envelopeColumns, readEnvelope } from '../../storage/stored-envelope.ts';

/** A row of the inbox, with its body. */
export interface EventRow extends Partial<Omit<typeof events.$inferInsert, 'id' | 'bodyId'>> {
  eventId: string;
  /** Null: it is no longer kept. */
  body?: Buffer | null;
  contentType?: string;
  headers?: Record<string, string> | null;
}

const at = new Date('2026-01-01T00:00:00Z');

/** Stores an event of Stripe with the test's changes, as it is after its dispatch. Resolves to the number of its row. */
export async function insertEvent({ orm }: Database, row: EventRow): Promise<number> {
  const { body = Buffer.from('{}'), contentType = 'application/json', headers = null, ...changes } = row;
  const event: Omit<typeof events.$inferInsert, 'bodyId'> = {
    ...{ source: 'stripe', gateway: 'stripe', type: 'payment.succeeded', nativeType: 'payment_intent.succeeded' },
    ...{ occurredAt: row.receivedAt ?? at, receivedAt: at, state: 'dispatched', envelope: {} },
    ...changes,
  };
  const { source, receivedAt } = event;
  const [stored] = await orm
    .insert(bodies)
    .values({ source, receivedAt, bytes: body ?? Buffer.alloc(0), contentType, headers })
    .returning({ id: bodies.id });
  const bodyId = stored!.id;
  const [inserted] = await orm
    .insert(events)
    .values({ ...event, bodyId })
    .returning({ id: events.id });
  await orm.delete(bodies).where(eq(bodies.id, body === null ? bodyId : -1));
  return inserted!.id;
}

/** All events in order of their rows. The body is null if it is no longer kept. */
export async function storedEvents({ orm }: Database) {
  const rows = await orm
    .select({ event: events, packed: envelopeColumns, body: bodies })
    .from(events)
    .leftJoin(bodies, eq(bodies.id, events.bodyId))
    .orderBy(asc(events.id));
  return rows.map(({ event, packed, body }) => ({
    ...event,
    envelope: readEnvelope(packed),
    body: body === null ? null : Buffer.from(body.bytes),
    contentType: body?.contentType,
    headers: body?.headers,
  }));
}

/** Empties the inbox. */
export async function deleteEvents({ orm }: Database): Promise<void> {
  await orm.delete(events);
  await orm.delete(bodies);
}
