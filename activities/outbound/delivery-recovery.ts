import { and, asc, eq, inArray, isNull, lt, or, sql, type SQL } from 'drizzle-orm';
import type { Logger } from 'pino';
import { createRepetition, type Repetition } from '../../repetition.ts';
import type { Database } from '../../storage/database.ts';
import { deliveries, messages } from '../../storage/schema.ts';
import { claimMs, type DeliveryStarter, type StartableDelivery } from './delivery-starter.ts';

export interface DeliveryRecovery extends Repetition {
  /** Runs one round; `start` repeats it. */
  recoverOnce(): Promise<void>;
}

export interface DeliveryRecoveryDeps {
  database: Database;
  clock: () => Date;
  log: Pick<Logger, 'warn'>;
  deliveryStarter: Pick<DeliveryStarter, 'start'>;
  /** Pause between two rounds. */
  intervalMs: number;
  /** Deliveries claimed in one round, of each kind. Below half the starter's capacity. */
  batchSize: number;
}

/** A delivery that makes no request for so long after it was due may be one that Temporal no longer has. */
const overdueMs = 10 * 60 * 1_000;

/**
 * Finds deliveries that a crash or an outage left behind: pending ones that nobody has claimed, and started ones whose next request
 * is overdue, because Temporal or an operator ended their activity. Starting them again does nothing while Temporal still has them.
 * Several processes may run it at once; each takes different rows.
 */
export function createDeliveryRecovery(deps: DeliveryRecoveryDeps): DeliveryRecovery {
  const recoverOnce = async () => {
    const now = deps.clock();
    deps.deliveryStarter.start(await claim(deps, eq(deliveries.state, 'pending'), { now, claimMs }));
    const overdue = lt(deliveries.dueAt, new Date(now.getTime() - overdueMs));
    deps.deliveryStarter.start(
      await claim(deps, and(eq(deliveries.state, 'started'), overdue), { now, claimMs: overdueMs }),
    );
  };
  const repetition = createRepetition({
    act: recoverOnce,
    intervalMs: deps.intervalMs,
    failed(error) {
      deps.log.warn({ err: error }, 'delivery recovery failed, will retry');
    },
  });
  return { ...repetition, recoverOnce };
}

async function claim(
  { database, batchSize }: DeliveryRecoveryDeps,
  wanted: SQL | undefined,
  { now, claimMs }: { now: Date; claimMs: number },
): Promise<StartableDelivery[]> {
  const unclaimed = and(wanted, or(isNull(deliveries.claimedUntil), lt(deliveries.claimedUntil, now)));
  return database.orm.transaction(async (queries) => {
    const claimed = await queries
      .select({
        ...{ id: deliveries.id, endpoint: deliveries.endpoint, url: deliveries.url, type: messages.type },
        replayed: sql<boolean>`${deliveries.replays} > 0`,
      })
      .from(deliveries)
      .innerJoin(messages, eq(messages.id, deliveries.message))
      .where(unclaimed)
      // What was never tried, or not for the longest time, comes first: deliveries that fail at each start cannot crowd out others.
      .orderBy(sql`${deliveries.claimedUntil} asc nulls first`, asc(deliveries.id))
      .limit(batchSize)
      .for('update', { of: deliveries, skipLocked: true });
    const ids = claimed.map(({ id }) => id);
    if (ids.length > 0) {
      const claimedUntil = new Date(now.getTime() + claimMs);
      await queries.update(deliveries).set({ claimedUntil }).where(inArray(deliveries.id, ids));
    }
    return claimed;
  });
}
