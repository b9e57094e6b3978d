import { randomUUID } from 'node:crypto';
import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { authorized } from '../../../activities/authorize.ts';
import { createCommandActivities } from '../../../activities/commands.ts';
import { createRunActivities } from '../../../activities/run-result.ts';
import type { Definition, RunInput } from '../../../language/definition.ts';
import type { Json, JsonObject } from '../../../language/json.ts';
import { hashOf } from '../../../server/load-definitions.ts';
import type { ServedNow } from '../../../server/rescue/current-definition.ts';
import { migrateRun, type Migrated, type MigrateRequest } from '../../../server/migrate/migrate-run.ts';
import { migrateRuns, type MigratedRuns, type MigrateRunsRequest } from '../../../server/migrate/migrate-runs.ts';
import { commandRun, type CommandOutcome, type GivenCommand } from '../../../server/runs/command-run.ts';
import { createRetryStarter, type RetryStarter } from '../../../server/rescue/start-retries.ts';
import { retryOpen } from '../../../server/rescue/retry-open.ts';
import { retryRun, type Retried, type RetryRequest } from '../../../server/rescue/retry-run.ts';
import { retryRuns, type RetriedRuns, type RetryRunsRequest } from '../../../server/rescue/retry-runs.ts';
import { ensureSearchAttributes } from '../../../server/search-attributes.ts';
import { createStartRun, workflowIdOf } from '../../../server/start-run.ts';
import type { Database } from '../../../storage/database.ts';
import { runs } from '../../../storage/schema.ts';
import { installRuntime } from '../../../worker/install-runtime.ts';
import { startWorker } from '../../../worker/start-worker.ts';
import { noEarlierEvents } from '../../workflows/no-earlier-events.ts';
import { noTurns } from '../no-turns.ts';
import { sampleEvent } from '../sample-event.ts';
import { sampleInstallation } from '../sample-installation.ts';
import { insertEvent } from '../stored-events.ts';
import { builtInterpreter } from '../../services/built-interpreter.ts';

/** What an activity's attempt does: it has its effect and says so, or fails before it, or after it. */
export type Behaviour = 'works' | 'fails' | 'fails in doubt';

export interface RescueHost {
  client: Client;
  database: Database;
  starter: RetryStarter;
  /** The steps' keys of the requests for an event, in order, behind the id of its first run. */
  asked: (eventId: string) => string[];
  /** Serves a definition from now on. */
  serve: (definition: Definition) => void;
  /** Sets how the activities of an event behave, by step id. */
  behave: (eventId: string, how: Record<string, Behaviour>) => void;
  /** Starts the first run of an event and resolves to its id. */
  start: (eventId: string, definition: Definition, children?: Record<string, Definition>) => Promise<string>;
  retry: (workflowId: string, more?: Partial<RetryRequest>) => Promise<Retried>;
  retryFailed: (more: Partial<RetryRunsRequest>) => Promise<RetriedRuns>;
  migrate: (workflowId: string, more?: Partial<MigrateRequest>) => Promise<Migrated>;
  migrateAll: (definition: string, more?: Partial<MigrateRunsRequest>) => Promise<MigratedRuns>;
  /** Tells a run something as the API does. */
  command: (workflowId: string, command: GivenCommand) => Promise<CommandOutcome>;
  result: (workflowId: string) => Promise<unknown>;
  stop: () => Promise<void>;
}

/** Runs on Temporal's server, with a worker whose activities honour idempotency keys, as a receiver of HTTP requests does. */
export async function startRescueHost(
  { address, namespace }: { address: string; namespace: string },
  database: Database,
): Promise<RescueHost> {
  const log = pino({ level: 'silent' });
  installRuntime(log);
  const installation = sampleInstallation(`rescue-${randomUUID()}`);
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace });
  await ensureSearchAttributes(connection, namespace);
  const requests: string[] = [];
  const served: ServedNow = { definitions: [], localActivities: [], activityLimits: {}, external: {} };
  const behaviours = new Map<string, Record<string, Behaviour>>();
  const done = new Map<string, Json>();
  let ids = 0;

  function act(
    _input: JsonObject,
    { idempotencyKey: key, eventId }: { idempotencyKey: string; eventId: string },
  ): Json {
    requests.push(key);
    const step = /([a-z]+)(?:\/\d+)*(?:~\d+)?(\/undo)?$/.exec(key);
    const how = behaviours.get(eventId)?.[`${step?.[1]}${step?.[2] ?? ''}`] ?? 'works';
    if (how === 'fails') throw failure('none');
    if (!done.has(key)) done.set(key, { id: `id-${(ids += 1)}` });
    if (how === 'fails in doubt') throw failure('unknown');
    return done.get(key) ?? null;
  }

  const workflowId = () => activityInfo().workflowExecution?.workflowId ?? null;
  const worker = await startWorker({
    ...{ connection, namespace, installation: installation.id, cachedRuns: 0, concurrentActivities: 20 },
    bundle: builtInterpreter,
    activities: authorized(
      {
        ...noEarlierEvents,
        'http.request': (...args: [JsonObject, { idempotencyKey: string; eventId: string }]) =>
          Promise.resolve().then(() => act(...args)),
        ...createRunActivities({ client: client.workflow, workflowId }),
        ...createCommandActivities({
          ...{ database, installation, workflowId },
          runId: () => activityInfo().workflowExecution?.runId ?? null,
        }),
      },
      {
        ...{ installation, workflowId },
        definitionName: (hash) => Promise.resolve(names.get(hash)),
      },
    ),
    deliveryActivities: { 'outbound.deliver': () => Promise.resolve() },
  });
  const names = new Map<string, string>();
  const startRun = createStartRun({ client, installation, eager: false });
  const starter = createRetryStarter({ database, startRun, turns: noTurns, log });

  return {
    client,
    database,
    starter,
    asked: (eventId) => {
      const own = `/stripe/${eventId}/`;
      return requests.flatMap((key) => (key.includes(own) ? [key.slice(key.indexOf(own) + own.length)] : []));
    },
    serve(definition) {
      names.set(hashOf(definition), definition.name);
      const loaded = { definition, hash: hashOf(definition), file: '', children: {} };
      served.definitions = [...served.definitions.filter((each) => each.definition.name !== definition.name), loaded];
    },
    behave: (eventId, how) => void behaviours.set(eventId, how),
    async start(eventId, definition, children = {}) {
      const hash = hashOf(definition);
      names.set(hash, definition.name);
      const pinned = Object.entries(children).map(([name, child]) => {
        names.set(hashOf(child), name);
        return [name, { definition: child, definitionHash: hashOf(child) }];
      });
      const event = sampleEvent({ id: eventId });
      const row = await insertEvent(database, { eventId });
      const input: RunInput = {
        ...{ definition, definitionHash: hash, event, localActivities: [] },
        ...(pinned.length > 0 && { children: Object.fromEntries(pinned) as NonNullable<RunInput['children']> }),
      };
      const workflowId = workflowIdOf(installation.id, definition.name, event);
      await startRun(input, workflowId);
      const run = { workflowId, event: row, definition: definition.name, definitionHash: hash };
      await database.orm.insert(runs).values({ ...run, startedAt: new Date() });
      return workflowId;
    },
    retry: (workflowId, more = {}) =>
      retryRun(
        { client: client.workflow, installation, database, retryOpen, served: () => served },
        { workflowId, actor: 'ana@ops', reason: 'the shop was down', ...more },
      ),
    retryFailed: (more) =>
      retryRuns(
        { client: client.workflow, installation, database, retryOpen, served: () => served },
        { ...{ actor: 'ana@ops', reason: 'the shop was down', since: '2020-01-01T00:00:00Z', limit: 100 }, ...more },
      ),
    migrate: (workflowId, more = {}) =>
      migrateRun(
        { client: client.workflow, installation, database, served: () => served },
        { ...commander, reason: 'a new text', workflowId, ...more },
      ),
    migrateAll: (definition, more = {}) =>
      migrateRuns(
        { client: client.workflow, installation, database, served: () => served },
        { ...commander, reason: 'a new text', definition, after: null, limit: 100, ...more },
      ),
    command: (workflowId, command) =>
      commandRun({ installation, workflows: () => client.workflow }, workflowId, command, {
        ...commander,
        reason: 'a test',
      }),
    result: (workflowId) => client.workflow.getHandle(workflowId).result(),
    async stop() {
      await starter.stop();
      await worker.stop();
      await connection.close();
    },
  };
}

const commander = { by: 'ana@ops', via: 'cli', address: null } as const;

function failure(effect: 'none' | 'unknown'): ApplicationFailure {
  return ApplicationFailure.create({ message: 'no', type: 'Down', nonRetryable: true, details: [{ effect }] });
}
