import { and, desc, eq, sql } from 'drizzle-orm';
import { deliveriesThat, type DeliveryFilter } from '../../storage/outbound/delivery-filter.ts';
import type { Database } from '../../storage/database.ts';
import { deliveries, messages } from '../../storage/schema.ts';
import type { PageRequest } from '../api/cursors.ts';
import { runOfMessage, subjectsOf } from '../search/run-of-key.ts';

/** The newest first. */
export async function listDeliveries(
  database: Database,
  { after = null, limit, ...filter }: PageRequest & DeliveryFilter,
) {
  const place = sql`(${deliveries.createdAt}, ${deliveries.id})`;
  const rows = await database.orm
    .select({
      ...{ id: deliveries.id, messageId: messages.id, type: messages.type, key: messages.idempotencyKey },
      ...{ endpoint: deliveries.endpoint, url: deliveries.url },
      ...{ state: deliveries.state, parkedBecause: deliveries.parkedBecause, attempts: deliveries.attempts },
      ...{ lastStatus: deliveries.lastStatus, lastError: deliveries.lastError, createdAt: deliveries.createdAt },
      // With its microseconds, which a `Date` does not have.
      at: sql<string>`${deliveries.createdAt}::text`,
    })
    .from(deliveries)
    .innerJoin(messages, eq(messages.id, deliveries.message))
    .where(
      and(
        deliveriesThat(filter),
        after === null ? undefined : sql`${place} < (${String(after[0])}::timestamptz, ${String(after[1])})`,
      ),
    )
    .orderBy(desc(deliveries.createdAt), desc(deliveries.id))
    .limit(limit);
  const subjects = await subjectsOf(
    database,
    rows.map(({ key }) => key),
  );
  return rows.map(({ at, key, ...row }) => ({
    ...row,
    /** The run that emitted it, or the one above that. */
    run: filter.tenant === null ? runOfMessage(key) : null, // Its id tells of sources and definitions.
    orderId: filter.tenant === null ? (subjects.get(key)?.orderId ?? null) : null,
    place: [at, row.id],
  }));
}
