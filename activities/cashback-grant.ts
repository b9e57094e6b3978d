import { eq } from 'drizzle-orm';
import type { CallContext } from '../language/definition.ts';
import type { Database, Queries } from '../storage/database.ts';
import { cashbackEntries, orders } from '../storage/schema.ts';
import { askDatabase } from './ask-database.ts';
import type { ActivityInput, ActivityOutput } from './built-in-activities.ts';
import { derivedId } from '../language/derived-id.ts';
import { activityFailure } from './failure-types.ts';

/**
 * Enters cashback in the ledger, once per key. Throws `OrderUnknown`, `OrderCanceled` or `CurrencyMismatch`. A repeat returns
 * the first result, even if the order was canceled since.
 */
export async function grantCashbackOnce(
  deps: { database: Database; clock: () => Date },
  input: ActivityInput<'cashback.grant'>,
  { idempotencyKey }: CallContext,
): Promise<ActivityOutput<'cashback.grant'>> {
  return askDatabase(() =>
    deps.database.orm.transaction(async (queries) => {
      const earlier = await findGrant(queries, idempotencyKey);
      if (earlier !== undefined) return earlier;
      await checkOrder(queries, input);
      await queries
        .insert(cashbackEntries)
        .values({ ...input, id: derivedId('csh', idempotencyKey), idempotencyKey, createdAt: deps.clock() })
        .onConflictDoNothing({ target: cashbackEntries.idempotencyKey });
      const granted = await findGrant(queries, idempotencyKey);
      if (granted === undefined) throw new TypeError('A ledger entry vanished');
      return granted;
    }),
  );
}

async function findGrant(queries: Queries, key: string): Promise<ActivityOutput<'cashback.grant'> | undefined> {
  const { id, amount } = cashbackEntries;
  const [entry] = await queries
    .select({ id, amount })
    .from(cashbackEntries)
    .where(eq(cashbackEntries.idempotencyKey, key));
  return entry;
}

/** The row lock keeps the order from being canceled until the grant is committed. */
async function checkOrder(queries: Queries, { orderId, currency }: ActivityInput<'cashback.grant'>): Promise<void> {
  const [order] = await queries
    .select({ status: orders.status, currency: orders.currency })
    .from(orders)
    .where(eq(orders.id, orderId))
    .for('share');
  if (order === undefined) throw activityFailure('OrderUnknown', `cashback.grant: no order has the id ${orderId}`);
  if (order.status === 'canceled') {
    throw activityFailure('OrderCanceled', `cashback.grant: order ${orderId} is canceled`);
  }
  if (order.currency !== currency) {
    throw activityFailure(
      'CurrencyMismatch',
      `cashback.grant: order ${orderId} is in ${order.currency}, the cashback in ${currency}`,
    );
  }
}
