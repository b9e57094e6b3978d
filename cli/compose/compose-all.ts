import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { lookupSecret, processEnvironment, refreshEnvFile, type Config } from '../../config.ts';
import { lockDataFolder } from '../../embedded/data-folder.ts';
import { keepTemporalRunning } from '../../embedded/keep-temporal-running.ts';
import { openUiGate } from '../../embedded/ui-gate.ts';
import { openUiSession } from '../../embedded/ui-session.ts';
import { obtainTemporalCli } from '../../embedded/obtain-temporal-cli.ts';
import type { LoadedDefinition } from '../../server/load-definitions.ts';
import type { Database } from '../../storage/database.ts';
import { createClaimCheck } from '../../storage/claim-check.ts';
import { openInstallation } from '../../storage/installation.ts';
import { createPayloadStore } from '../../storage/payload-store.ts';
import { installRuntime } from '../../worker/install-runtime.ts';
import type { ActivitiesFrom } from '../activities/open-activities.ts';
import { adminAccessFile } from '../admin-client.ts';
import { createCleanup, type Cleanup } from './cleanup.ts';
import { composeServer, type RunningServer } from './compose-server.ts';
import { composeWorker } from './compose-worker.ts';
import { openDevelopmentSecrets } from './development-secrets.ts';
import { listenAddresses, requireFree } from './listen.ts';
import { followActivities } from './follow-activities.ts';
import { followDefinitions } from './follow-definitions.ts';
import { loadServedDefinitions, settingsOf } from './load-served-definitions.ts';
import { mountGateways, type MountedGateways, type SourcesText } from './mount-gateways.ts';
import { openDatabase } from './open-database.ts';
import { openGatewayKeys } from './open-gateway-keys.ts';
import { settleMigrations } from './settle-migrations.ts';
import { sharedTemporalAccess, webUiAt, type TemporalAccess, type WebUi } from './temporal-access.ts';
import { untilReachable } from './until-reachable.ts';

/** Kait in one process: receiver, dispatcher and worker. Temporal and the database are embedded unless others are configured. */
export interface RunningKait {
  server: RunningServer;
  gateways: MountedGateways;
  definitions: LoadedDefinition[];
  database: Database;
  /** Its id. */
  installation: string;
  temporal: TemporalAccess;
  /** Environment variables that are not set and got a generated secret. */
  generatedSecrets: string[];
  /** Reads definitions, presets, sources, mails and secrets again. What has a mistake stays as it was. */
  reload(): Promise<void>;
  /** Rejects if the worker fails. */
  finished: Promise<never>;
  /** Stops everything in order: accepts no more webhooks, finishes the work in progress, ends child processes. */
  stop(): Promise<void>;
}

interface Deps {
  config: Config;
  log: Logger;
  /** Receives lines of progress for the user. */
  report: (line: string) => void;
  /** Ends the waiting for services that cannot be reached. */
  signal: AbortSignal;
  /** Default: the file in the definitions folder. */
  sources?: SourcesText;
  /** Default: `build`. */
  activitiesFrom?: ActivitiesFrom;
  /** Whether a mistake in the definitions keeps Kait from starting. */
  strict?: boolean;
}

/** Starts everything, and keeps it running until `stop`. If one part fails to start, the parts before it are stopped. */
export async function composeAll(deps: Deps): Promise<RunningKait> {
  const cleanup = createCleanup();
  try {
    return await start(deps, cleanup);
  } catch (error) {
    await cleanup.run().catch(() => undefined); // The first error matters more.
    throw error;
  }
}

async function start(deps: Deps, cleanup: Cleanup): Promise<RunningKait> {
  const { config, log, report, signal, activitiesFrom = 'build' } = deps;
  await settingsOf(config); // A wrong variable is told before anything is downloaded or started.
  if (deps.strict === true) await loadServedDefinitions(config, activitiesFrom);
  const activities = await followActivities(config, activitiesFrom);
  const lock = await lockDataFolder(config.home);
  cleanup.add(() => lock.release());
  await requireFree(Object.values(listenAddresses(config)));
  const secrets = await openDevelopmentSecrets(config.home, lookupSecret);
  const keys = openGatewayKeys(config, log);
  cleanup.add(() => keys.close());
  const gateways = await mountGateways(config, secrets.lookups, keys.fetchKey, deps.sources, {
    tolerant: deps.strict !== true,
  });
  await secrets.save();

  const { database, target } = await startServices(deps, cleanup);
  await settleMigrations({ config, database, log, report });
  cleanup.add(await keys.storeIn(database));
  const installation = await openInstallation(database, config.installation);
  const definitions = await followDefinitions(config, database, () => activities.latest());
  installRuntime(log);
  const connection = await untilReachable(
    'Temporal',
    'TEMPORAL_ADDRESS',
    () => NativeConnection.connect(target.connection),
    { log, signal },
  );
  cleanup.add(() => connection.close());
  const claimCheck = createClaimCheck({ payloads: createPayloadStore(database) });
  const temporal = sharedTemporalAccess(connection, target.namespace, target.ui, [claimCheck]);

  report('Starting the worker');
  const worker = await composeWorker({
    ...{ config, database, installation, connection, namespace: target.namespace, log },
    activities: () => activities.latest(),
    sources: deps.sources,
  });
  cleanup.add(() => worker.stop());
  const adminToken = config.admin.token ?? randomBytes(24).toString('hex');
  const server = await composeServer({
    ...{ config, database, installation, temporal, gateways, served: definitions.served, adminToken, log, signal },
  });
  cleanup.add(() => server.stop());
  await leaveAdminAccess(config.home, { url: server.adminUrl, token: adminToken }, cleanup);
  return {
    server,
    gateways,
    definitions: definitions.served.definitions,
    async reload() {
      refreshEnvFile();
      try {
        await settleMigrations({ config, database, log, report });
      } finally {
        // A mistake in a migration holds up nothing else.
        await activities.reload();
        await definitions.reload();
        await worker.reload();
        await server.reload();
      }
    },
    database,
    installation: installation.id,
    temporal,
    generatedSecrets: secrets.generated(),
    finished: worker.failed,
    stop: () => cleanup.run(),
  };
}

/** Both at once, since each takes seconds. If one fails, the other is waited for, so that it can be stopped. */
async function startServices(deps: Deps, cleanup: Cleanup): Promise<{ database: Database; target: TemporalTarget }> {
  const reaching = reachTemporal(deps, cleanup);
  const opening = openDatabase(deps);
  await Promise.allSettled([reaching, opening]);
  const database = await opening;
  cleanup.add(() => database.close());
  return { database, target: await reaching };
}

interface TemporalTarget {
  connection: Parameters<typeof NativeConnection.connect>[0];
  namespace: string;
  ui: WebUi | null;
}

async function reachTemporal(deps: Deps, cleanup: Cleanup): Promise<TemporalTarget> {
  const { temporal } = deps.config;
  if (temporal.kind === 'embedded') return startTemporal(deps, cleanup);
  const { connection, namespace, uiUrl } = temporal;
  return { connection, namespace, ui: uiUrl === null ? null : webUiAt(uiUrl) };
}

async function startTemporal({ config, log, report }: Deps, cleanup: Cleanup): Promise<TemporalTarget> {
  const cliPath = await obtainTemporalCli({
    environment: processEnvironment(),
    fallbackFolder: join(config.home, 'cache'),
    report,
  });
  const server = await keepTemporalRunning({
    cliPath,
    environment: processEnvironment(),
    folder: config.home,
    namespace: config.temporal.namespace,
    report,
    log,
  });
  cleanup.add(() => server.stop());
  const target = { connection: { address: server.address }, namespace: server.namespace };
  if (server.ui === null) return { ...target, ui: null };
  const session = await openUiSession(join(config.home, 'web-ui.json'));
  const gate = await openUiGate({ session, upstream: server.ui });
  cleanup.add(() => gate.close());
  return { ...target, ui: gate };
}

/** Tells other commands on this machine how to reach the admin API while this process runs. */
async function leaveAdminAccess(home: string, access: { url: string; token: string }, cleanup: Cleanup): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  await rm(adminAccessFile(home), { force: true });
  await writeFile(adminAccessFile(home), JSON.stringify(access), { mode: 0o600 });
  cleanup.add(() => rm(adminAccessFile(home), { force: true }));
}
