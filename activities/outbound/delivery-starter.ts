import { and, eq } from 'drizzle-orm';
import type { Database } from '../../storage/database.ts';
import { deliveries } from '../../storage/schema.ts';
import type { Log } from '../log.ts';

export interface StartableDelivery {
  id: string;
  endpoint: string;
  url: string;
  /** The message's event type. */
  type: string;
}

export interface DeliveryStarter {
  /** Takes deliveries over and returns at once. Never throws: what fails or finds no room stays `pending`. */
  start(deliveries: readonly StartableDelivery[]): void;
  /** Takes nothing more, forgets what waits, and resolves when the starts under way have ended. */
  stop(): Promise<void>;
}

export interface DeliveryStarterDeps {
  database: Database;
  clock: () => Date;
  log: Log;
  /** Hands one delivery to Temporal, `createStartDelivery`. Resolves also where it was handed over before. */
  startDelivery: (delivery: StartableDelivery) => Promise<void>;
  /** Starts under way at once. */
  concurrency: number;
  /** How many deliveries may wait in memory; more stay in the database until the recovery comes for them. */
  capacity: number;
}

/** How long whoever created or claimed a pending delivery has it to themselves. Longer than a start may take. */
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

/** A crash after the start leaves the row pending; the second start is then refused by Temporal and the row marked. */
async function startAndMark(deps: DeliveryStarterDeps, delivery: StartableDelivery): Promise<void> {
  try {
    await deps.startDelivery(delivery);
    await deps.database.orm
      .update(deliveries)
      .set({ state: 'started', startedAt: deps.clock() })
      .where(and(eq(deliveries.id, delivery.id), eq(deliveries.state, 'pending')));
  } catch (error) {
    deps.log.warn({ delivery: delivery.id, err: error }, 'delivery not started, the recovery will try again');
  }
}
