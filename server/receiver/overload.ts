import type { Logger } from 'pino';
import type { ByteBudget } from './byte-budget.ts';

/**
 * What Kait is out of: disk space in the data folder, room for events that wait for Temporal (`backlog`) or for their commit
 * (`queue`), or memory for bodies.
 */
export type Shortage = 'disk' | 'backlog' | 'queue' | 'bodies';

/** Whether requests must be rejected with 503, which makes gateways send them again. */
export interface Overload {
  /** Null while there is room. Cheap: it uses the last measurement. */
  shortage(): Shortage | null;
  /** The queue was full just now. It counts as full for a second; then it is tried again. */
  noteQueueFull(): void;
  /** Measures now. If that fails, the last measurement stays. */
  measure(): Promise<void>;
  /** Measures every few seconds from now on. */
  start(): void;
  stop(): void;
}

const measureEveryMs = 5_000;
const queueFullMs = 1_000;

/** `now` is in milliseconds. */
export function createOverload(deps: {
  bodies: Pick<ByteBudget, 'isSpent'>;
  /** Counts the events that wait for Temporal, up to `limit`. */
  backlog: { size: (limit: number) => Promise<number>; limit: number };
  /** Null if the database is on another machine. */
  disk: { freeBytes: () => Promise<number>; reserveBytes: number } | null;
  log: Logger;
  now: () => number;
}): Overload {
  const { backlog, disk } = deps;
  const full = { disk: false, backlog: false };
  let queueFullUntil = -Infinity;
  let measuring: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  async function update(shortage: 'disk' | 'backlog', isFull: () => Promise<boolean>): Promise<void> {
    try {
      const was = full[shortage];
      full[shortage] = await isFull();
      if (was !== full[shortage])
        deps.log.warn({ shortage }, full[shortage] ? 'overloaded: webhooks are rejected' : 'no longer overloaded');
    } catch (error) {
      deps.log.debug({ err: error, shortage }, 'load not measured');
    }
  }

  async function measureBoth(): Promise<void> {
    await update('backlog', async () => (await backlog.size(backlog.limit)) >= backlog.limit);
    if (disk !== null) await update('disk', async () => (await disk.freeBytes()) < disk.reserveBytes);
  }

  /** One measurement at a time, however long the database takes. */
  async function measure(): Promise<void> {
    measuring ??= measureBoth().finally(() => {
      measuring = null;
    });
    await measuring;
  }

  return {
    shortage() {
      if (full.disk) return 'disk';
      if (full.backlog) return 'backlog';
      if (deps.now() < queueFullUntil) return 'queue';
      return deps.bodies.isSpent() ? 'bodies' : null;
    },
    noteQueueFull() {
      queueFullUntil = deps.now() + queueFullMs;
    },
    measure,
    start() {
      void measure();
      timer = setInterval(() => void measure(), measureEveryMs);
    },
    stop() {
      clearInterval(timer);
    },
  };
}
