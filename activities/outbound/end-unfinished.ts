import { and, eq, inArray, sql } from 'drizzle-orm';
import type { Queries } from '../../storage/database.ts';
import { deliveries } from '../../storage/schema.ts';

/** A transaction of a million rows would hold up everything else. */
const batchSize = 1_000;

/**
 * Ends the unfinished deliveries of an endpoint that was removed as `refused`, those that are parked included. One that is being sent at the
 * moment stays refused, whatever it is answered. Resolves to how many there were. Safe to repeat.
 */
export async function endUnfinished(
  queries: Queries,
  { endpoint, tenant, endedAt }: { endpoint: string; tenant: string | null; endedAt: Date },
): Promise<number> {
  const some = queries
    .select({ id: deliveries.id })
    .from(deliveries)
    .where(
      and(
        eq(deliveries.endpoint, endpoint),
        tenant === null ? undefined : eq(deliveries.tenant, tenant),
        inArray(deliveries.state, ['pending', 'started', 'parked']),
      ),
    )
    .limit(batchSize);
  const lastError = 'the endpoint was removed';
  const endSome = async () => {
    const ended = await queries
      .update(deliveries)
      .set({ state: 'refused', parkedBecause: null, lastError, endedAt })
      .where(and(inArray(deliveries.id, some), inArray(deliveries.state, ['pending', 'started', 'parked'])))
      .returning({ id: sql<number>`1` });
    return ended.length;
  };
  let ended = 0;
  for (let count = await endSome(); count > 0; count = await endSome()) ended += count;
  return ended;
}
