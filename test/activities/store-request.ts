import type { Database } from '../../storage/database.ts';
import { insertEvent, type EventRow } from '../server/stored-events.ts';

/** Puts an event into the inbox as the receiver stores it. */
export async function storeRequest(database: Database, request: EventRow): Promise<void> {
  await insertEvent(database, { receivedAt: new Date('2026-11-25T07:59:59.000Z'), ...request });
}
