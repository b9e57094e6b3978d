import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Database } from './database.ts';
import { applyRetention, type SourceRetention } from './retention.ts';

interface RetentionJob {
  start(): void;
  /** Ends the sweep under way after its present statement. */
  stop(): Promise<void>;
}

const everyMs = 60 * 60 * 1000;

/** Applies the retention rules at the start and then every hour. The next sweep makes up for one that fails. */
export function createRetentionJob(deps: {
  database: Database;
  sources: () => SourceRetention[];
  log: Pick<Logger, 'info' | 'warn'>;
  now: () => Date;
}): RetentionJob {
  const stopping = new AbortController();
  const pause = (ms: number) => delay(ms, undefined, { signal: stopping.signal });
  let timer: NodeJS.Timeout | undefined;
  let sweep: Promise<void> = Promise.resolve();

  async function sweepOnce(): Promise<void> {
    try {
      const rows = await applyRetention(deps.database, deps.sources(), { now: deps.now(), pause });
      if (rows > 0) deps.log.info({ rows }, 'retention applied');
    } catch (error) {
      if (!stopping.signal.aborted) deps.log.warn({ err: error }, 'retention failed, will retry');
    }
  }

  return {
    start() {
      sweep = sweepOnce();
      timer = setInterval(() => {
        sweep = sweep.then(sweepOnce);
      }, everyMs);
    },
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await sweep;
    },
  };
}
