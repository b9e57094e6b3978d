import { z } from 'zod';
import type { CanonicalEvent, Payment } from '../event.ts';

const text = z.string();
const textOrNull = z.string().nullable();

const payment = z.strictObject({
  id: textOrNull,
  orderId: textOrNull,
  amount: z.int().nullable(),
  currency: textOrNull,
  status: z.enum(['pending', 'succeeded', 'failed', 'expired', 'canceled', 'refunded', 'disputed']).nullable(),
  method: textOrNull,
  customer: z.strictObject({ id: textOrNull, email: textOrNull, name: textOrNull }),
}) satisfies z.ZodType<Payment>;

/** The members of {@link CanonicalEvent}, for checking paths; the compiler holds the two together in both directions. */
export const eventSchema = z.strictObject({
  id: text,
  source: text,
  gateway: text,
  type: text,
  nativeType: text,
  occurredAt: text,
  receivedAt: text,
  entity: textOrNull,
  tenant: textOrNull,
  payment: payment.nullable(),
  data: z.json(),
} satisfies Record<keyof CanonicalEvent, z.ZodType>) satisfies z.ZodType<CanonicalEvent>;
