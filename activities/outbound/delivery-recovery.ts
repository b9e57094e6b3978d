import { and, asc, eq, inArray, isNull, lt, or } from 'drizzle-orm';
import type { Database } from '../../storage/database.ts';
import { deliveries, messages } from '../../storage/schema.ts';
import type { Log } from '../log.ts';
import { claimMs, type DeliveryStarter, type StartableDelivery } from './delivery-starter.ts';

export interface DeliveryRecovery {
  start(): void;
  /** Resolves when the look under way has ended. */
  stop(): Promise<void>;
  /** One look; `start` repeats it. */
  recoverOnce(): Promise<void>;
}

export interface DeliveryRecoveryDeps {
  database: Database;
  clock: () => Date;
  log: Log;
  deliveryStarter: Pick<DeliveryStarter, 'start'>;
  /** Pause between two looks. */
  intervalMs: number;
  /** Deliveries claimed by one look; below the starter's capacity. */
  batchSize: number;
  /** After that, a started delivery that has no end is one whose activity Temporal has lost or ended by itself. */
  timeLimitMs: number;
}

/** Grace over Temporal's own time limit, so that an end which is just being recorded wins. */
const graceMs = 60 * 60 * 1_000;

/**
 * Finds what a crash or an outage left behind: pending deliveries that nobody has claimed, and started ones that should have
 * ended long ago. Several processes may run it at once: each takes different rows.
 */
export function createDeliveryRecovery(deps: DeliveryRecoveryDeps): DeliveryRecovery {
  let timer: NodeJS.Timeout | undefined;
  let look = Promise.resolve();
  let running = false;

  const recoverOnce = async () => {
    deps.deliveryStarter.start(await claimPending(deps));
    await endOverdue(deps);
  };
  const lookAndRepeat = async () => {
    try {
      await recoverOnce();
    } catch (error) {
      deps.log.warn({ err: error }, 'deliveries not looked through, trying again');
    }
    if (running) schedule();
  };
  const schedule = () => {
    timer = setTimeout(() => {
      look = lookAndRepeat();
    }, deps.intervalMs);
  };

  return {
    recoverOnce,
    start: () => {
      running = true;
      schedule();
    },
    stop: async () => {
      running = false;
      clearTimeout(timer);
      await look;
    },
  };
}

async function claimPending({ database, clock, batchSize }: DeliveryRecoveryDeps): Promise<StartableDelivery[]> {
  const now = clock();
  const unclaimed = and(
    eq(deliveries.state, 'pending'),
    or(isNull(deliveries.claimedUntil), lt(deliveries.claimedUntil, now)),
  );
  return database.orm.transaction(async (queries) => {
    const claimed = await queries
      .select({ id: deliveries.id, endpoint: deliveries.endpoint, url: deliveries.url, type: messages.type })
      .from(deliveries)
      .innerJoin(messages, eq(messages.id, deliveries.message))
      .where(unclaimed)
      .orderBy(asc(deliveries.createdAt))
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

async function endOverdue({ database, clock, log, timeLimitMs }: DeliveryRecoveryDeps): Promise<void> {
  const now = clock();
  const overdue = new Date(now.getTime() - timeLimitMs - graceMs);
  const ended = await database.orm
    .update(deliveries)
    .set({ state: 'exhausted', lastError: 'no end was recorded within the time limit', endedAt: now })
    .where(and(eq(deliveries.state, 'started'), lt(deliveries.startedAt, overdue)))
    .returning({ id: deliveries.id });
  for (const { id } of ended) log.warn({ delivery: id }, 'delivery ended without a record');
}
