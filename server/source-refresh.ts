import type { Logger } from 'pino';

/** Keeps the sources that are in use up to date with their file and secrets, without a restart. */
export interface SourceRefresh {
  start(): void;
  stop(): Promise<void>;
}

const refreshEveryMs = 5_000;

/**
 * Calls `reload` every five seconds; it resolves to whether anything has changed. It compares contents, because no watcher sees how
 * mounted secrets change (through links). If it rejects, the previous sources stay in use, and each new reason is logged once.
 * `usedBy` is `receiver` or `worker`: in one process, both have sources of their own.
 */
export function createSourceRefresh(deps: {
  reload: () => Promise<boolean>;
  usedBy: 'receiver' | 'worker';
  log: Logger;
}): SourceRefresh {
  const { usedBy, log } = deps;
  let timer: NodeJS.Timeout | undefined;
  let refreshing: Promise<void> = Promise.resolve();
  let lastReason = '';

  async function refresh(): Promise<void> {
    try {
      if (await deps.reload()) log.info({ usedBy }, 'sources reloaded');
      lastReason = '';
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== lastReason) log.error({ usedBy, reason }, 'sources not reloaded, the previous ones stay in use');
      lastReason = reason;
    }
  }

  return {
    start() {
      timer = setInterval(() => {
        refreshing = refreshing.then(refresh);
      }, refreshEveryMs);
    },
    async stop() {
      clearInterval(timer);
      await refreshing;
    },
  };
}
