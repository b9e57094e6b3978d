import type { Logger } from 'pino';
import type { Installation } from '../../storage/installation.ts';
import { createFairRounds } from '../../server/fair-rounds.ts';
import { syncReconcileSchedules, type ReconciledSource } from '../../server/reconcile-schedules.ts';
import type { SourceRegistry } from '../../server/source-registry.ts';
import type { TemporalAccess } from './temporal-access.ts';

export interface ReconcileSchedules {
  start(): void;
  stop(): Promise<void>;
}

const lookEveryMs = 10_000;

/**
 * Sets Temporal's schedules to what the sources ask for, at the start and whenever the sources change. What fails
 * is tried again after the interval.
 */
export function keepReconcileSchedules(deps: {
  installation: Installation;
  temporal: TemporalAccess;
  sources: Pick<SourceRegistry, 'all'>;
  usableAttributes: () => ReadonlySet<string>;
  log: Logger;
}): ReconcileSchedules {
  const { installation, temporal, sources, log } = deps;
  let timer: NodeJS.Timeout | undefined;
  const rounds = createFairRounds();
  let synced = '';
  let working: Promise<void> = Promise.resolve();

  async function sync(): Promise<void> {
    const wanted = sources.all().flatMap(reconciledOf);
    const usableAttributes = deps.usableAttributes();
    const asText = JSON.stringify([wanted, [...usableAttributes]]);
    if (asText === synced) return;
    try {
      const schedules = temporal.client.schedule;
      const failures = await syncReconcileSchedules(
        { schedules, installation, now: () => new Date(), usableAttributes },
        wanted,
        rounds,
      );
      for (const [schedule, error] of failures) log.warn({ schedule, err: error }, 'reconcile schedule not set');
      if (failures.size > 0) return;
      synced = asText;
      log.info({ sources: wanted.map(({ name }) => name) }, 'reconcile schedules set');
    } catch (error) {
      log.warn({ err: error }, 'reconcile schedules not set');
    }
  }

  const look = () => {
    working = working.then(sync);
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

function reconciledOf({
  name,
  preset,
  reconcileEveryMs,
}: ReturnType<SourceRegistry['all']>[number]): ReconciledSource[] {
  return reconcileEveryMs === null ? [] : [{ name, gateway: preset.name, everyMs: reconcileEveryMs }];
}
