import type { Logger } from 'pino';
import type { Database } from '../storage/database.ts';
import { applyRetention, type BodyRetention } from '../storage/retention.ts';

export interface RetentionJob {
  start(): void;
  /** Resolves when the sweep under way has ended. */
  stop(): Promise<void>;
}

const everyMs = 60 * 60 * 1000;

/** Applies the retention rules at the start and then every hour. A sweep that fails is tried again with the next. */
export function createRetentionJob(deps: {
  database: Database;
  bodies: () => BodyRetention[];
  log: Logger;
  now: () => Date;
}): RetentionJob {
  let timer: NodeJS.Timeout | undefined;
  let sweep: Promise<void> = Promise.resolve();

  async function sweepOnce(): Promise<void> {
    try {
      const rows = await applyRetention(deps.database, deps.bodies(), deps.now());
      if (rows > 0) deps.log.info({ rows }, 'retention applied');
    } catch (error) {
      deps.log.warn({ err: error }, 'retention not applied');
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
      await sweep;
    },
  };
}
