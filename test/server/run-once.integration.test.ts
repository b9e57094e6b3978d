import { randomUUID } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { authorized } from '../../activities/authorize.ts';
import type { JsonObject } from '../../language/json.ts';
import { createBacklog } from '../../server/backlog.ts';
import { dispatchEvent } from '../../server/dispatch-event.ts';
import { createDispatcher, type Dispatcher } from '../../server/dispatcher.ts';
import { createInbox } from '../../server/inbox.ts';
import { hashOf, type LoadedDefinition } from '../../server/load-definitions.ts';
import { replayEvent } from '../../server/replay-event.ts';
import { runAgain } from '../../server/run-again.ts';
import { ensureSearchAttributes } from '../../server/search-attributes.ts';
import { createStartRun } from '../../server/start-run.ts';
import type { Database } from '../../storage/database.ts';
import { installRuntime } from '../../worker/install-runtime.ts';
import { startWorker, type RunningWorker } from '../../worker/start-worker.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { newEvent } from './sample-event.ts';
import { sampleInstallation } from './sample-installation.ts';
import { storedEvents } from './stored-events.ts';
import { noTurns } from './no-turns.ts';
import { builtInterpreter } from '../services/built-interpreter.ts';

const { address, namespace } = inject('temporal');
const installation = sampleInstallation(`once-${randomUUID()}`);
const log = pino({ level: 'silent' });
const payOut: LoadedDefinition = {
  definition: {
    name: 'pay-out',
    on: { event: 'payment.succeeded' },
    steps: [{ id: 'send', call: 'http.request', with: { amount: '{{event.payment.amount}}' } }],
  },
  ...{ hash: '', file: 'pay-out.json', children: {} },
};
const served = { definitions: [{ ...payOut, hash: hashOf(payOut.definition) }], awaited: [] };
/** The idempotency keys of the payouts that were sent. */
const paid: string[] = [];

let connection: NativeConnection;
let client: Client;
let worker: RunningWorker;
let database: Database;
let dispatcher: Dispatcher;

beforeAll(async () => {
  installRuntime(log);
  connection = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace });
  await ensureSearchAttributes(connection, namespace);
  database = await openTestDatabase();
  worker = await startWorker({
    ...{ connection, namespace, installation: installation.id, cachedRuns: 0, concurrentActivities: 5 },
    bundle: builtInterpreter,
    activities: authorized(
      {
        'http.request': (...[, context]: [JsonObject, { idempotencyKey: string }]) => {
          paid.push(context.idempotencyKey);
          return Promise.resolve(null);
        },
      },
      {
        installation,
        workflowId: () => activityInfo().workflowExecution?.workflowId ?? null,
        definitionName: () => Promise.resolve(undefined),
      },
    ),
    deliveryActivities: { 'outbound.deliver': () => Promise.resolve() },
  });
  const startRun = createStartRun({ client, installation, eager: false });
  dispatcher = createDispatcher({
    backlog: createBacklog({ database, readData: () => () => ({}), random: () => 0 }),
    dispatch: (event, history) =>
      dispatchEvent(event, {
        ...{
          installation: installation.id,
          definitions: served.definitions,
          startRun,
          localActivities: [],
          turns: noTurns,
          ...history,
        },
      }),
    ...{ concurrency: 2, pollMs: 50, log },
  });
  dispatcher.start();
});
afterAll(async () => {
  await dispatcher.stop();
  await worker.stop();
  await connection.close();
  await database.close();
});

/** What the namespace's retention does one to three days after a run has ended. */
async function forget(workflowId: string): Promise<void> {
  await client.workflow.getHandle(workflowId).result();
  await connection.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId } });
  const described = () => client.workflow.getHandle(workflowId).describe();
  await vi.waitFor(() => expect(described()).rejects.toBeInstanceOf(WorkflowNotFoundError), {
    timeout: 150_000,
    interval: 200,
  });
}

const runIdOf = (eventId: string) => `${installation.id}/pay-out/stripe/${eventId}`;
const paidFor = (eventId: string) => paid.filter((key) => key.startsWith(`${runIdOf(eventId)}/`));
const offer = (eventId: string) =>
  database.run('by-hand', `update events set state = 'pending', claimed_until = null where event_id = $1`, [eventId]);

async function stateOf(eventId: string) {
  const stored = await storedEvents(database);
  return stored.find((event) => event.eventId === eventId)?.state;
}

/** Two events, each paid out once, whose runs Temporal has forgotten. */
beforeAll(async () => {
  const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
  const ids = ['evt_1', 'evt_2'];
  await Promise.all(ids.map((id) => inbox.store(newEvent({ id }))));
  const dispatched = async () => expect(await Promise.all(ids.map(stateOf))).toEqual(['dispatched', 'dispatched']);
  await vi.waitFor(dispatched, { timeout: 20_000, interval: 100 });
  await Promise.all(ids.map((id) => forget(runIdOf(id))));
}, 120_000);

it('sends a payout once though Temporal forgot its run, and again only if an operator asks for that', async () => {
  const run = runIdOf('evt_1');
  const key = { source: 'stripe', eventId: 'evt_1' };
  expect(paidFor('evt_1')).toEqual([`${run}/send`]);
  expect(await replayEvent({ database, served }, key)).toMatchObject({ why: 'has-runs', runs: [run] });
  await offer('evt_1');
  await expect.poll(() => stateOf('evt_1')).toBe('dispatched');
  expect(paidFor('evt_1')).toEqual([`${run}/send`]);

  const asked = { ...key, reason: 'the bank lost it', actor: 'ana' };
  expect(await runAgain({ database, served, installation: installation.id }, asked)).toMatchObject({
    runs: [`${run}/kait:again-1`],
  });
  await expect.poll(() => paidFor('evt_1'), { timeout: 20_000 }).toEqual([`${run}/send`, `${run}/kait:again-1/send`]);
  await expect.poll(() => stateOf('evt_1')).toBe('dispatched');
  await offer('evt_1');
  await expect.poll(() => stateOf('evt_1')).toBe('dispatched');
  expect(paidFor('evt_1')).toHaveLength(2);
}, 60_000);

it('does not send a payout again whose start Kait could not record before it stopped for a day', async () => {
  const run = runIdOf('evt_2');
  await database.run('lose', `delete from runs where workflow_id = $1`, [run]);
  const begun = `insert into starts (event, begun_at) select id, now() - interval '1 day' from events where event_id = $1`;
  await database.run('begun', begun, ['evt_2']);
  await offer('evt_2');
  await expect.poll(() => stateOf('evt_2')).toBe('failed');
  expect(paidFor('evt_2')).toEqual([`${run}/send`]);
  expect(await replayEvent({ database, served }, { source: 'stripe', eventId: 'evt_2' })).toMatchObject({
    why: 'has-runs',
    inDoubt: [run],
  });
});
