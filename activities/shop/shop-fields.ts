import { createHash } from 'node:crypto';
import { z } from 'zod';

export const orderId = z.string().min(1).max(64).describe('The id that orders.create returned.');
export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'expected three upper-case letters, such as IDR')
  .describe('ISO 4217, such as IDR.');
/** zod's `int` ends at 2^53 - 1. */
export const amountMinor = (least: number) => z.int().min(least).describe('In minor units.');

/** An id that every attempt of a step agrees on. */
export function idOf(prefix: string, idempotencyKey: string): string {
  return `${prefix}_${createHash('sha256').update(idempotencyKey).digest('hex').slice(0, 32)}`;
}
