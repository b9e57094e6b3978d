import { asc, eq, and } from 'drizzle-orm';
import type { Logger } from 'pino';
import { createRepetition, type Repetition } from '../../repetition.ts';
import type { Database } from '../../storage/database.ts';
import { replays } from '../../storage/schema.ts';
import { storableReason } from '../../storage/storable-reason.ts';
import type { StartRun } from '../start-run.ts';
import { replayRunOf } from './replay-run.ts';

export interface ReplayStarter extends Repetition {
  /** Looks now. Never throws. */
  startAll(): Promise<void>;
}

const everyMs = 2_000;
const atOnce = 20;

/** Starts the runs of the replays that were asked for. Several processes may do that: Temporal takes each run once, by its id. */
export function createReplayStarter(deps: {
  database: Database;
  startRun: StartRun;
  log: Pick<Logger, 'warn'>;
}): ReplayStarter {
  const { database, startRun, log } = deps;
  const failed = (error: unknown) => log.warn({ err: error }, 'replays were not started, will try again');

  async function look(): Promise<void> {
    const { id, requestedAt, state } = replays;
    const pending = await database.orm
      .select({ id, requestedAt })
      .from(replays)
      .where(eq(state, 'pending'))
      .orderBy(asc(requestedAt))
      .limit(atOnce);
    await Promise.all(pending.map(startOne));
  }

  async function startOne(replay: { id: string; requestedAt: Date }): Promise<void> {
    const outcome = await startRun(replayRunOf(replay));
    const isPending = and(eq(replays.id, replay.id), eq(replays.state, 'pending'));
    if (outcome.kind === 'started' || outcome.kind === 'duplicate') {
      await database.orm.update(replays).set({ state: 'started', lastError: null }).where(isPending);
      return;
    }
    const lastError = storableReason(outcome.reason);
    log.warn({ replay: replay.id, reason: outcome.reason }, 'replay not started');
    await database.orm
      .update(replays)
      .set(outcome.kind === 'refused' ? { state: 'refused', lastError, endedAt: new Date() } : { lastError })
      .where(isPending);
  }

  const repetition = createRepetition({ act: look, intervalMs: everyMs, failed });
  return { ...repetition, startAll: () => look().catch(failed) };
}
