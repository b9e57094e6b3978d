import type { Logger } from 'pino';
import { createFairRounds } from '../../server/fair-rounds.ts';
import { scheduledOf, syncSchedules } from '../../server/schedules/sync-schedules.ts';
import type { ServedDefinitions } from '../../server/serve-definitions.ts';
import type { Installation } from '../../storage/installation.ts';
import type { TemporalAccess } from './temporal-access.ts';

export interface KeptSchedules {
  start(): void;
  stop(): Promise<void>;
}

const lookEveryMs = 2_000;
/** Somebody may have changed or removed a schedule by hand. */
const verifyEveryMs = 10 * 60_000;

/**
 * Sets Temporal's schedules to those of the definitions: at the start, whenever the definitions change, and from time to time. Only while this
 * server decides about them. What fails is tried again. While a file has a mistake and no version that can be served, no schedule is removed:
 * it may be that file's.
 */
export function keepSchedules(deps: {
  installation: Installation;
  temporal: Pick<TemporalAccess, 'client'>;
  /** Read each time, since it may change. */
  served: Pick<ServedDefinitions, 'definitions' | 'awaited'>;
  /** See `decidesSchedules`. */
  decides: () => Promise<boolean>;
  usableAttributes: () => ReadonlySet<string>;
  log: Logger;
}): KeptSchedules {
  const { installation, temporal, served, log } = deps;
  const rounds = createFairRounds();
  let timer: NodeJS.Timeout | undefined;
  let synced = '';
  let syncedAtMs = 0;
  let working: Promise<void> = Promise.resolve();

  async function sync(): Promise<void> {
    if (!(await deps.decides())) {
      synced = '';
      return;
    }
    const wanted = scheduledOf(served.definitions);
    const usableAttributes = deps.usableAttributes();
    const mayRemove = served.awaited.length === 0;
    const asText = JSON.stringify([wanted, mayRemove, [...usableAttributes]]);
    if (asText === synced && performance.now() - syncedAtMs < verifyEveryMs) return;
    const schedules = temporal.client.schedule;
    const failures = await syncSchedules({ schedules, installation, now: () => new Date(), usableAttributes }, wanted, {
      ...{ mayRemove, rounds },
    });
    for (const [schedule, error] of failures) log.warn({ schedule, err: error }, 'schedule not set');
    if (failures.size > 0) return;
    if (asText !== synced && wanted.length > 0) {
      log.info({ definitions: wanted.map(({ name }) => name) }, 'schedules set');
    }
    synced = asText;
    syncedAtMs = performance.now();
  }

  const look = () => {
    working = working.then(sync).catch((error: unknown) => log.warn({ err: error }, 'schedules not set'));
  };
  return {
    start() {
      look();
      timer = setInterval(look, lookEveryMs);
    },
    async stop() {
      clearInterval(timer);
      await working;
    },
  };
}
