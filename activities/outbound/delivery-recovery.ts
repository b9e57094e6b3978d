import { and, asc, eq, inArray, isNull, lt, or } from 'drizzle-orm';
import type { Logger } from 'pino';
import type { Database } from '../../storage/database.ts';
import { deliveries, messages } from '../../storage/schema.ts';
import { claimMs, type DeliveryStarter, type StartableDelivery } from './delivery-starter.ts';

export interface DeliveryRecovery {
  start(): void;
  /** Resolves when the round under way has ended. */
  stop(): Promise<void>;
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
  /** Deliveries claimed in one round. Below the starter's capacity. */
  batchSize: number;
  /** A started delivery that has not ended after this time is one whose activity Temporal lost or ended itself. */
  timeLimitMs: number;
}

/** Added to Temporal's own time limit, so that an end that is just being recorded wins. */
const graceMs = 60 * 60 * 1_000;

/**
 * Finds deliveries that a crash or an outage left behind: pending ones that nobody has claimed, and started ones that should
 * have ended long ago. Several processes may run it at once; each takes different rows.
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
      deps.log.warn({ err: error }, 'delivery recovery failed, will retry');
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
    .set({ state: 'exhausted', lastError: 'the delivery did not end within its time limit', endedAt: now })
    .where(and(eq(deliveries.state, 'started'), lt(deliveries.startedAt, overdue)))
    .returning({ id: deliveries.id });
  for (const { id } of ended) log.warn({ delivery: id }, 'delivery overdue, ended');
}
