import { randomUUID } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { authorized } from '../../activities/authorize.ts';
import type { JsonObject } from '../../language/json.ts';
import { createBacklog } from '../../server/backlog.ts';
import { dispatchEvent } from '../../server/dispatch-event.ts';
import { createDispatcher, type Dispatcher } from '../../server/dispatcher.ts';
import { createInbox } from '../../server/inbox.ts';
import { hashOf, type LoadedDefinition } from '../../server/load-definitions.ts';
import { redispatch } from '../../server/redispatch.ts';
import { runAgain } from '../../server/run-again.ts';
import { ensureSearchAttributes } from '../../server/search-attributes.ts';
import { createStartRun } from '../../server/start-run.ts';
import type { Database } from '../../storage/database.ts';
import { installRuntime } from '../../worker/install-runtime.ts';
import { bundleInterpreter, startWorker, type RunningWorker } from '../../worker/start-worker.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { newEvent } from './sample-event.ts';
import { sampleInstallation } from './sample-installation.ts';
import { storedEvents } from './stored-events.ts';

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
    bundle: await bundleInterpreter(log),
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
  const describe = () => client.workflow.getHandle(workflowId).describe();
  await expect
    .poll(() => describe().catch((error: unknown) => error), { timeout: 60_000, interval: 200 })
    .toBeInstanceOf(WorkflowNotFoundError);
}

const states = async () => (await storedEvents(database)).map(({ state }) => state);

it('sends a payout once though Temporal forgot its run, and again only if an operator asks for that', async () => {
  const run = `${installation.id}/pay-out/stripe/evt_1`;
  const key = { source: 'stripe', eventId: 'evt_1' };
  const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
  await inbox.store(newEvent({ id: 'evt_1' }));
  await expect.poll(() => paid, { timeout: 20_000 }).toEqual([`${run}/send`]);
  await expect.poll(states).toEqual(['dispatched']);
  await forget(run);

  expect(await redispatch({ database, served }, key)).toMatchObject({ why: 'has-runs', runs: [run] });
  await database.run('by-hand', `update events set state = 'pending'`, []);
  await expect.poll(states).toEqual(['dispatched']);
  expect(paid).toEqual([`${run}/send`]);

  const asked = { ...key, reason: 'the bank lost it', actor: 'ana' };
  expect(await runAgain({ database, served, installation: installation.id }, asked)).toMatchObject({
    runs: [`${run}/kait:again-1`],
  });
  await expect.poll(() => paid, { timeout: 20_000 }).toEqual([`${run}/send`, `${run}/kait:again-1/send`]);
  await expect.poll(states).toEqual(['dispatched']);
  await database.run('by-hand', `update events set state = 'pending'`, []);
  await expect.poll(states).toEqual(['dispatched']);
  expect(paid).toHaveLength(2);
}, 180_000);
