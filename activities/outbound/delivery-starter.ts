import type { Logger } from 'pino';
import type { Database } from '../../storage/database.ts';
import type { StartOutcome } from '../../storage/start-failure.ts';
import { blamedPauseMs, createStartJudge, type StartJudge } from '../../storage/start-verdict.ts';
import { recordEnd } from './delivery-record.ts';
import { createFairQueue } from './fair-queue.ts';
import { markStarted, recordBlame, suspendStart } from './start-record.ts';

export interface StartableDelivery {
  id: string;
  endpoint: string;
  url: string;
  /** The message's event type. */
  type: string;
  /** Whether somebody had it sent again, so that Temporal may know it as delivered. */
  replayed: boolean;
}

/** Hands one delivery to Temporal; see `createStartDelivery`. A duplicate was handed over before. */
export type StartDelivery = (delivery: StartableDelivery) => Promise<StartOutcome>;

export interface DeliveryStarter {
  /** Takes over deliveries and returns at once. Never throws: deliveries that fail or find no room stay as they are. */
  start(deliveries: readonly StartableDelivery[]): void;
  /** Accepts no more, drops waiting deliveries, and resolves when the starts under way have ended. */
  stop(): Promise<void>;
}

export interface DeliveryStarterDeps {
  database: Database;
  clock: () => Date;
  log: Pick<Logger, 'warn'>;
  startDelivery: StartDelivery;
  /** Starts under way at once. */
  concurrency: number;
  /** How many deliveries may wait in memory. The recovery picks up the rest from the database. */
  capacity: number;
}

/** How long a pending delivery belongs to the process that created or claimed it. Longer than a start may take. */
export const claimMs = 30_000;

/**
 * Moves deliveries from the database to Temporal, from `pending` to `started`. Endpoints take turns, so a thousand deliveries to one of them hold
 * up no other. A delivery whose start fails for an unknown reason is
 * set aside for a while. If others start meanwhile, it is to blame, and ends as `refused` after a few more tries.
 */
export function createDeliveryStarter(deps: DeliveryStarterDeps): DeliveryStarter {
  const waiting = createFairQueue<StartableDelivery>();
  const underWay = new Set<Promise<void>>();
  const judge = createStartJudge<string>();
  let stopped = false;

  const fill = () => {
    while (!stopped && underWay.size < deps.concurrency) {
      const next = waiting.shift();
      if (next === undefined) return;
      const handOver = startAndRecord(deps, judge, next).finally(() => {
        underWay.delete(handOver);
        fill();
      });
      underWay.add(handOver);
    }
  };

  return {
    start: (given) => {
      if (stopped) return;
      const room = Math.max(0, deps.capacity - waiting.size);
      for (const delivery of given.slice(0, room)) waiting.push(delivery.endpoint, delivery);
      if (given.length > room) deps.log.warn({ left: given.length - room }, 'deliveries left to the recovery');
      fill();
    },
    stop: async () => {
      stopped = true;
      waiting.clear();
      await Promise.all(underWay);
    },
  };
}

/** A crash after the start leaves the row pending. Temporal then refuses the second start, and the row is marked. */
async function startAndRecord(deps: DeliveryStarterDeps, judge: StartJudge<string>, delivery: StartableDelivery) {
  try {
    await record(deps, judge, delivery.id, await deps.startDelivery(delivery));
  } catch (error) {
    deps.log.warn({ delivery: delivery.id, err: error }, 'start of a delivery not recorded, the recovery will retry');
  }
}

async function record(
  { database: { orm }, clock, log }: DeliveryStarterDeps,
  judge: StartJudge<string>,
  deliveryId: string,
  outcome: StartOutcome,
): Promise<void> {
  if (outcome.kind === 'started' || outcome.kind === 'duplicate') {
    judge.succeeded();
    judge.forget(deliveryId);
    return markStarted(orm, deliveryId, clock());
  }
  const { reason } = outcome;
  const refused = () => log.warn({ delivery: deliveryId, reason }, 'delivery refused, it can never start');
  if (outcome.kind === 'refused') {
    judge.forget(deliveryId);
    await recordEnd(orm, { deliveryId, state: 'refused', reason, endedAt: clock() });
    return refused();
  }
  const verdict = judge.failed(deliveryId, { temporalSeemsDown: outcome.kind === 'unavailable' });
  if (verdict.kind === 'blamed') {
    const ended = await recordBlame(orm, { deliveryId, reason, at: clock(), pauseMs: blamedPauseMs });
    if (ended) {
      judge.forget(deliveryId);
      return refused();
    }
    log.warn({ delivery: deliveryId, reason }, 'delivery not started while others are, will retry');
    return;
  }
  const pauseMs = judge.isOutage() ? claimMs : verdict.retryAfterMs;
  log.warn({ delivery: deliveryId, reason, retryAfterMs: pauseMs }, 'delivery not started, will retry');
  await suspendStart(orm, { deliveryId, reason, until: new Date(clock().getTime() + pauseMs) });
}
