import { and, eq } from 'drizzle-orm';
import type { GivenUp } from '../../../activities/gateway/gateway-client.ts';
import type { Database } from '../../../storage/database.ts';
import { events } from '../../../storage/schema.ts';
import { storableReason } from '../../../storage/storable-reason.ts';
import { isIncomplete } from './read-webhook.ts';

const kindOfEvent = { gateway: events.gateway, type: events.type, nativeType: events.nativeType };

/** Ends the asking about a notice: see `GatewayClient.giveUp`. */
export async function giveUp(database: Database, { source, eventId, reason, certain }: GivenUp): Promise<boolean> {
  const [notice] = await database.orm
    .select({ row: events.id, state: events.state, id: events.eventId, ...kindOfEvent })
    .from(events)
    .where(and(eq(events.source, source), eq(events.eventId, eventId)));
  if (notice === undefined) return true;
  // The dispatcher may not have recorded yet that it started the asking, and would overwrite what is written here.
  if (notice.state === 'pending') return false;
  if (isIncomplete(notice) && !certain) return false;
  await database.orm
    .update(events)
    .set({ state: 'failed', lastError: storableReason(reason) })
    .where(and(eq(events.id, notice.row), eq(events.state, 'dispatched')));
  return true;
}
