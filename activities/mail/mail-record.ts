import type { ApplicationFailure } from '@temporalio/common';
import { and, eq, isNull, lt, ne, sql } from 'drizzle-orm';
import type { Queries } from '../../storage/database.ts';
import { mails } from '../../storage/schema.ts';
import { derivedId } from '../derived-id.ts';

/** Longer than sending a mail may take, so that only a crash leaves a claim behind. */
const claimMs = 25_000;

export type MailClaim =
  /** Ours to send. `createdAt` is the mail's date, the same each time it is sent. */
  { kind: 'claimed'; createdAt: Date } | { kind: 'sent' } | { kind: 'inFlight'; freeInMs: number };

/** Claims the mail of a key, creating its row as `sending`. Only one of several concurrent attempts gets it. */
export async function claimMail(
  queries: Queries,
  mail: { idempotencyKey: string; messageId: string; recipient: string; subject: string },
  now: Date,
): Promise<MailClaim> {
  const claimedUntil = new Date(now.getTime() + claimMs);
  const [claimed] = await queries
    .insert(mails)
    .values({ ...mail, id: derivedId('mail', mail.idempotencyKey), state: 'sending', claimedUntil, createdAt: now })
    .onConflictDoUpdate({
      target: mails.idempotencyKey,
      set: { state: 'sending', claimedUntil, lastError: null },
      setWhere: sql`${ne(mails.state, 'sent')} and (${isNull(mails.claimedUntil)} or ${lt(mails.claimedUntil, now)})`,
    })
    .returning({ createdAt: mails.createdAt });
  if (claimed !== undefined) return { kind: 'claimed', createdAt: claimed.createdAt };
  const [other] = await queries.select().from(mails).where(eq(mails.idempotencyKey, mail.idempotencyKey));
  if (other?.state === 'sent') return { kind: 'sent' };
  const freeAtMs = other?.claimedUntil?.getTime() ?? 0;
  return { kind: 'inFlight', freeInMs: Math.max(1_000, freeAtMs - now.getTime()) };
}

export async function recordSent(queries: Queries, idempotencyKey: string, sentAt: Date): Promise<void> {
  await queries
    .update(mails)
    .set({ state: 'sent', sentAt, claimedUntil: null })
    .where(eq(mails.idempotencyKey, idempotencyKey));
}

/** Releases the claim for the next attempt. Even a refused mail may be sent later, once its cause is fixed. */
export async function recordFailure(
  queries: Queries,
  idempotencyKey: string,
  { message, nonRetryable }: ApplicationFailure,
): Promise<void> {
  await queries
    .update(mails)
    .set({ state: nonRetryable ? 'refused' : 'sending', lastError: message, claimedUntil: null })
    .where(and(eq(mails.idempotencyKey, idempotencyKey), ne(mails.state, 'sent')));
}
