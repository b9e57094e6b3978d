import { and, eq, sql } from 'drizzle-orm';
import type { Logger } from 'pino';
import type { Database } from '../../storage/database.ts';
import { deliveries } from '../../storage/schema.ts';
import { recordEnd } from './delivery-record.ts';

export interface StartableDelivery {
  id: string;
  endpoint: string;
  url: string;
  /** The message's event type. */
  type: string;
}

export interface DeliveryStarter {
  /** Takes over deliveries and returns at once. Never throws: deliveries that fail or find no room stay `pending`. */
  start(deliveries: readonly StartableDelivery[]): void;
  /** Accepts no more, drops waiting deliveries, and resolves when the starts under way have ended. */
  stop(): Promise<void>;
}

export interface DeliveryStarterDeps {
  database: Database;
  clock: () => Date;
  log: Pick<Logger, 'warn'>;
  /**
   * Hands one delivery to Temporal; see `createStartDelivery`. Also resolves if that was done before. Rejects with
   * {@link DeliveryNotStartable} if it can never start.
   */
  startDelivery: (delivery: StartableDelivery) => Promise<void>;
  /** Starts under way at once. */
  concurrency: number;
  /** How many deliveries may wait in memory. The recovery picks up the rest from the database. */
  capacity: number;
}

/** A delivery can never start, now or later. The message says why. */
export class DeliveryNotStartable extends Error {
  override readonly name = 'DeliveryNotStartable';
}

/** How long a pending delivery belongs to the process that created or claimed it. Longer than a start may take. */
export const claimMs = 30_000;

/** Moves deliveries from the database to Temporal, from `pending` to `started`. */
export function createDeliveryStarter(deps: DeliveryStarterDeps): DeliveryStarter {
  const waiting: StartableDelivery[] = [];
  const underWay = new Set<Promise<void>>();
  let stopped = false;

  const fill = () => {
    while (!stopped && underWay.size < deps.concurrency) {
      const next = waiting.shift();
      if (next === undefined) return;
      const handOver = startAndMark(deps, next).finally(() => {
        underWay.delete(handOver);
        fill();
      });
      underWay.add(handOver);
    }
  };

  return {
    start: (given) => {
      if (stopped) return;
      const room = Math.max(0, deps.capacity - waiting.length);
      waiting.push(...given.slice(0, room));
      if (given.length > room) deps.log.warn({ left: given.length - room }, 'deliveries left to the recovery');
      fill();
    },
    stop: async () => {
      stopped = true;
      waiting.length = 0;
      await Promise.all(underWay);
    },
  };
}

/** A crash after the start leaves the row pending. Temporal then refuses the second start, and the row is marked. */
async function startAndMark(deps: DeliveryStarterDeps, delivery: StartableDelivery): Promise<void> {
  try {
    await deps.startDelivery(delivery);
    await deps.database.orm
      .update(deliveries)
      .set({
        state: 'started',
        startedAt: deps.clock(),
        dueAt: sql`coalesce(${deliveries.dueAt}, ${deps.clock().toISOString()}::timestamptz)`,
      })
      .where(and(eq(deliveries.id, delivery.id), eq(deliveries.state, 'pending')));
  } catch (error) {
    if (error instanceof DeliveryNotStartable) await endRefused(deps, delivery.id, error.message);
    else deps.log.warn({ delivery: delivery.id, err: error }, 'delivery not started, the recovery will retry');
  }
}

async function endRefused({ database, clock, log }: DeliveryStarterDeps, deliveryId: string, reason: string) {
  try {
    await recordEnd(database.orm, { deliveryId, state: 'refused', reason, endedAt: clock() });
    log.warn({ delivery: deliveryId, reason }, 'delivery refused, it can never start');
  } catch (error) {
    log.warn({ delivery: deliveryId, err: error }, 'refused delivery not recorded, the recovery will retry');
  }
}
