import { z } from 'zod';
import { PermanentError } from '../own/activity-errors.ts';
import { defineActivity } from '../own/define-activity.ts';
import { amountMinor, currency, idOf, orderId } from './shop-fields.ts';

export const grantCashback = defineActivity({
  name: 'cashback.grant',
  title: 'Grant cashback on an order',
  kind: 'database',
  money: true,
  input: z.strictObject({ orderId, amount: amountMinor(1), currency }),
  output: z.strictObject({ id: z.string(), amount: z.int() }),
  errors: {
    OrderUnknown: 'No order has this id.',
    OrderCanceled: 'The order was canceled, so no more cashback is granted on it.',
    CurrencyMismatch: 'The amount and its order are in different currencies.',
  },
  example: { orderId: 'ord_0f3a', amount: 1_250_000, currency: 'IDR' },
  async run({ orderId, amount, currency }, { sql, idempotencyKey }) {
    // The lock keeps the order from being canceled until the grant is committed.
    const [order] = await sql<{ status: string; currency: string }>`
      select status, currency from shop.orders where id = ${orderId} for share`;
    if (order === undefined) throw new PermanentError('OrderUnknown', `no order has the id ${orderId}`);
    if (order.status === 'canceled') throw new PermanentError('OrderCanceled', `order ${orderId} is canceled`);
    if (order.currency !== currency) {
      const message = `order ${orderId} is in ${order.currency}, the cashback in ${currency}`;
      throw new PermanentError('CurrencyMismatch', message);
    }
    const id = idOf('csh', idempotencyKey);
    await sql`
      insert into shop.cashback_entries (id, idempotency_key, order_id, amount, currency, created_at)
      values (${id}, ${idempotencyKey}, ${orderId}, ${amount}, ${currency}, now())`;
    return { id, amount };
  },
});
