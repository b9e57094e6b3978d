import { z } from 'zod';
import type { ActivityTypes } from '../../language/check.ts';

/** Activities of the shape that real ones have; the checker's tests need not change when those do. */
export const activityTypes: ActivityTypes = {
  'orders.create': {
    input: z.strictObject({ reference: z.string(), amount: z.int().min(0), currency: z.string() }),
    output: z.strictObject({ id: z.string(), reference: z.string(), created: z.boolean() }),
    money: true,
  },
  'orders.cancel': {
    input: z.strictObject({ orderId: z.string(), reason: z.string().optional() }),
    output: z.strictObject({ id: z.string(), status: z.literal('canceled') }),
  },
  'cashback.grant': {
    input: z.strictObject({ orderId: z.string(), amount: z.int().min(1), currency: z.string() }),
    output: z.strictObject({ id: z.string(), amount: z.int() }),
  },
  'mail.send': {
    input: z.strictObject({
      to: z.email(),
      template: z.string().optional(),
      subject: z.string().optional(),
      text: z.string().optional(),
      values: z.record(z.string(), z.json()).optional(),
    }),
    output: z.strictObject({ messageId: z.string() }),
    refusal: 'MailRefused',
  },
  'webhooks.forward': {
    input: z.strictObject({ headers: z.array(z.string().min(1)).optional() }),
    output: z.strictObject({ messageId: z.string(), deliveries: z.int() }),
  },
  'http.request': {
    input: z.strictObject({
      url: z.string(),
      method: z.enum(['GET', 'POST']).optional(),
      body: z.json().optional(),
      expect: z.array(z.int()).optional(),
    }),
    output: z.strictObject({ status: z.int(), body: z.json() }),
    verb: 'http',
  },
};
