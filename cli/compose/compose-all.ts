import { randomBytes } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { lookupSecret, processEnvironment, refreshEnvFile, type Config } from '../../config.ts';
import { lockDataFolder } from '../../embedded/data-folder.ts';
import { keepTemporalRunning } from '../../embedded/keep-temporal-running.ts';
import { openUiGate } from '../../embedded/ui-gate.ts';
import { openUiSession } from '../../embedded/ui-session.ts';
import { obtainTemporalCli } from '../../embedded/obtain-temporal-cli.ts';
import { KaitError } from '../../errors.ts';
import type { LoadedDefinition } from '../../server/load-definitions.ts';
import type { Database } from '../../storage/database.ts';
import { openInstallation } from '../../storage/installation.ts';
import { warnOfStaleBuild, type ActivitiesFrom } from '../activities/open-activities.ts';
import { apiAccessFile } from '../api-client.ts';
import { createCleanup, type Cleanup } from './cleanup.ts';
import { composeServer, type RunningServer } from './compose-server.ts';
import { openDevelopmentSecrets } from './development-secrets.ts';
import { listenAddresses, requireFree } from './listen.ts';
import { followActivities } from './follow-activities.ts';
import { followDefinitions } from './follow-definitions.ts';
import { createHomeKeyRotation, homeSecretKeys } from './home-secret-keys.ts';
import { loadServedDefinitions, settingsOf } from './load-served-definitions.ts';
import { mountGateways, type MountedGateways, type SourcesText } from './mount-gateways.ts';
import { openDatabase } from './open-database.ts';
import { openGatewayKeys } from './open-gateway-keys.ts';
import { settleMigrations } from './settle-migrations.ts';
import type { TemporalTarget } from './join-temporal.ts';
import type { TemporalAccess } from './temporal-access.ts';
import { temporalToCome } from './temporal-to-come.ts';
import { webUiAt } from './web-ui.ts';

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
  /** Rejects if the worker or the embedded database fails. */
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
  /** Receives what is wrong with a migration of the project; the rest is started nevertheless. Default: it is thrown. */
  onFaultyMigration?: (error: KaitError) => void;
}

/**
 * Starts everything, and keeps it running until `stop`. If one part fails to start, the parts before it are stopped. Webhooks are accepted
 * as soon as they can be stored: Temporal and the worker take longer to start, and find the events in the inbox.
 */
export async function composeAll(deps: Deps): Promise<RunningKait> {
  const cleanup = createCleanup();
  try {
    return await start(deps, cleanup);
  } catch (error) {
    await cleanup.run().catch(() => undefined); // The first error matters more.
    throw error;
  }
}

async function start(given: Deps, cleanup: Cleanup): Promise<RunningKait> {
  const { log, report, signal, activitiesFrom = 'build' } = given;
  settingsOf(given.config); // A wrong variable is told before anything is downloaded or started.
  if (given.strict === true) await loadServedDefinitions(given.config, activitiesFrom);
  const activities = await followActivities(given.config, activitiesFrom);
  warnOfStaleBuild(log, activities.latest());
  const lock = await lockDataFolder(given.config.home);
  cleanup.add(() => lock.release());
  const secretKeys = given.config.secretKeys ?? (await homeSecretKeys(given.config.home));
  // With the variable, whoever sets it replaces the key.
  const newSecretsKey = given.config.secretKeys === null ? createHomeKeyRotation(given.config.home, secretKeys) : null;
  const deps = { ...given, config: { ...given.config, secretKeys } };
  const { config } = deps;
  await requireFree(Object.values(listenAddresses(config)));
  const secrets = await openDevelopmentSecrets(config.home, lookupSecret);
  const keys = openGatewayKeys(config, log);
  cleanup.add(() => keys.close());
  const { opening, reaching, working } = startServices(deps, cleanup);
  const gateways = await mountGateways(config, secrets.lookups, keys.fetchKey, deps.sources, {
    tolerant: deps.strict !== true,
  });
  await secrets.save();

  const database = await opening;
  await settleMigrations({ config, database, log, report }).catch((error: unknown) => {
    if (!(error instanceof KaitError) || deps.onFaultyMigration === undefined) throw error;
    deps.onFaultyMigration(error);
  });
  cleanup.add(await keys.storeIn(database));
  const installation = await openInstallation(database, config.installation);
  const definitions = await followDefinitions(config, database, () => activities.latest());
  const temporal = temporalToCome(config.temporal.namespace, addressOf(config));
  const adminToken = config.admin.token ?? randomBytes(24).toString('hex');
  const stopping = new AbortController();
  const server = await composeServer({
    ...{ config, database, installation, gateways, served: definitions.served, adminToken, log },
    newSecretsKey,
    temporal: temporal.access,
    signal: AbortSignal.any([signal, stopping.signal]),
  });
  cleanup.add(() => {
    stopping.abort();
    return server.stop();
  });
  await leaveAdminAccess(config.home, { url: server.adminUrl, token: adminToken }, cleanup);
  report(`Accepting webhooks at ${server.url}`);

  const { joinTemporal } = await import('./join-temporal.ts');
  const target = await reaching;
  report('Starting the worker');
  const worker = await joinTemporal(
    target,
    {
      ...{ config, database, installation, log, signal, sources: deps.sources },
      activities: () => activities.latest(),
      waiting(problem) {
        temporal.wait(problem);
        report(`${problem}. Webhooks are accepted and stored; their runs start once Temporal answers`);
      },
      connected: temporal.come,
    },
    working,
  );
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
    temporal: temporal.access,
    generatedSecrets: secrets.generated(),
    finished: Promise.race([worker.failed, ...(database.failed === null ? [] : [database.failed])]),
    stop: () => cleanup.run(),
  };
}

/** Both at once, since each takes seconds. What is there when a part fails to start is waited for, so that it can be stopped. */
function startServices(deps: Deps, cleanup: Cleanup) {
  const working = createCleanup();
  const reaching = reachTemporal(deps, working);
  const opening = openDatabase(deps);
  const opened = opening.catch(() => undefined);
  const reached = reaching.catch(() => undefined);
  cleanup.add(async () => (await opened)?.close());
  cleanup.add(() => reached.then(() => working.run()));
  return { opening, reaching, working };
}

async function reachTemporal(deps: Deps, cleanup: Cleanup): Promise<TemporalTarget> {
  const { temporal } = deps.config;
  if (temporal.kind === 'embedded') return startTemporal(deps, cleanup);
  const { connection, namespace, uiUrl } = temporal;
  return { connection, namespace, isThere: false, ui: uiUrl === null ? null : webUiAt(uiUrl) };
}

/** Null: not known before the embedded server has its port. */
function addressOf({ temporal }: Config): string | null {
  return temporal.kind === 'embedded' ? null : (temporal.connection.address ?? null);
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
  const target = { connection: { address: server.address }, namespace: server.namespace, isThere: true };
  if (server.ui === null) return { ...target, ui: null };
  const session = await openUiSession(join(config.home, 'web-ui.json'));
  const gate = await openUiGate({ session, upstream: server.ui });
  cleanup.add(() => gate.close());
  return { ...target, ui: gate };
}

/** Tells other commands on this machine how to reach the API while this process runs. */
async function leaveAdminAccess(home: string, access: { url: string; token: string }, cleanup: Cleanup): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  await rm(apiAccessFile(home), { force: true });
  await writeFile(apiAccessFile(home), JSON.stringify(access), { mode: 0o600 });
  cleanup.add(() => rm(apiAccessFile(home), { force: true }));
}
