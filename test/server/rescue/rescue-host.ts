import { randomUUID } from 'node:crypto';
import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import type { Dispatcher } from 'undici';
import { authorized } from '../../../activities/authorize.ts';
import { createCommandActivities } from '../../../activities/commands.ts';
import { createRunActivities } from '../../../activities/run-result.ts';
import { createTurnActivities } from '../../../activities/turns.ts';
import type { ActivityInput } from '../../../activities/engine-activities.ts';
import { type HttpRequestDeps, sendHttpRequest } from '../../../activities/http-request.ts';
import { createGuardedAgent } from '../../../http/guarded-agent.ts';
import { parseNetworks } from '../../../http/networks.ts';
import { resolveBySystem } from '../../../http/resolve.ts';
import type { CallContext, Definition, RunInput } from '../../../language/definition.ts';
import type { Json } from '../../../language/json.ts';
import { turnKeyOf, turnRulesOf } from '../../../language/turns.ts';
import type { TurnDeps } from '../../../server/dispatch-event.ts';
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
import { createFindLaggards } from '../../../server/turns/find-laggards.ts';
import { createTakeTurn } from '../../../server/turns/take-turn.ts';
import type { Database } from '../../../storage/database.ts';
import { runs } from '../../../storage/schema.ts';
import { endTurn } from '../../../storage/turns/end-turn.ts';
import { installRuntime } from '../../../worker/install-runtime.ts';
import { startWorker } from '../../../worker/start-worker.ts';
import { noEarlierEvents } from '../../workflows/no-earlier-events.ts';
import { sampleEvent } from '../sample-event.ts';
import { sampleInstallation } from '../sample-installation.ts';
import { insertEvent } from '../stored-events.ts';
import { builtInterpreter } from '../../services/built-interpreter.ts';

/**
 * What an activity's attempt does: it has its effect and says so, or fails before it, or after it. `hangs`: it has its effect, and its answer is lost, as if
 * its worker were killed then; every later attempt works.
 */
export type Behaviour = 'works' | 'fails' | 'fails in doubt' | 'hangs';

export interface RescueHost {
  client: Client;
  database: Database;
  starter: RetryStarter;
  /** The steps' keys of the requests for an event, in order, behind the id of its first run. */
  asked: (eventId: string) => string[];
  /** The id of the effect that the step of an event has had. */
  did: (eventId: string, step: string) => string | undefined;
  /** Lets the attempts that hang give their answers. */
  release: () => void;
  /** The next command and the next new definition are recorded, and the worker is killed before it can say so. */
  loseRecords: () => void;
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
  const done = new Map<string, { id: string }>();
  let ids = 0;
  const hanging: (() => void)[] = [];
  let toLose = new Set<string>();
  const dispatcher = createGuardedAgent({ allow: parseNetworks(['127.0.0.1']), resolve: resolveBySystem });

  async function act(input: ActivityInput<'http.request'>, context: CallContext & { eventId: string }): Promise<Json> {
    const { idempotencyKey: key, eventId } = context;
    if (input.url.startsWith('http://127.0.0.1:')) return sendHttpRequest(requestDeps(dispatcher), input, context);
    requests.push(key);
    const step = /([a-z]+)(?:\/\d+)*(?:~\d+)?(\/undo)?$/.exec(key);
    const name = `${step?.[1]}${step?.[2] ?? ''}`;
    const how = behaviours.get(eventId)?.[name] ?? 'works';
    if (how === 'fails') throw failure('none');
    if (!done.has(key)) done.set(key, { id: `id-${(ids += 1)}` });
    if (how === 'fails in doubt') throw failure('unknown');
    if (how === 'hangs') {
      behaviours.set(eventId, { ...behaviours.get(eventId), [name]: 'works' });
      await new Promise<void>((resolve) => hanging.push(resolve));
    }
    return done.get(key) ?? null;
  }

  const workflowId = () => activityInfo().workflowExecution?.workflowId ?? null;
  const commands = createCommandActivities({
    ...{ database, installation, workflowId },
    runId: () => activityInfo().workflowExecution?.runId ?? null,
  });
  const losing = <Answer>(name: string, record: (input: unknown) => Promise<Answer>) => {
    return async (input: unknown) => {
      const answer = await record(input);
      if (toLose.delete(name)) throw new Error('The worker is killed');
      return answer;
    };
  };
  const worker = await startWorker({
    ...{ connection, namespace, installation: installation.id, cachedRuns: 100, concurrentActivities: 20 },
    bundle: builtInterpreter,
    activities: authorized(
      {
        ...noEarlierEvents,
        'http.request': act,
        ...createRunActivities({ client: client.workflow, workflowId }),
        ...createTurnActivities({ database, workflowId }),
        'runs.command': losing('runs.command', commands['runs.command']),
        'runs.migrated': losing('runs.migrated', commands['runs.migrated']),
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
  const turns = turnsOf(database);
  const starter = createRetryStarter({ database, startRun, turns, log });

  return {
    client,
    database,
    starter,
    asked: (eventId) => {
      const own = `/stripe/${eventId}/`;
      return requests.flatMap((key) => (key.includes(own) ? [key.slice(key.indexOf(own) + own.length)] : []));
    },
    did(eventId, step) {
      const [, value] = [...done].find(([key]) => key.endsWith(`/stripe/${eventId}/${step}`)) ?? [];
      return value?.id;
    },
    serve(definition) {
      names.set(hashOf(definition), definition.name);
      const loaded = { definition, hash: hashOf(definition), file: '', children: {} };
      served.definitions = [...served.definitions.filter((each) => each.definition.name !== definition.name), loaded];
    },
    behave: (eventId, how) => void behaviours.set(eventId, how),
    release: () => hanging.splice(0).forEach((answer) => answer()),
    loseRecords: () => void (toLose = new Set(['runs.command', 'runs.migrated'])),
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
      const rules = turnRulesOf(definition);
      const loaded = { definition, hash, file: '', children: {} };
      const turn = { workflowId, definition: definition.name, key: turnKeyOf(definition, event), event: row, loaded };
      if (rules !== null) await turns.take({ ...turn, rules });
      await startRun(rules === null ? input : { ...input, holdsTurn: true }, workflowId);
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
        {
          ...{ actor: 'ana@ops', reason: 'the shop was down', since: '2020-01-01T00:00:00Z', after: null, limit: 100 },
          ...more,
        },
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
      hanging.splice(0).forEach((answer) => answer());
      await starter.stop();
      await worker.stop();
      await dispatcher.destroy();
      await connection.close();
    },
  };
}

const commander = { by: 'ana@ops', via: 'cli', address: null } as const;

const never = new AbortController().signal;

function requestDeps(dispatcher: Dispatcher): HttpRequestDeps {
  return {
    ...{ dispatcher, clock: () => new Date(), lookupSecret: () => undefined, userAgent: 'Kait/test' },
    secretBindings: () => Promise.resolve(new Map<string, never>()),
    attempt: () => ({ timeoutMs: 5_000, pauseMs: 1_000, canceled: never, stopping: never }),
  };
}

/** A given turn has its event dispatched again, which comes to nothing if the event has its runs. No dispatcher is here to do that. */
function turnsOf(database: Database): TurnDeps {
  const findLaggards = createFindLaggards({ database, readData: () => () => null });
  const take = createTakeTurn({ database, findLaggards, queued: () => undefined });
  return {
    async take(request) {
      await database.run('test-dispatch', `update events set state = 'dispatched' where state = 'pending'`, []);
      return take(request);
    },
    end: (workflowId) => endTurn(database, { workflowId, how: 'canceled', started: false }),
  };
}

function failure(effect: 'none' | 'unknown'): ApplicationFailure {
  return ApplicationFailure.create({ message: 'no', type: 'Down', nonRetryable: true, details: [{ effect }] });
}
