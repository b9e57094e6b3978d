import type { Database } from '../../storage/database.ts';
import { events } from '../../storage/schema.ts';

export interface StoredRequest {
  eventId: string;
  source?: string;
  type?: string;
  receivedAt?: Date;
  body?: Buffer | null;
  contentType?: string;
  headers?: Record<string, string> | null;
  item?: number;
}

/** Puts an event into the inbox as the receiver stores it. */
export async function storeRequest(database: Database, request: StoredRequest): Promise<void> {
  const receivedAt = request.receivedAt ?? new Date('2026-11-25T07:59:59.000Z');
  await database.orm.insert(events).values({
    source: 'stripe',
    gateway: 'stripe',
    type: 'payment.succeeded',
    nativeType: 'payment_intent.succeeded',
    occurredAt: receivedAt,
    receivedAt,
    state: 'dispatched',
    envelope: {},
    body: Buffer.from('{}'),
    contentType: 'application/json',
    ...request,
  });
}
