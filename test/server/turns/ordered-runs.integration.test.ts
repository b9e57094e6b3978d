import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { authorized } from '../../../activities/authorize.ts';
import { createTurnActivities } from '../../../activities/turns.ts';
import { createWaitActivities } from '../../../activities/waits.ts';
import type { Definition, Step } from '../../../language/definition.ts';
import type { CanonicalEvent } from '../../../language/event.ts';
import { createBacklog } from '../../../server/backlog.ts';
import { dispatchEvent } from '../../../server/dispatch-event.ts';
import { createDispatcher } from '../../../server/dispatcher.ts';
import { mayBeAwaited } from '../../../server/ignored-because.ts';
import { createInbox } from '../../../server/inbox.ts';
import { hashOf, type LoadedDefinition } from '../../../server/load-definitions.ts';
import { ensureSearchAttributes } from '../../../server/search-attributes.ts';
import { createStartRun } from '../../../server/start-run.ts';
import { endOfRun } from '../../../server/turns/end-of-run.ts';
import { createFindLaggards } from '../../../server/turns/find-laggards.ts';
import { createTurnKeeper } from '../../../server/turns/keep-turns.ts';
import { createTakeTurn } from '../../../server/turns/take-turn.ts';
import type { Database } from '../../../storage/database.ts';
import { endTurn, freeKey } from '../../../storage/turns/end-turn.ts';
import { installRuntime } from '../../../worker/install-runtime.ts';
import { startWorker, type RunningWorker } from '../../../worker/start-worker.ts';
import { bothDatabases, type SharedDatabase } from '../../services/both-databases.ts';
import { newEvent } from '../sample-event.ts';
import { sampleInstallation } from '../sample-installation.ts';
import { builtInterpreter } from '../../services/built-interpreter.ts';

const { address, namespace } = inject('temporal');
const installation = sampleInstallation(`turns-${randomUUID()}`);
const log = pino({ level: 'silent' });
const [, [, openPostgres]] = bothDatabases as [unknown, (typeof bothDatabases)[number]];
const readData = () => () => null;

const note = (id: string, what: string): Step => ({
  id,
  call: 'http.request',
  with: { what, id: '{{event.id}}', key: '{{event.entity}}' },
});
const ordered = (name: string, changes: Partial<Definition>): LoadedDefinition => {
  const definition: Definition = {
    ...{ name, on: { event: `test:${name}` }, key: '{{event.entity}}' },
    steps: [note('begin', 'begin'), { id: 'work', wait: '5ms' }, note('end', 'end')],
    ...changes,
  };
  return { definition, hash: hashOf(definition), file: `${name}.json`, children: {} };
};
const rest: Step = { id: 'rest', waitFor: 'test:never', timeout: '30s', onTimeout: 'continue' };
const definitions = [
  ordered('in-order', {}),
  ordered('active', { steps: [note('begin', 'begin'), rest, note('end', 'end')] }),
  ordered('whole', { hold: 'run', steps: [note('begin', 'begin'), rest, note('end', 'end')] }),
  ordered('blocking', { onPoison: 'block', steps: [note('begin', 'begin'), note('poison', 'poison')] }),
  ordered('parking', { onPoison: 'park', steps: [note('begin', 'begin'), note('poison', 'poison')] }),
];

let connection: NativeConnection;
let client: Client;
let worker: RunningWorker;
let shared: SharedDatabase;
let database: Database;
let servers: ReturnType<typeof startServer>[];
/** What the runs have done, in order: `begin a`. */
const done: string[] = [];

/** A server's part, as several processes have it. */
function startServer(own: Database) {
  const findLaggards = createFindLaggards({ database: own, readData });
  const startRun = createStartRun({ client, installation, eager: false });
  const keeper = createTurnKeeper({
    ...{ database: own, served: { definitions }, findLaggards, log },
    runEnd: (workflowId) => endOfRun(client.workflow, workflowId),
    given: () => dispatcher.wake(),
  });
  const turns = {
    take: createTakeTurn({ database: own, findLaggards, queued: () => keeper.wake() }),
    end: (workflowId: string) => endTurn(own, { workflowId, how: 'canceled' as const }),
  };
  const dispatcher = createDispatcher({
    backlog: createBacklog({ database: own, readData, random: () => 0 }),
    dispatch: (event, history) =>
      dispatchEvent(event, {
        ...{ installation: installation.id, definitions, startRun, localActivities: [], turns, ...history },
      }),
    ...{ concurrency: 8, pollMs: 20, log },
  });
  dispatcher.start();
  keeper.start();
  return {
    async stop() {
      await dispatcher.stop();
      await keeper.stop();
    },
  };
}

beforeAll(async () => {
  installRuntime(log);
  connection = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace });
  await ensureSearchAttributes(connection, namespace);
  shared = await openPostgres();
  database = shared.databases[0];
  const workflowId = () => activityInfo().workflowExecution?.workflowId ?? null;
  worker = await startWorker({
    ...{ connection, namespace, installation: installation.id, cachedRuns: 100, concurrentActivities: 20 },
    bundle: builtInterpreter,
    activities: authorized(
      {
        'http.request': ({ what, id }: { what: string; id: string }) => {
          done.push(`${what} ${id}`);
          if (what === 'poison' && id.endsWith('0')) throw ApplicationFailure.nonRetryable('bad', 'Poison');
          return Promise.resolve(null);
        },
        ...createWaitActivities({
          ...{ database, readData, harmless: mayBeAwaited, workflowId, clock: () => new Date() },
          confirms: () => false,
        }),
        ...createTurnActivities({ database, workflowId }),
      },
      { installation, workflowId, definitionName: () => Promise.resolve(undefined) },
    ),
    deliveryActivities: { 'outbound.deliver': () => Promise.resolve() },
  });
  servers = shared.databases.map(startServer);
}, 180_000);
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await worker.stop();
  await connection.close();
  await shared.close();
});

async function send(type: string, id: string, entity: string): Promise<void> {
  const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
  const event: Partial<CanonicalEvent> = { id, entity, type: `test:${type}`, nativeType: `test:${type}` };
  await inbox.store(newEvent(event));
}

const runOf = (definition: string, id: string) =>
  client.workflow.getHandle(`${installation.id}/${definition}/stripe/${id}`);
const doneBy = (prefix: string) => done.filter((line) => line.split(' ')[1]?.startsWith(prefix) === true);
/** In time for 320 activities, one after the other in eight lanes, beside other tests. */
const until = (what: () => unknown) => expect.poll(what, { timeout: 120_000, interval: 20 });

it('has runs of eight keys go one at a time, in the order of their events, over restarts of two servers', async () => {
  const events = Array.from({ length: 160 }, (_, number) => ({ id: `o${number}`, key: `k${number % 8}` }));
  for (const { id, key } of events.slice(0, 100)) await send('in-order', id, key);
  await until(() => doneBy('o').length > 40).toBe(true);
  await servers[0]?.stop();
  servers[0] = startServer(shared.databases[0]);
  for (const { id, key } of events.slice(100)) await send('in-order', id, key);
  await until(() => doneBy('o').length).toBe(320);
  const keys = [...new Set(events.map(({ key }) => key))];
  const ofKey = (key: string) => events.filter((event) => event.key === key).map(({ id }) => id);
  const order = (ids: string[]) => done.filter((line) => ids.includes(line.split(' ')[1] ?? ''));
  expect(keys.map((key) => order(ofKey(key)))).toEqual(
    keys.map((key) => ofKey(key).flatMap((id) => [`begin ${id}`, `end ${id}`])),
  );
}, 180_000);

it('frees the key when a run first waits for an event, and keeps it to the end if the definition says so', async () => {
  for (const id of ['a1', 'a2']) await send('active', id, 'k');
  for (const id of ['w1', 'w2']) await send('whole', id, 'k');
  await until(() => doneBy('a')).toEqual(['begin a1', 'begin a2']);
  expect(doneBy('w')).toEqual(['begin w1']);
  await runOf('whole', 'w1').terminate();
  await until(() => doneBy('w')).toEqual(['begin w1', 'begin w2']);
  for (const run of [runOf('active', 'a1'), runOf('active', 'a2'), runOf('whole', 'w2')]) await run.terminate();
}, 180_000);

it('lets a failed run keep its key until it is freed', async () => {
  for (const id of ['b0', 'b1']) await send('blocking', id, 'k');
  await expect(runOfLater('blocking', 'b0')).rejects.toThrow();
  await until(() => statesOf('blocking')).toEqual(['blocked', 'queued']);
  await freeKey(database, { definition: 'blocking', key: 'k', actor: 'ana', reason: 'done by hand' });
  await until(() => doneBy('b')).toEqual(['begin b0', 'poison b0', 'begin b1', 'poison b1']);
}, 180_000);

it('parks a failed run, and goes on with the next', async () => {
  for (const id of ['p0', 'p1']) await send('parking', id, 'k');
  await until(() => doneBy('p')).toEqual(['begin p0', 'poison p0', 'begin p1', 'poison p1']);
  expect((await runOf('parking', 'p0').describe()).status.name).toBe('RUNNING');
  await runOf('parking', 'p0').terminate();
}, 180_000);

/** Waits for a run that is to be started. */
async function runOfLater(definition: string, id: string): Promise<unknown> {
  await until(() => doneBy(id).length).toBeGreaterThan(0);
  return runOf(definition, id).result();
}

async function statesOf(definition: string): Promise<string[]> {
  await pause(20);
  const sql = 'select state from turns where definition = $1 order by event';
  const rows = await database.run<{ state: string }>('test-turn-states', sql, [definition]);
  return rows.map(({ state }) => state);
}
