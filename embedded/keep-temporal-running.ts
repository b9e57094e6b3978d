import { setTimeout as pause } from 'node:timers/promises';
import type { HiddenAddress } from './hidden-address.ts';
import { startTemporalServer, type EmbeddedTemporal, type TemporalServerOptions } from './temporal-server.ts';

export interface KeepRunningOptions extends TemporalServerOptions {
  log: {
    warn(fields: object, message: string): void;
    error(fields: object, message: string): void;
  };
  /** The pause before the first restart. Doubles up to 30 s while the server keeps ending. Default 200 ms. */
  firstPauseMs?: number;
}

export interface KeptTemporal {
  address: string;
  namespace: string;
  /** The Web UI's address, the same over restarts. See {@link EmbeddedTemporal.ui}. */
  ui: HiddenAddress | null;
  /** The current server's process. Undefined while the server is being restarted. */
  pid(): number | undefined;
  /** Stops the server for good. */
  stop(): Promise<void>;
}

const longestPauseMs = 30_000;
/** A server that ran this long counts as healthy, so the next pause is short again. */
const healthyMs = 60_000;

/**
 * Starts the embedded Temporal server, and restarts it on the same addresses whenever it ends without being stopped. Meanwhile runs wait
 * and webhooks are still accepted. Rejects only if the first start fails.
 */
export async function keepTemporalRunning(options: KeepRunningOptions): Promise<KeptTemporal> {
  const { log, firstPauseMs = 200 } = options;
  const stopping = new AbortController();
  const isStopping = () => stopping.signal.aborted;
  const first = await startTemporalServer(options);
  let present: EmbeddedTemporal | undefined = first;

  async function keep(): Promise<void> {
    let failures = 0;
    while (!isStopping()) {
      if (present !== undefined && (await livesLong(present))) failures = 0;
      const exit = await present?.exited;
      present = undefined;
      if (isStopping()) return;
      const pauseMs = Math.min(firstPauseMs * 2 ** failures++, longestPauseMs);
      log.warn({ ...exit, pauseMs }, 'Temporal is down; restarting it');
      await pause(pauseMs, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (!isStopping()) present = await restart({ ...options, port: first.port, ui: first.ui });
    }
  }

  const keeping = keep();
  return {
    address: first.address,
    namespace: first.namespace,
    ui: first.ui,
    pid: () => present?.pid,
    stop: async () => {
      stopping.abort();
      await present?.stop();
      await keeping;
      await present?.stop(); // A restart was in progress.
    },
  };
}

/** Resolves to true once the server has run long enough, or to false if it ends before. */
async function livesLong(server: EmbeddedTemporal): Promise<boolean> {
  const ended = new AbortController();
  const end = server.exited.then(() => {
    ended.abort();
    return false;
  });
  const long = pause(healthyMs, true, { ref: false, signal: ended.signal }).catch(() => false);
  return Promise.race([end, long]);
}

async function restart(options: KeepRunningOptions): Promise<EmbeddedTemporal | undefined> {
  try {
    return await startTemporalServer(options);
  } catch (error) {
    options.log.error({ err: error }, 'Temporal could not be restarted');
    return undefined;
  }
}
