import { eq, sql } from 'drizzle-orm';
import type { Database } from '../storage/database.ts';
import { orders } from '../storage/schema.ts';
import { askDatabase } from './ask-database.ts';
import type { ActivityInput, ActivityOutput } from './catalogue.ts';
import { activityFailure } from './failure-types.ts';

/**
 * Cancels an order. Being canceled is a state, so a repeat changes nothing, whatever its key: the first reason and time
 * stay. Throws `OrderUnknown` where there is no such order.
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
