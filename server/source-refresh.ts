import type { Logger } from 'pino';

/** Keeps the mounted sources as the files and the secrets are, without a restart. */
export interface SourceRefresh {
  start(): void;
  stop(): Promise<void>;
}

/**
 * Looks every `everyMs`; files are compared by what they hold, since mounted secrets change by links that no watcher sees. What
 * is wrong is logged once, and the sources stay as they were.
 */
export function createSourceRefresh(deps: {
  remount: () => Promise<boolean>;
  everyMs: number;
  log: Logger;
}): SourceRefresh {
  let timer: NodeJS.Timeout | undefined;
  let refreshing: Promise<void> = Promise.resolve();
  let complained = '';

  async function refresh(): Promise<void> {
    try {
      if (await deps.remount()) deps.log.info('sources mounted anew');
      complained = '';
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== complained) deps.log.error({ reason }, 'sources not mounted anew; they stay as they were');
      complained = reason;
    }
  }

  return {
    start() {
      timer = setInterval(() => {
        refreshing = refreshing.then(refresh);
      }, deps.everyMs);
    },
    async stop() {
      clearInterval(timer);
      await refreshing;
    },
  };
}
