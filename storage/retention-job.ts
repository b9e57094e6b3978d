import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { errorText } from '../describe-error.ts';
import type { Database } from './database.ts';
import { applyRetention, type RetentionRule, retentionRules, type SourceRetention } from './retention.ts';

/** A rule, and when this process applied it last. */
export interface AppliedRule extends RetentionRule {
  /** Null: not yet; another process may have. */
  lastAt: Date | null;
  /** Rows that were deleted or emptied then. */
  removed: number | null;
}

interface RetentionJob {
  start(): void;
  /** The rules that hold now. */
  describe(): { everyMs: number; problem: string | null; rules: AppliedRule[] };
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
  const last = new Map<string, { at: Date; rows: number }>();
  let problem: string | null = null;

  async function sweepOnce(): Promise<void> {
    try {
      const applied = (rule: RetentionRule, rows: number) => void last.set(keyOf(rule), { at: deps.now(), rows });
      const rows = await applyRetention(deps.database, deps.sources(), { now: deps.now(), pause, applied });
      problem = null;
      if (rows > 0) deps.log.info({ rows }, 'retention applied');
    } catch (error) {
      if (stopping.signal.aborted) return;
      problem = errorText(error);
      deps.log.warn({ err: error }, 'retention failed, will retry');
    }
  }

  return {
    start() {
      sweep = sweepOnce();
      timer = setInterval(() => {
        sweep = sweep.then(sweepOnce);
      }, everyMs);
    },
    describe() {
      const rules = retentionRules(deps.sources()).map((rule) => {
        const done = last.get(keyOf(rule));
        return { ...rule, lastAt: done?.at ?? null, removed: done?.rows ?? null };
      });
      return { everyMs, problem, rules };
    },
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await sweep;
    },
  };
}

function keyOf({ subject, source }: RetentionRule): string {
  return JSON.stringify([subject, source]);
}
