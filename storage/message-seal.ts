import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Installation } from './installation.ts';

/** What a message says about itself, in an order that is always the same. */
type SealedFields = readonly (string | boolean | null)[];

/** Proves that Kait's server wrote a message to a run. Whoever reaches Temporal can send any. `kind` keeps the kinds of messages apart. */
export function messageSeal({ sealKey }: Pick<Installation, 'sealKey'>, kind: string, fields: SealedFields): string {
  return createHmac('sha256', sealKey)
    .update(JSON.stringify([kind, ...fields]))
    .digest('hex');
}

/** Compares in constant time. */
export function messageSealFits(
  installation: Pick<Installation, 'sealKey'>,
  kind: string,
  fields: SealedFields,
  seal: string,
): boolean {
  const expected = Buffer.from(messageSeal(installation, kind, fields));
  const given = Buffer.from(seal);
  return given.length === expected.length && timingSafeEqual(given, expected);
}
