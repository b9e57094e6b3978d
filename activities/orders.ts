import { eq, sql } from 'drizzle-orm';
import type { CallContext } from '../language/definition.ts';
import type { Database } from '../storage/database.ts';
import { orders } from '../storage/schema.ts';
import { askDatabase } from './ask-database.ts';
import type { ActivityInput, ActivityOutput } from './built-in-activities.ts';
import { derivedId } from '../language/derived-id.ts';
import { activityFailure } from './failure-types.ts';

/** Creates the order of this key, or returns the one that an earlier attempt created. */
export async function createOrderOnce(
  deps: { database: Database; clock: () => Date },
  input: ActivityInput<'orders.create'>,
  { idempotencyKey }: CallContext,
): Promise<ActivityOutput<'orders.create'>> {
  const rows = await askDatabase(() =>
    deps.database.orm
      .insert(orders)
      .values({ ...input, id: derivedId('ord', idempotencyKey), idempotencyKey, createdAt: deps.clock() })
      // Changes nothing. Without it, an existing row would not be returned.
      .onConflictDoUpdate({ target: orders.idempotencyKey, set: { idempotencyKey } })
      .returning({ id: orders.id, reference: orders.reference }),
  );
  const [order] = rows;
  if (order === undefined) throw new TypeError('An upsert returned no row');
  return { ...order, created: true };
}

/**
 * Cancels an order. A canceled order stays as it is: a repeat with any key keeps the first reason and time. Throws
 * `OrderUnknown`.
 */
export async function cancelOrder(
  deps: { database: Database; clock: () => Date },
  { orderId, reason }: ActivityInput<'orders.cancel'>,
): Promise<ActivityOutput<'orders.cancel'>> {
  const open = sql`${orders.status} = 'open'`;
  const rows = await askDatabase(() =>
    deps.database.orm
      .update(orders)
      .set({
        status: 'canceled',
        canceledAt: sql`case when ${open} then ${deps.clock().toISOString()}::timestamptz else ${orders.canceledAt} end`,
        cancelReason: sql`case when ${open} then ${reason ?? null}::text else ${orders.cancelReason} end`,
      })
      .where(eq(orders.id, orderId))
      .returning({ id: orders.id }),
  );
  const [order] = rows;
  if (order === undefined) throw activityFailure('OrderUnknown', `orders.cancel: no order has the id ${orderId}`);
  return { id: order.id, status: 'canceled' };
}
