import { randomUUID } from 'node:crypto';
import { activityInfo, ApplicationFailure } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { authorized } from '../../../activities/authorize.ts';
import { createWaitActivities } from '../../../activities/waits.ts';
import type { Step } from '../../../language/definition.ts';
import type { CanonicalEvent } from '../../../language/event.ts';
import type { JsonObject } from '../../../language/json.ts';
import { createBacklog } from '../../../server/backlog.ts';
import { dispatchEvent } from '../../../server/dispatch-event.ts';
import { createDispatcher, type Dispatcher } from '../../../server/dispatcher.ts';
import { mayBeAwaited } from '../../../server/ignored-because.ts';
import { createInbox } from '../../../server/inbox.ts';
import { hashOf, type LoadedDefinition } from '../../../server/load-definitions.ts';
import { ensureSearchAttributes } from '../../../server/search-attributes.ts';
import { createStartRun } from '../../../server/start-run.ts';
import { createCorrelate } from '../../../server/waits/correlate-events.ts';
import { createHandover, type Handover } from '../../../server/waits/hand-over.ts';
import { sendEvent } from '../../../server/waits/send-event.ts';
import type { Database } from '../../../storage/database.ts';
import { installRuntime } from '../../../worker/install-runtime.ts';
import { startWorker, type RunningWorker } from '../../../worker/start-worker.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { newEvent, sampleEvent } from '../sample-event.ts';
import { sampleInstallation } from '../sample-installation.ts';
import { noTurns } from '../no-turns.ts';
import { builtInterpreter } from '../../services/built-interpreter.ts';

const { address, namespace } = inject('temporal');
const installation = sampleInstallation(`waits-${randomUUID()}`);
const log = pino({ level: 'silent' });

const settled: Step = {
  id: 'settled',
  waitFor: ['payment.succeeded', 'payment.expired'],
  match: { 'event.payment.id': '{{event.payment.id}}' },
  timeout: '20s',
  onTimeout: [{ id: 'remind', call: 'http.request', with: { what: 'remind' } }],
};
const remind = (name: string, steps: Step[], output: JsonObject): LoadedDefinition => {
  const definition = { name, on: { event: 'payment.pending' }, steps, output };
  return { definition, hash: hashOf(definition), file: `${name}.json`, children: {} };
};
const outcome = { outcome: { var: ['steps.settled.type', null] }, id: { var: ['steps.settled.id', null] } };
const definitions = [
  remind('at-once', [settled], outcome),
  remind('later', [{ id: 'rest', wait: '800ms' }, settled], outcome),
  remind(
    'both',
    [
      {
        id: 'pair',
        parallel: [
          { ...settled, id: 'one', onTimeout: 'continue' },
          { ...settled, id: 'two', onTimeout: 'continue' },
        ],
      },
    ],
    { one: { var: ['steps.one.id', null] }, two: { var: ['steps.two.id', null] } },
  ),
];

let connection: NativeConnection;
let client: Client;
let worker: RunningWorker;
let database: Database;
let dispatcher: Dispatcher;
let handover: Handover;
/** The events that their gateway denies. */
const denied = new Set<string>();

beforeAll(async () => {
  installRuntime(log);
  connection = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace });
  await ensureSearchAttributes(connection, namespace);
  database = await openTestDatabase();
  const workflowId = () => activityInfo().workflowExecution?.workflowId ?? null;
  const readData = () => () => ({});
  worker = await startWorker({
    ...{ connection, namespace, installation: installation.id, cachedRuns: 100, concurrentActivities: 20 },
    bundle: builtInterpreter,
    activities: authorized(
      {
        'http.request': () => Promise.resolve(null),
        'gateway.confirm': ({ eventId }: { eventId: string }) =>
          denied.has(eventId)
            ? Promise.reject(ApplicationFailure.nonRetryable('status is pending', 'Unconfirmed'))
            : Promise.resolve({ confirmed: true, state: {} }),
        ...createWaitActivities({
          ...{ database, readData, harmless: mayBeAwaited, workflowId, clock: () => new Date() },
          confirms: (source) => source === 'unsure',
        }),
      },
      { installation, workflowId, definitionName: () => Promise.resolve(undefined) },
    ),
    deliveryActivities: { 'outbound.deliver': () => Promise.resolve() },
  });
  const startRun = createStartRun({ client, installation, eager: false });
  handover = createHandover({
    ...{ database, readData, concurrency: 20, pollMs: 200, log },
    send: (run, event) => sendEvent(client.workflow, run, event),
  });
  const correlate = createCorrelate({ database, handed: () => handover.wake() });
  dispatcher = createDispatcher({
    backlog: createBacklog({ database, readData, random: () => 0 }),
    async dispatch(event, history) {
      const handed = await correlate({ rowId: history.rowId, event });
      const run = {
        installation: installation.id,
        definitions,
        startRun,
        localActivities: [],
        turns: noTurns,
        ...history,
      };
      return { ...(await dispatchEvent(event, run)), handed };
    },
    ...{ concurrency: 20, pollMs: 50, log },
  });
  dispatcher.start();
  handover.start();
});
afterAll(async () => {
  await dispatcher.stop();
  await handover.stop();
  await worker.stop();
  await connection.close();
  await database.close();
});

let clock = Date.now();
/** Stores an event that a gateway has sent, as the receiver does, and lets the dispatcher have it. */
async function send(id: string, changes: Partial<CanonicalEvent> & { about?: string } = {}): Promise<void> {
  const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
  const { about = id, ...own } = changes;
  const payment = { ...sampleEvent().payment, id: about } as CanonicalEvent['payment'];
  clock += 1;
  await inbox.store(newEvent({ id, payment, receivedAt: new Date(clock).toISOString(), ...own }));
  dispatcher.wake();
}

const runOf = (definition: string, id: string, source = 'stripe') =>
  client.workflow.getHandle(`${installation.id}/${definition}/${source}/${id}`);
const count = async (sql: string, values: unknown[]) => {
  const [row] = await database.run<{ count: number | string }>(`test-${sql.length}`, sql, values);
  return Number(row?.count ?? 0);
};
const openWaits = (run: string) => count('select count(*) as count from waits where workflow_id = $1', [run]);
const dispatched = (id: string) =>
  count(`select count(*) as count from events where event_id = $1 and state <> 'pending'`, [id]);

/** Waits for a run that an event is to start. */
async function resultOf(definition: string, id: string, source?: string): Promise<unknown> {
  await expect.poll(() => dispatched(id), { timeout: 20_000 }).toBe(1);
  return runOf(definition, id, source).result();
}

it('reminds nobody who has paid: a settlement ends the wait before, while and after the step begins it', async () => {
  await send('p1', { type: 'payment.pending' });
  await expect.poll(() => openWaits(runOf('at-once', 'p1').workflowId), { timeout: 20_000 }).toBe(2);
  await send('s1', { about: 'p1' });
  const expected = { outcome: 'payment.succeeded', id: 's1' };
  expect(await resultOf('at-once', 'p1')).toEqual(expected);
  expect(await resultOf('later', 'p1')).toEqual(expected);
  expect(await openWaits(runOf('later', 'p1').workflowId)).toBe(0);
}, 60_000);

it('finds a settlement that was stored together with the event of the run', async () => {
  await Promise.all([send('p2', { type: 'payment.pending' }), send('s2', { about: 'p2' })]);
  expect(await resultOf('at-once', 'p2')).toEqual({ outcome: 'payment.succeeded', id: 's2' });
}, 60_000);

it('gives each of two steps of a run another event', async () => {
  await send('p3', { type: 'payment.pending' });
  await Promise.all([send('s3', { about: 'p3' }), send('x3', { about: 'p3', type: 'payment.expired' })]);
  const { one, two } = (await resultOf('both', 'p3')) as Record<string, string>;
  expect([one, two].sort()).toEqual(['s3', 'x3']);
}, 60_000);

it('does not take an event of another payment, of another source, or a test event for a real payment', async () => {
  await send('p4', { type: 'payment.pending', live: true });
  await send('o4', { about: 'another' });
  await send('f4', { about: 'p4', source: 'paypal' });
  await send('t4', { about: 'p4', live: false });
  await expect.poll(() => dispatched('t4'), { timeout: 20_000 }).toBe(1);
  await send('s4', { about: 'p4', live: true });
  expect(await resultOf('at-once', 'p4')).toEqual({ outcome: 'payment.succeeded', id: 's4' });
}, 60_000);

it('asks the gateway before an event ends a wait, and waits on if the gateway denies it', async () => {
  denied.add('d5');
  await send('p5', { type: 'payment.pending', source: 'unsure' });
  await send('d5', { about: 'p5', source: 'unsure' });
  await expect.poll(() => dispatched('d5'), { timeout: 20_000 }).toBe(1);
  await send('s5', { about: 'p5', source: 'unsure' });
  expect(await resultOf('at-once', 'p5', 'unsure')).toEqual({ outcome: 'payment.succeeded', id: 's5' });
}, 60_000);

it('forgets the waits of a run that was terminated', async () => {
  await send('p6', { type: 'payment.pending' });
  const run = runOf('at-once', 'p6');
  await expect.poll(() => openWaits(run.workflowId), { timeout: 20_000 }).toBe(2);
  await run.terminate();
  await send('s6', { about: 'p6' });
  await expect.poll(() => openWaits(run.workflowId), { timeout: 20_000 }).toBe(0);
}, 60_000);
