import { z } from 'zod';
import { PermanentError } from '../own/activity-errors.ts';
import { defineActivity } from '../own/define-activity.ts';
import { orderId } from './shop-fields.ts';

/** A canceled order stays as it is: another step that cancels it keeps the first reason and time. */
export const cancelOrder = defineActivity({
  name: 'orders.cancel',
  title: 'Cancel an order',
  kind: 'database',
  money: true,
  input: z.strictObject({ orderId, reason: z.string().max(1000).optional().describe('Kept with the order.') }),
  output: z.strictObject({ id: z.string(), status: z.literal('canceled') }),
  errors: { OrderUnknown: 'No order has this id.' },
  example: { orderId: 'ord_0f3a', reason: 'Refunded in full' },
  async run({ orderId, reason = null }, { sql }) {
    const [order] = await sql`
      update shop.orders set status = 'canceled',
        canceled_at = case when status = 'open' then now() else canceled_at end,
        cancel_reason = case when status = 'open' then ${reason} else cancel_reason end
      where id = ${orderId} returning id`;
    if (order === undefined) throw new PermanentError('OrderUnknown', `no order has the id ${orderId}`);
    return { id: orderId, status: 'canceled' as const };
  },
});
