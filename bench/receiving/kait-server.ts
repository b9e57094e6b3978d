import { openActivities } from '../../cli/activities/open-activities.ts';
import { composeServer } from '../../cli/compose/compose-server.ts';
import { openServedDefinitions } from '../../cli/compose/load-served-definitions.ts';
import { mountGateways } from '../../cli/compose/mount-gateways.ts';
import { openDatabase } from '../../cli/compose/open-database.ts';
import { lazyTemporalAccess } from '../../cli/compose/temporal-access.ts';
import { processLog } from '../../cli/log.ts';
import { loadConfig, lookupSecret } from '../../config.ts';
import { openInstallation } from '../../storage/installation.ts';
import { runChildProgram } from '../child-program.ts';

/** `kait server`, except that it also takes PGlite. The environment sets the rest; the log goes to a file. */
await runChildProgram(async () => {
  const config = loadConfig(process.env);
  if (config.temporal.kind !== 'cluster') throw new Error('TEMPORAL_ADDRESS must name the benchmark’s server');
  const { connection, namespace, uiUrl } = config.temporal;
  const log = processLog(config.logLevel);
  const { signal } = new AbortController();
  const gateways = await mountGateways(config, { lookupSecret });
  const database = await openDatabase({ config, log, signal, report: (line) => log.info(line) });
  const served = await openServedDefinitions(config, database, await openActivities(config.definitions, 'build'));
  const temporal = lazyTemporalAccess(connection, { namespace, home: config.home }, uiUrl);
  const adminToken = 'bench-admin-token';
  const installation = await openInstallation(database, config.installation);
  const server = await composeServer({
    ...{ config, database, installation, temporal, gateways, served, adminToken, log, signal },
  });
  return {
    ready: { url: server.url },
    /** How many events are in the inbox, and how many of them wait for the dispatcher. */
    answer: async () => {
      const sql = `select count(*)::int as stored, (count(*) filter (where state = 'pending'))::int as waiting from events`;
      return (await database.run<{ stored: number; waiting: number }>('bench-count', sql, []))[0];
    },
    stop: async () => {
      await server.stop();
      await temporal.close();
      await database.close();
    },
  };
});
