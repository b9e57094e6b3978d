import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { bundleWorkflowCode, NativeConnection } from '@temporalio/worker';
import { createCatalogue } from '../../activities/catalogue.ts';
import { activityInfo } from '@temporalio/activity';
import { type ActivityFunctions, authorized } from '../../activities/authorize.ts';
import { createActivities, type ActivityDeps } from '../../activities/create-activities.ts';
import { createDispatchActivity } from '../../activities/dispatch-activity.ts';
import { createFileMailTransport } from '../../activities/mail/mail-transport.ts';
import { loadMailTemplates } from '../../activities/mail/mail-templates.ts';
import { createGuardedAgent } from '../../http/guarded-agent.ts';
import { parseNetworks } from '../../http/networks.ts';
import { resolveBySystem } from '../../http/resolve.ts';
import { kaitAlone } from '../../cli/activities/open-activities.ts';
import { processLog } from '../../cli/log.ts';
import { loadConfig } from '../../config.ts';
import type { Definition, RunInput } from '../../language/definition.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import { createInbox } from '../../server/inbox.ts';
import { loadDefinitions } from '../../server/load-definitions.ts';
import { createStartRun, workflowIdOf } from '../../server/start-run.ts';
import { ensureSearchAttributes } from '../../server/search-attributes.ts';
import { createDefinitionLookup } from '../../activities/definition-lookup.ts';
import { noEventTypes } from '../../language/event-types.ts';
import type { Database } from '../../storage/database.ts';
import { type Installation, openInstallation } from '../../storage/installation.ts';
import { openPostgres } from '../../storage/open-postgres.ts';
import { installRuntime } from '../../worker/install-runtime.ts';
import { bundleInterpreter } from '../../worker/bundle-interpreter.ts';
import { startWorker } from '../../worker/start-worker.ts';
import { runChildProgram } from '../child-program.ts';
import { paidEvent } from '../stripe-payments.ts';
import { threeRequests } from './three-requests.ts';

/** Definitions. What else a worker can run are functions of `hand-written-workflow.ts`. */
const interpreted = ['payment-succeeded', 'three-requests'] as const;

export interface RunWorkerSettings {
  workflow:
    (typeof interpreted)[number] | 'fulfilWithLocalActivities' | 'fulfilWithOrdinaryActivities' | 'threeRequestsByHand';
  /** Keeps its runs apart from those of other workers: a part of the installation's name. */
  mark: string;
  /** Where three requests go. */
  serviceUrl: string;
  temporalAddress: string;
  databaseUrl: string;
  folder: string;
}

/** Runs `runs` runs to their end, `inFlight` of them at once. */
export interface RunsQuestion {
  runs: number;
  inFlight: number;
  prefix: string;
}

export interface RunsAnswer {
  elapsedMs: number;
}

/** A worker with Kait's own activities and options; only the workflow code differs. It starts its runs itself, as `kait up` does. */
await runChildProgram(async (settings: RunWorkerSettings) => {
  const log = processLog('warn');
  const isInterpreted = interpreted.some((name) => name === settings.workflow);
  installRuntime(log);
  const database = await openPostgres(settings.databaseUrl, { connections: 10, onError: (error) => log.warn(error) });
  const connection = await NativeConnection.connect({ address: settings.temporalAddress });
  await ensureSearchAttributes(connection, 'default');
  const client = new Client({ connection });
  const installation = await openInstallation(database, `bench-${settings.mark.toLowerCase().replaceAll('_', '-')}`);
  const deps = await activityDeps(database, settings.folder);
  const loaded = kaitAlone();
  const activities: ActivityFunctions = {
    default: createDispatchActivity({
      ...{ latest: () => loaded, engine: createActivities(deps), activityType: () => activityInfo().activityType },
      ownDeps: { ...deps, log, attempt: () => ({ ...deps.attempt(), number: activityInfo().attempt }) },
    }),
  };
  const worker = await startWorker({
    connection,
    namespace: 'default',
    installation: installation.id,
    bundle: await (isInterpreted ? bundleInterpreter(log) : bundleHandWritten()),
    activities: isInterpreted ? guarded(activities, installation, database) : activities,
    deliveryActivities: { 'outbound.deliver': () => Promise.reject(new Error('There are no endpoints')) },
    cachedRuns: 1_000,
    concurrentActivities: 200,
  });
  const startRun = createStartRun({ client, installation, eager: true });
  const definition = await definitionOf(settings);
  const execute = async (event: CanonicalEvent) => {
    const localActivities = isInterpreted ? createCatalogue().localNames : [];
    const vars = isInterpreted ? {} : { vars: { url: settings.serviceUrl } };
    const input: RunInput = { ...vars, definition, definitionHash: '0'.repeat(64), event, localActivities };
    const outcome = await startRun(input);
    if (outcome.kind !== 'started') throw new Error(`A run did not start: ${JSON.stringify(outcome)}`);
    await client.workflow.getHandle(workflowIdOf(installation.id, definition.name, event)).result();
  };
  return {
    ready: null,
    async answer({ runs, inFlight, prefix }: RunsQuestion): Promise<RunsAnswer> {
      const events = Array.from({ length: runs }, (_, index) => paidEvent(`${prefix}_${index}`));
      await storeEvents(database, events);
      const startedAt = performance.now();
      const queue = events.values();
      const lane = async () => {
        for (const event of queue) await execute(event);
      };
      await Promise.all(Array.from({ length: inFlight }, lane));
      return { elapsedMs: performance.now() - startedAt };
    },
    async stop() {
      await worker.stop();
      await connection.close();
      await database.close();
    },
  };
});

/** The check that Kait's own worker makes before each activity. The hand-written workflow has nothing to show. */
function guarded(activities: ActivityFunctions, installation: Installation, database: Database): ActivityFunctions {
  const workflowId = () => activityInfo().workflowExecution?.workflowId ?? null;
  return authorized(activities, { installation, workflowId, definitionName: createDefinitionLookup(database) });
}

function bundleHandWritten() {
  const workflowsPath = createRequire(import.meta.url).resolve('./hand-written-workflow.ts');
  return bundleWorkflowCode({ workflowsPath });
}

/** The hand-written workflow gets only a name for a definition, which makes its starts smaller than Kait's. */
async function definitionOf({ workflow, serviceUrl }: RunWorkerSettings): Promise<Definition> {
  if (workflow === 'three-requests') return threeRequests(serviceUrl);
  if (workflow !== 'payment-succeeded') return { name: workflow, on: { event: 'payment.succeeded' }, steps: [] };
  const loaded = await loadDefinitions(join(loadConfig({}).definitions, 'workflows'), createCatalogue().callable);
  const found = loaded.find(({ definition }) => definition.name === 'payment-succeeded');
  if (found === undefined) throw new Error('The benchmark runs definitions/workflows/payment-succeeded.json');
  return found.definition;
}

async function activityDeps(database: Database, folder: string): Promise<ActivityDeps> {
  const mails = join(folder, 'mail');
  mkdirSync(mails, { recursive: true });
  return {
    database,
    clock: () => new Date(),
    deliveryStarter: { start: () => undefined }, // There are no endpoints, so there are no deliveries.
    eventTypes: () => noEventTypes,
    lookupSecret: () => undefined,
    secretBindings: () => Promise.resolve(new Map()),
    dispatcher: createGuardedAgent({ allow: parseNetworks(['127.0.0.1']), resolve: resolveBySystem }),
    attempt: () => ({
      timeoutMs: 15_000,
      pauseMs: 1_000,
      canceled: new AbortController().signal,
      stopping: new AbortController().signal,
    }),
    userAgent: 'Kait/bench',
    mail: {
      transport: createFileMailTransport({ folder: mails }),
      templates: await loadMailTemplates([join(loadConfig({}).definitions, 'mails')]),

      format: { locale: null, timeZone: 'UTC' },
      from: 'Kait <kait@localhost>',
      sendTimeoutMs: 20_000,
    },
  };
}

/** Mails are made from stored events. No dispatcher takes these: the worker starts the runs itself. */
async function storeEvents(database: Database, events: CanonicalEvent[]): Promise<void> {
  const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
  const stored = {
    state: 'pending',
    lastError: null,
    holdMs: 0,
    endsHold: false,
    body: { bytes: Buffer.from('{}'), contentType: 'application/json', headers: null },
  } as const;
  await Promise.all(events.map((event) => inbox.store({ ...stored, event, item: 0 })));
}
