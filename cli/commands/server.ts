import { lookupSecret, type Config } from '../../config.ts';
import { KaitError } from '../../errors.ts';
import { logActivities, openActivities } from '../activities/open-activities.ts';
import { createCleanup } from '../compose/cleanup.ts';
import { composeServer } from '../compose/compose-server.ts';
import { followDefinitions } from '../compose/follow-definitions.ts';
import { openPublished } from '../compose/follow-published.ts';
import { describeActivities } from '../publish/set-activities.ts';
import { listenAddresses, requireFree } from '../compose/listen.ts';
import { loadServedDefinitions } from '../compose/load-served-definitions.ts';
import { mountGateways } from '../compose/mount-gateways.ts';
import { openGatewayKeys } from '../compose/open-gateway-keys.ts';
import { createClaimCheck } from '../../storage/claim-check.ts';
import { openInstallation } from '../../storage/installation.ts';
import { createPayloadStore } from '../../storage/payload-store.ts';
import { openDatabase } from '../compose/open-database.ts';
import { lazyTemporalAccess } from '../compose/temporal-access.ts';
import { settleMigrations } from '../compose/settle-migrations.ts';
import { untilStopped } from '../compose/until-stopped.ts';
import { processLog } from '../log.ts';
import { requireProduction } from './require-production.ts';

/**
 * `kait server`: runs the receiver, the dispatcher and the HTTP API until a signal ends it. Needs PostgreSQL and a Temporal cluster.
 * If `strict`, a mistake in the definitions keeps it from starting.
 */
export async function runServer(config: Config, { strict = false }: { strict?: boolean } = {}): Promise<void> {
  const { cluster } = requireProduction(config, 'server');
  const adminToken = config.admin.token;
  if (adminToken === null) {
    throw new KaitError('KAIT_ADMIN_TOKEN_MISSING', 'Set KAIT_ADMIN_TOKEN to a random text of at least 16 characters.');
  }
  await requireFree(Object.values(listenAddresses(config)));
  if (strict) await loadServedDefinitions(config, 'build');
  const log = processLog(config.logLevel);
  const activities = await openActivities(config.definitions, 'build');
  logActivities(log, activities);
  const described = await describeActivities(config.definitions, activities, 'build');
  const keys = openGatewayKeys(config, log);
  const mount = (from: Config) =>
    mountGateways(from, { lookupSecret }, keys.fetchKey, undefined, { tolerant: !strict });
  const early = config.definitionsFrom === 'files' ? await mount(config) : null;
  await untilStopped(async (signal) => {
    const cleanup = createCleanup();
    cleanup.add(() => keys.close());
    try {
      const report = (line: string) => {
        log.info(line);
      };
      const database = await openDatabase({ config, log, signal, report });
      cleanup.add(() => database.close());
      await settleMigrations({ config, database, log, report });
      cleanup.add(await keys.storeIn(database));
      const installation = await openInstallation(database, config.installation);
      const claimCheck = createClaimCheck({ payloads: createPayloadStore(database) });
      const temporal = lazyTemporalAccess(
        cluster.connection,
        { namespace: cluster.namespace, home: config.home },
        cluster.uiUrl,
        [claimCheck],
      );
      cleanup.add(() => temporal.close());
      const published = await openPublished({ config, database, log, kind: 'server', activities, described });
      const gateways = early ?? (await mount(published.config));
      const definitions = await followDefinitions(published.config, database, () => activities);
      const server = await composeServer({
        config: published.config,
        published,
        project: config.definitions,
        database,
        installation,
        temporal,
        gateways,
        served: definitions.served,
        adminToken,
        log,
        signal,
      });
      cleanup.add(() => server.stop());
      published.follow(async () => {
        await definitions.reload();
        await server.reload();
      });
      cleanup.add(() => published.stop());
      log.info(
        { url: server.url, admin: server.adminUrl, sources: gateways.sources.all().map(({ name }) => name) },
        'server is up',
      );
      return { stop: () => cleanup.run() };
    } catch (error) {
      await cleanup.run().catch(() => undefined); // The first error matters more.
      throw error;
    }
  });
  log.info('server has ended');
}
