import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { errorText } from '../../describe-error.ts';
import { isDenied } from './temporal-problem.ts';

const firstPauseMs = 500;
const longestPauseMs = 10_000;

/**
 * Calls `connect` until it succeeds, because services may start at the same time as Kait. Logs what it waits for, why, and the setting.
 * Rejects when `signal` aborts.
 */
export async function untilReachable<Connected>(
  what: string,
  setting: string,
  connect: () => Promise<Connected>,
  deps: { log: Logger; signal: AbortSignal },
): Promise<Connected> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    try {
      return await connect();
    } catch (error) {
      deps.signal.throwIfAborted();
      const reason = errorText(error);
      deps.log.warn(
        { reason, setting, retryInMs: pauseMs },
        `${what} ${problemOf(reason)} (${setting}): ${reason}. Trying again in ${pauseMs / 1000} s`,
      );
      await sleep(pauseMs, undefined, { signal: deps.signal });
    }
  }
}

/** A service that turns Kait away needs other credentials, not another address. */
function problemOf(reason: string): string {
  return isDenied(reason) ? 'is reachable but refuses access' : 'is not reachable';
}
