import { once } from 'node:events';
import type { Logger } from 'pino';
import { parseNetworks } from '../../http/networks.ts';
import { askReplay } from '../../activities/outbound/ask-replay.ts';
import { packagePath } from '../../package-path.ts';
import { createEndpointStore, defaultTenantLimits, type EndpointStore } from '../../activities/outbound/endpoints.ts';
import { resolveBySystem } from '../../http/resolve.ts';
import { refreshEnvFile, type Config } from '../../config.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import type { ExternalActivities } from '../activities/external-activities.ts';
import { isLoopback } from '../../language/loopback.ts';
import { taskQueueProblem } from '../../language/external-activity.ts';
import { followPeopleFile, readPeopleFile } from '../../activities/people-file.ts';
import type { ReplayStarter } from '../../server/replays/start-replays.ts';
import type { RetryStarter } from '../../server/rescue/start-retries.ts';
import type { Decide } from '../../server/approvals/decide.ts';
import type { ApiDeps } from '../../server/api/api-deps.ts';
import { portalGeneration } from '../../server/api/portal/portal-links.ts';
import { readPortalToken } from '../../server/api/portal/portal-token.ts';
import { createApi } from '../../server/api/create-api.ts';
import { findApiKey, noteKeyUse } from '../../server/api/keys/api-keys.ts';
import { createAuthenticator } from '../../server/api/authenticate.ts';
import { createLookAtRun } from '../../server/runs/look-at-run.ts';
import { createConsoleAccess } from '../../server/console/console-access.ts';
import { createConsoleFiles } from '../../server/console/console-files.ts';
import { createRunQueries } from '../../server/runs/query-runs.ts';
import { createBacklog } from '../../server/backlog.ts';
import { startsNothing, wantsType } from '../../server/dispatch-event.ts';
import { checkRetention } from '../../server/check-retention.ts';
import { countDeliveries } from '../../server/count-deliveries.ts';
import { createDispatcher } from '../../server/dispatcher.ts';
import { createFindMissing } from '../../server/find-missing.ts';
import { createInbox } from '../../server/inbox.ts';
import { isAwaited } from '../../server/awaited-events.ts';
import {
  activityFault,
  countFaults,
  createFaultLog,
  definitionFault,
  secretsFaults,
  peopleFaults,
  settingsFaults,
  eventTypeFault,
  mailFault,
  type Fault,
} from '../../server/faults.ts';
import type { ServedDefinitions } from '../../server/serve-definitions.ts';
import { formatFindings } from '../../language/finding.ts';
import { peopleFileOf, secretsFileOf, type ServedProject } from './load-served-definitions.ts';
import { sampleInstant } from '../../simulator/complete-event.ts';
import { sampleEvents } from '../../server/gateway/sample-events.ts';
import { canSign, pathOf, samplesFoldersOf } from '../samples.ts';
import { readTestsBeside } from './tests-beside.ts';
import { workbenchOf } from './workbench.ts';
import { countWaiting, releaseWaiting } from '../../server/served-definitions.ts';
import { createMetrics } from '../../server/metrics.ts';
import { readFigures } from '../../server/figures.ts';
import { shareAnswer } from '../../server/shared-answer.ts';
import { keepSearchAttributes, type KeptSearchAttributes } from '../../server/keep-search-attributes.ts';
import type { RereadDeps } from '../../server/reread/read-again.ts';
import { rereadEvents } from '../../server/reread/reread-events.ts';
import { listProcesses, readState, waitingFor } from '../../server/publish/processes.ts';
import { ownSource } from '../../language/triggers.ts';
import { keepOwnEventsMs } from '../../server/own-events/own-body.ts';
import { createRetentionJob } from '../../storage/retention-job.ts';
import { unconfirmedWarning } from '../../server/gateway/sources.ts';
import { countUnserved, watchTaskQueues, type WatchedQueue } from '../../server/task-queues.ts';
import { createSourceRefresh } from '../../server/source-registry.ts';
import type { Database } from '../../storage/database.ts';
import { taskQueuesOf, type Installation } from '../../storage/installation.ts';
import { endTurn } from '../../storage/turns/end-turn.ts';
import { createCorrelate } from '../../server/waits/correlate-events.ts';
import { countTurns } from '../../server/turns/count-turns.ts';
import { createFindLaggards } from '../../server/turns/find-laggards.ts';
import { findStuck } from '../../server/stuck.ts';
import { countStuckRuns } from '../../server/stuck-runs.ts';
import { standingAttribute, stepAttribute } from '../../language/run-standing.ts';
import { createTurnKeeper } from '../../server/turns/keep-turns.ts';
import { createTakeTurn } from '../../server/turns/take-turn.ts';
import { createHandover } from '../../server/waits/hand-over.ts';
import { listSamples } from '../../server/gateway/sample-files.ts';
import { version } from '../version.ts';
import type { composeDispatch } from './compose-dispatch.ts';
import type { Published } from './follow-published.ts';
import { composePublishing } from './compose-publishing.ts';
import { composeReceiver } from './compose-receiver.ts';
import { composeSystem } from './compose-system.ts';
import { decidesSchedules } from '../../server/schedules/decides-schedules.ts';
import { keepReconcileSchedules } from './keep-reconcile-schedules.ts';
import { keepSchedules } from './keep-schedules.ts';
import { listen, listenAddresses } from './listen.ts';
import type { MountedGateways } from './mount-gateways.ts';
import type { TemporalAccess } from './temporal-access.ts';
import { activityPath, runPath } from './web-ui.ts';
import { untilReachable } from './until-reachable.ts';
import { watchSecretsFile } from './watch-secrets-file.ts';

/** A server that receives webhooks and starts runs for them in Temporal. */
export interface RunningServer {
  /** The receiver's, such as `http://127.0.0.1:8700`. */
  url: string;
  adminUrl: string;
  endpoints: EndpointStore;
  /** A link that logs a person of this name in to the console, once. Null: the server listens on more than loopback. */
  loginUrl(name: string): string | null;
  /** The mistakes in the definitions folder. */
  faults(): Fault[];
  /** Reads sources, presets and secrets again now, and offers events that waited for what changed. The sources follow by themselves, too. */
  reload(): Promise<void>;
  /** Accepts no more requests, and finishes the work in progress. No acknowledged webhook is lost without it. */
  stop(): Promise<void>;
}

const pollMs = 1_000;
/** Counting waiting events further would take long and tell nobody more. */
const mostCounted = 100_000;
/** How long Temporal may take to answer whether runs can be started. */
const askTemporalMs = 2_000;
/** How long a count may take. */
const countMs = 5_000;

/** Builds the server's parts and starts them. Rejects if a port is taken. */
export async function composeServer(deps: {
  config: Config;
  database: Database;
  installation: Installation;
  temporal: TemporalAccess;
  gateways: MountedGateways;
  served: ServedProject;
  /** Where the definitions come from. Default: the folder. */
  published?: Pick<Published, 'describe' | 'id'>;
  /** The definitions folder that the activities were loaded beside. Default: the one that is served. */
  project?: string;
  adminToken: string;
  /** Replaces the key in KAIT_HOME. Null or absent: KAIT_SECRETS_KEY holds it. */
  newSecretsKey?: ApiDeps['newSecretsKey'];
  log: Logger;
  signal: AbortSignal;
}): Promise<RunningServer> {
  const { config, database, installation, temporal, gateways, served, log } = deps;
  const release = () => releaseWaiting(database, [...served.awaited.map(({ file }) => file), ...gateways.awaited()]);
  const released = await release();
  if (released > 0) log.info({ events: released }, 'events that waited for a mistake to be corrected are dispatched');
  const secretsFile = await watchSecretsFile(secretsFileOf(config), log);
  let peopleProblem = (await readPeopleFile(peopleFileOf(config))).problem;
  const faults = () => [
    ...served.activities.faulty.map((each) => activityFault(each.source, formatFindings(each))),
    ...queueFaults(served.activities.external, installation),
    ...served.faulty.map(definitionFault),
    ...secretsFaults(secretsFile.problem()),
    ...settingsFaults(served.settingsProblem),
    ...peopleFaults(peopleProblem),
    ...[...served.faultyMails].map(mailFault),
    ...[...served.faultyEventTypes].map(eventTypeFault),
    ...gateways.faults(),
  ];
  const isWanted = wantedBy(served);
  warnOfUnconfirmed(gateways, log);
  const backlog = createBacklog({
    database,
    readData: (...stored) => gateways.readData(...stored),
    random: () => Math.random(),
  });
  const attributes = keepSearchAttributes({ services: temporal.connection, namespace: temporal.namespace, log });
  const counted = { limitMs: countMs, what: 'The database' };
  const backlogSize = shareAnswer(() => backlog.size(), counted);
  const waiting = shareAnswer(() => countWaiting(database, mostCounted), counted);
  const turnCounts = shareAnswer(() => countTurns(database, mostCounted), counted);
  const deliveries = shareAnswer(() => countDeliveries(database, mostCounted), counted);
  const taskQueues = watchTaskQueues({
    services: temporal.connection,
    namespace: temporal.namespace,
    queues: () => queuesOf(installation, served.activities.external),
    clock: () => new Date(),
  });
  const processes = shareAnswer(() => listProcesses(database), counted);
  const temporalProblem = shareAnswer(() => temporal.problem(askTemporalMs), {
    limitMs: askTemporalMs * 4,
    what: 'Temporal',
  });
  const stuck = shareAnswer(() => {
    const mounted = gateways.sources.all().map(({ name }) => name);
    return findStuck(database, mounted, mostCounted);
  }, counted);
  const showsState = () => {
    const usable = attributes.usable();
    return usable.has(standingAttribute) && usable.has(stepAttribute);
  };
  const runQueries = createRunQueries(temporal, installation.id);
  const stuckRuns = shareAnswer(() => countStuckRuns({ ...runQueries, database, showsState, now: () => new Date() }), {
    limitMs: countMs,
    what: 'Temporal',
    sharedForMs: 2_000,
  });
  const figures = shareAnswer(() => readFigures({ database, queryRuns: runQueries.queryRuns, now: () => new Date() }), {
    ...counted,
    sharedForMs: 5_000,
  });
  const retention = createRetentionJob({
    database,
    sources: () => [
      ...gateways.sources.all().map(({ name, ...keep }) => ({ ...keep, source: name })),
      { source: ownSource, keepBodiesMs: keepOwnEventsMs, keepEventsMs: keepOwnEventsMs },
    ],
    log,
    now: () => new Date(),
  });
  const metrics = createMetrics(backlogSize, {
    ...{ stuck, stuckRuns, now: () => new Date() },
    faults: () => countFaults(faults()),
    ...{ waiting, turns: turnCounts, deliveries, taskQueues, processes },
  });
  const describePublished = async () => ({
    ...(deps.published?.describe() ?? { from: 'files' as const, set: null, problem: null }),
    waits: waitingFor(await readState(database), await listProcesses(database)),
  });
  const handover = createHandover({
    database,
    readData: (...stored) => gateways.readData(...stored),
    async send(workflowId, event) {
      const { sendEvent } = await import('../../server/waits/send-event.ts');
      return sendEvent(temporal.client.workflow, workflowId, event);
    },
    concurrency: config.dispatch.concurrency,
    pollMs,
    log,
  });
  const findLaggards = createFindLaggards({ database, readData: (...stored) => gateways.readData(...stored) });
  const turns = createTurnKeeper({
    ...{ database, served, findLaggards, log },
    async runEnd(workflowId) {
      const { endOfRun } = await import('../../server/turns/end-of-run.ts');
      return endOfRun(temporal.client.workflow, workflowId);
    },
    given: () => dispatcher.wake(),
  });
  let dispatch: ReturnType<typeof composeDispatch> | null = null;
  const dispatcher = createDispatcher({
    backlog,
    dispatch(event, history) {
      if (dispatch === null) throw new Error('Nothing is claimed before that');
      return dispatch(event, history);
    },
    concurrency: config.dispatch.concurrency,
    pollMs,
    log,
  });
  const inbox = createInbox({
    database,
    wantsClaim: () => dispatch !== null && dispatcher.hasRoom(),
    onStored: (...stored) => dispatcher.accept(...stored),
    limit: config.inbox.limit,
  });
  const people = followPeopleFile(peopleFileOf(config), log);
  const servedNow = () => {
    const { localNames: localActivities, limits: activityLimits, external } = served.activities.catalogue;
    return { definitions: served.definitions, localActivities, activityLimits, external };
  };
  const retrying = () => ({ database, installation, client: temporal.client.workflow, served: servedNow });
  let retries: RetryStarter | null = null;
  let replays: ReplayStarter | null = null;
  const decide: Decide = async (...answer) => {
    const { decide } = await import('../../server/approvals/decide.ts');
    return decide({ database, installation, people, workflows: () => temporal.client.workflow, log }, ...answer);
  };
  const receiver = composeReceiver({
    ...{ config, database, temporal, backlogSize, inbox, metrics, log, installation, people, decide },
    sources: gateways.sources,
    isWanted,
    faults: () => faults().length,
    unservedQueues: async () => countUnserved(await taskQueues()),
    behind: async () => (await processes()).filter(({ problem }) => problem !== null).length,
  });
  const endpoints = createEndpointStore({
    database,
    clock: () => new Date(),
    resolve: resolveBySystem,
    allow: parseNetworks(config.outbound.allow),
    secretKeys: config.secretKeys,
    tenantAllow: parseNetworks(config.outbound.tenantAllow),
    eventTypes: () => served.eventTypes,
    tenantLimits: { ...defaultTenantLimits, endpoints: config.outbound.tenantEndpoints },
  });
  const authenticator = createAuthenticator({
    token: deps.adminToken,
    findKey: (id) => findApiKey(database, id),
    readLink: (token) => readPortalToken(installation, token),
    findGeneration: (tenant) => portalGeneration(database, tenant),
    noteUse: (id) =>
      void noteKeyUse(database, id).catch((err: unknown) => log.warn({ err }, 'the use of an API key was not noted')),
    now: () => Date.now(),
  });
  const console = createConsoleAccess({
    portalOrigins: config.portal.origins,
    ...{ database, installation, adminToken: deps.adminToken, adminUrl: config.admin.url },
    trustedProxies: config.receiver.trustedProxies,
    oidc: config.admin.oidc,
    files: createConsoleFiles(packagePath('dist', 'console')),
    now: () => Date.now(),
  });
  // Whoever listens on more may be reached from another machine, by whoever sees the link.
  const loginUrl = (name: string) =>
    isLoopback(urlHost(config.admin.host)) ? `${adminUrl}/session/login?code=${console.links.create(name)}` : null;
  const api = createApi({
    ...{ database, installation, served, version },
    workbench: () => workbenchOf(served),
    testsBeside: readTestsBeside,
    samplesOf: (preset) => sampleEvents(preset, samplesFoldersOf(config.definitions), sampleInstant),
    eventCatalogue: () => ({ types: served.eventTypes, scheduleMs: config.outbound.scheduleMs }),
    metrics,
    log,
    authenticator,
    forgetKey(id) {
      authenticator.forget(id);
      console.check.forget();
    },
    forgetTenant: (tenant) => authenticator.forgetTenant(tenant),
    hosts: config.admin.names,
    console,
    loginUrl,
    endpoints,
    newSecretsKey: deps.newSecretsKey ?? null,
    runStatus: runStatusOf(temporal),
    lookAtRun: createLookAtRun(temporal),
    queryRuns: runQueries.queryRuns,
    showsState,
    async readRun(workflowId, previous) {
      const { readRun } = await import('../../server/runs/read-run.ts');
      return readRun({ workflows: () => temporal.client.workflow }, workflowId, previous);
    },
    // Without what lets a browser in: a key may be allowed to read only.
    webUiOf: (id) => (temporal.ui === null ? null : temporal.ui.url + runPath(temporal.namespace, id)),
    webUiOfActivity: (id) => (temporal.ui === null ? null : temporal.ui.url + activityPath(temporal.namespace, id)),
    decide,
    async commandRun(...given) {
      const { commandRun } = await import('../../server/runs/command-run.ts');
      return commandRun({ installation, workflows: () => temporal.client.workflow }, ...given);
    },
    activityInputs: () => served.activities.catalogue.all,
    async endRun(...given) {
      const { endRun } = await import('../../server/runs/end-run.ts');
      return endRun({ database, workflows: () => temporal.client.workflow }, ...given);
    },
    async retryRun(request) {
      const { retryRun } = await import('../../server/rescue/retry-run.ts');
      const { retryOpen } = await import('../../server/rescue/retry-open.ts');
      const answer = await retryRun({ ...retrying(), retryOpen }, request);
      retries?.wake();
      return answer;
    },
    async retryRuns(request) {
      const { retryRuns } = await import('../../server/rescue/retry-runs.ts');
      const { retryOpen } = await import('../../server/rescue/retry-open.ts');
      const answer = await retryRuns({ ...retrying(), retryOpen }, request);
      retries?.wake();
      return answer;
    },
    async migrateRun(request) {
      const { migrateRun } = await import('../../server/migrate/migrate-run.ts');
      return migrateRun(retrying(), request);
    },
    async migrateRuns(request) {
      const { migrateRuns } = await import('../../server/migrate/migrate-runs.ts');
      return migrateRuns(retrying(), request);
    },
    askReplay: (request) => askReplay(database, request),
    wakeReplays: () => void replays?.startAll(),
    wakeDispatcher: () => dispatcher.wake(),
    get presets() {
      return gateways.presets;
    },
    reread: (request) => rereadEvents({ database, ...rereading(gateways, served) }, request),
    secretFaults: () => faultsOf(gateways),
    sourceNames: () => gateways.sources.all().map(({ name }) => name),
    gateways: {
      sources: () => gateways.sources.all(),
      unavailable: () => gateways.unavailable(),
      receiverUrl: () => config.receiver.publicUrl?.replace(/\/+$/, '') ?? url,
      samplesOf: (gateway) => listSamples(samplesFoldersOf(config.definitions), gateway),
      canSign,
      async test(source, sample) {
        const isPublic = config.receiver.publicUrl !== null || source.settings.publicPath !== undefined;
        const target = isPublic ? (source.settings.publicUrl ?? '') : `${url}${pathOf(source)}`;
        const { testSource } = await import('../sources/test-source.ts');
        return testSource(source, {
          ...{ samplesFolders: samplesFoldersOf(config.definitions), url: target, sample, nowMs: Date.now() },
        });
      },
    },
    portal: {
      ...{ name: config.portal.name, accent: config.portal.accent },
      url: () => `${(config.admin.url ?? adminUrl).replace(/\/+$/, '')}/portal`,
    },
    findMissing: createFindMissing({ client: () => temporal.client.activity, installation: installation.id }),
    definitionsFrom: () => deps.published?.describe().from ?? 'files',
    publish: composePublishing({
      ...{ config, database, temporal, installation: installation.id },
      project: deps.project ?? config.definitions,
      activities: () => served.activities,
    }),
    schedules: () => temporal.client.schedule,
    figures,
    system: composeSystem({ config, database, temporal, served, retention }),
    about: async () => ({
      version,
      installation: installation.id,
      receiver: config.receiver.publicUrl ?? url,
      sources: gateways.sources.all().map(({ name }) => name),
      definitions: served.definitions.map(({ definition }) => definition.name),
      definitionsFrom: await describePublished(),
      processes: await processes(),
      database: database.kind,
      temporal: {
        address: temporal.address,
        namespace: temporal.namespace,
        problem: await temporalProblem(),
        ui: temporal.ui?.link('/') ?? null,
        searchAttributes: attributes.describe(),
      },
      backlog: await backlogSize(),
      waiting: await waiting(),
      turns: await turnCounts(),
      deliveries: await deliveries(),
      taskQueues: await taskQueues(),
      faults: faults(),
      stuck: await stuck(),
      runs: await stuckRuns(),
      databaseAddress: addressOf(config.database.url),
      adminUrl,
    }),
  });
  warnOfFaults(gateways, log);
  const refreshFiles = async () => {
    await secretsFile.refresh();
    peopleProblem = (await readPeopleFile(peopleFileOf(config))).problem;
  };
  const reload = async () => {
    await refreshFiles();
    const changed = await remount(gateways, log);
    if (changed && (await release()) > 0) dispatcher.wake();
    return changed;
  };
  const refresh = createSourceRefresh({ reload, usedBy: 'receiver', log });
  const schedules = keepReconcileSchedules({
    ...{ installation, temporal, sources: gateways.sources, log },
    usableAttributes: () => attributes.usable(),
  });
  const definitionSchedules = keepSchedules({
    ...{ installation, temporal, served, log },
    // Alone, no other server has definitions of its own.
    decides: async () => deps.published === undefined || decidesSchedules(deps.published.id, await processes()),
    usableAttributes: () => attributes.usable(),
  });
  const addresses = listenAddresses(config);
  const adminUrl = await listen(api, addresses.admin);
  const url = await listen(receiver.app, addresses.receiver).catch(async (error: unknown) => {
    await api.close(); // The process would not end while it listens.
    throw error;
  });
  const faultLog = createFaultLog({ faults, log });
  faultLog.start();
  retention.start();
  refresh.start();
  receiver.start();
  const dispatching = startDispatching(deps, attributes, async () => {
    // The SDK's client takes as long to load as the receiver. Webhooks are accepted meanwhile.
    const { composeDispatch } = await import('./compose-dispatch.ts');
    const turnDeps = {
      take: createTakeTurn({ database, findLaggards, queued: () => turns.wake() }),
      end: (workflowId: string) => endTurn(database, { workflowId, how: 'canceled', started: false }),
    };
    dispatch = composeDispatch({
      ...{ installation, temporal, sources: gateways.sources, served, metrics, log },
      usableAttributes: () => attributes.usable(),
      correlate: createCorrelate({ database, handed: () => handover.wake() }),
      turns: turnDeps,
    });
    const { createRetryStarter } = await import('../../server/rescue/start-retries.ts');
    const { createStartRun } = await import('../../server/start-run.ts');
    const usableAttributes = () => attributes.usable();
    const { client, eager } = temporal;
    const startRun = createStartRun({ client, installation, eager, usableAttributes });
    retries = createRetryStarter({ database, startRun, turns: turnDeps, log });
    retries.start();
    const { createReplayStarter } = await import('../../server/replays/start-replays.ts');
    replays = createReplayStarter({ database, startRun, log });
    replays.start();
    dispatcher.start();
    handover.start();
    turns.start();
    schedules.start();
    definitionSchedules.start();
    attributes.start();
    void checkRetention({ connection: temporal.connection, namespace: temporal.namespace, log });
  });
  return {
    url,
    adminUrl,
    endpoints,
    loginUrl,
    faults,
    async reload() {
      await refreshFiles();
      await remount(gateways, log, { presets: true });
      if ((await release()) > 0) dispatcher.wake();
    },
    async stop() {
      faultLog.stop();
      await Promise.all([receiver.stop(), api.close()]);
      await refresh.stop();
      await retention.stop();
      await dispatching;
      await attributes.stop();
      await schedules.stop();
      await definitionSchedules.stop();
      await retries?.stop();
      await replays?.stop();
      await dispatcher.stop();
      await handover.stop();
      await turns.stop();
    },
  };
}

/** Reads stored bodies as the receiver reads webhooks now. */
function rereading({ sources }: MountedGateways, served: ServedDefinitions): RereadDeps {
  return {
    findSource: (name) => sources.find(name),
    isWanted: wantedBy(served),
    startsNothing: (event) => (isAwaited(served.awaited, event) ? null : startsNothing(event, served.definitions)),
  };
}

/** An event that may be for a file with a mistake must not be ignored. */
function wantedBy(served: ServedDefinitions): (event: CanonicalEvent) => boolean {
  return (event) => wantsType(served.definitions, event) || isAwaited(served.awaited, event);
}

async function remount(gateways: MountedGateways, log: Logger, also?: { presets: boolean }): Promise<boolean> {
  refreshEnvFile();
  const changed = await gateways.remount(also);
  if (changed) {
    warnOfFaults(gateways, log);
    warnOfUnconfirmed(gateways, log);
  }
  return changed;
}

function faultsOf({ sources }: MountedGateways) {
  return sources.all().flatMap(({ name, secretFaults }) => secretFaults.map((fault) => ({ source: name, ...fault })));
}

function warnOfFaults(gateways: MountedGateways, log: Logger): void {
  for (const fault of faultsOf(gateways)) log.warn(fault, 'secret looks as if it was copied wrongly');
}

function warnOfUnconfirmed({ sources }: MountedGateways, log: Logger): void {
  for (const source of sources.all()) {
    const warning = unconfirmedWarning(source.name, source, source.preset.declared);
    if (warning !== null) log.warn({ source: source.name }, warning);
  }
}

const reachMs = 5_000;

/** Starts dispatching once Temporal is reachable and has the search attributes that it lets Kait have. Webhooks are accepted before that. */
async function startDispatching(
  { temporal, log, signal }: { temporal: TemporalAccess; log: Logger; signal: AbortSignal },
  attributes: Pick<KeptSearchAttributes, 'ensure'>,
  start: () => Promise<void>,
): Promise<void> {
  try {
    await Promise.race([temporal.ready, once(signal, 'abort')]);
    signal.throwIfAborted();
    const reach = async () => {
      const problem = await temporal.problem(reachMs);
      if (problem !== null) throw new Error(problem);
      await attributes.ensure();
    };
    await untilReachable('Temporal', 'TEMPORAL_ADDRESS', reach, { log, signal });
    await start();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/**
 * A worker of Kait's asks for the activities of runs as soon as for the runs themselves. Those of other languages have queues of their own,
 * of which several may share one.
 */
function queuesOf({ id }: Installation, external: ExternalActivities): WatchedQueue[] {
  const { runs, largeRuns, deliveries } = taskQueuesOf(id);
  const names = new Map<string, string[]>();
  for (const [name, { activity }] of external) {
    names.set(activity.taskQueue, [...(names.get(activity.taskQueue) ?? []), name]);
  }
  return [
    { name: runs, tasks: 'workflow', serves: 'runs' },
    { name: largeRuns, tasks: 'workflow', serves: 'runs of large events' },
    { name: deliveries, tasks: 'activity', serves: 'deliveries' },
    ...[...names].map(([name, served]): WatchedQueue => ({ name, tasks: 'activity', serves: served.join(', ') })),
  ];
}

/** What `kait validate` cannot know, since it knows no installation. */
function queueFaults(external: ExternalActivities, { id }: Installation): Fault[] {
  return [...external.values()].flatMap(({ activity: { taskQueue }, file }) => {
    const problem = taskQueueProblem(taskQueue, id);
    return problem === undefined ? [] : [activityFault(file, `The task queue "${taskQueue}" ${problem}.`)];
  });
}

/** Host, port and name of the database, without user and password. Null: it is in the data folder. */
function addressOf(url: string | null): string | null {
  if (url === null || !URL.canParse(url)) return null;
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}

/** As in a URL. */
function urlHost(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

const statusDeadlineMs = 3_000;

function runStatusOf(temporal: TemporalAccess): (workflowId: string) => Promise<string | null> {
  return async (workflowId) => {
    try {
      const { client } = temporal;
      const asked = client.withDeadline(Date.now() + statusDeadlineMs, () =>
        client.workflow.getHandle(workflowId).describe(),
      );
      return (await asked).status.name;
    } catch {
      return null; // Temporal is unreachable, or the run is past the namespace's retention.
    }
  };
}
