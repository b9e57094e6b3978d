import type { Config } from '../../config.ts';
import { openInstallation } from '../../storage/installation.ts';
import { installRuntime } from '../../worker/install-runtime.ts';
import { createWorkerHealth } from '../../worker/worker-health.ts';
import { logActivities, openActivities } from '../activities/open-activities.ts';
import { createCleanup } from '../compose/cleanup.ts';
import { openPublished } from '../compose/follow-published.ts';
import { describeActivities } from '../publish/set-activities.ts';
import { connectToCluster } from '../compose/connect-to-cluster.ts';
import { composeWorker } from '../compose/compose-worker.ts';
import { loadServedDefinitions } from '../compose/load-served-definitions.ts';
import { listen } from '../compose/listen.ts';
import { openDatabase } from '../compose/open-database.ts';
import { settleMigrations } from '../compose/settle-migrations.ts';
import { untilStopped } from '../compose/until-stopped.ts';
import { processLog } from '../log.ts';
import { requireProduction } from './require-production.ts';

/**
 * `kait worker`: executes runs and deliveries until a signal ends it. Needs PostgreSQL and a Temporal cluster. Runs bring their
 * definitions along, so mistakes in those of the folder do not matter here, unless `strict`.
 */
export async function runWorker(config: Config, { strict = false }: { strict?: boolean } = {}): Promise<void> {
  const { cluster } = requireProduction(config, 'worker');
  if (strict) await loadServedDefinitions(config, 'build');
  const log = processLog(config.logLevel);
  const activities = await openActivities(config.definitions, 'build');
  logActivities(log, activities);
  const described = await describeActivities(config.definitions, activities, 'build');
  installRuntime(log);
  await untilStopped(async (signal) => {
    const cleanup = createCleanup();
    try {
      const report = (line: string) => {
        log.info(line);
      };
      const database = await openDatabase({ config, log, signal, report });
      cleanup.add(() => database.close());
      await settleMigrations({ config, database, log, report });
      const installation = await openInstallation(database, config.installation);
      const place = { namespace: cluster.namespace, home: config.home };
      const connection = await connectToCluster(cluster.connection, place, { log, signal });
      cleanup.add(() => connection.close());
      const published = await openPublished({ config, database, log, kind: 'worker', activities, described });
      const worker = await composeWorker({
        ...{ config: published.config, database, installation, connection, namespace: cluster.namespace, log },
        activities: () => activities,
        isOtherActivity: (name) => published.isOtherActivity(name),
      });
      cleanup.add(() => worker.stop());
      published.follow(() => worker.reload());
      cleanup.add(() => published.stop());
      if (config.worker.healthPort !== null) {
        const health = createWorkerHealth({
          database,
          isRunning: () => worker.isRunning(),
          definitions: () => published.describe(),
        });
        const port = config.worker.healthPort;
        await listen(health, { host: config.receiver.host, port, setting: 'KAIT_WORKER_HEALTH_PORT' });
        cleanup.add(() => health.close());
      }
      log.info({ installation: installation.id, namespace: cluster.namespace }, 'worker is up');
      return { finished: worker.failed, stop: () => cleanup.run() };
    } catch (error) {
      await cleanup.run().catch(() => undefined); // The first error matters more.
      throw error;
    }
  });
  log.info('worker has ended');
}
