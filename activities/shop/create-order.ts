import { z } from 'zod';
import { defineActivity } from '../own/define-activity.ts';
import { amountMinor, currency, idOf } from './shop-fields.ts';

export const createOrder = defineActivity({
  name: 'orders.create',
  title: 'Create an order',
  kind: 'database',
  money: true,
  input: z.strictObject({
    reference: z.string().min(1).max(256).describe('Your own name for the order, such as an invoice number.'),
    amount: amountMinor(0),
    currency,
  }),
  output: z.strictObject({
    id: z.string(),
    reference: z.string(),
    /** Whether this step created the order. A repeat returns the first result, so a crash does not change the run. */
    created: z.boolean(),
  }),
  example: { reference: 'INV-2026-0042', amount: 25_000_000, currency: 'IDR' },
  async run({ reference, amount, currency }, { sql, idempotencyKey }) {
    const id = idOf('ord', idempotencyKey);
    await sql`
      insert into shop.orders (id, idempotency_key, reference, amount, currency, created_at)
      values (${id}, ${idempotencyKey}, ${reference}, ${amount}, ${currency}, now())`;
    return { id, reference, created: true };
  },
});
