import { createHash, randomUUID } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import { Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { RawValue } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { authorized } from '../../activities/authorize.ts';
import type { Definition } from '../../language/definition.ts';
import type { Json, JsonObject } from '../../language/json.ts';
import { hashOf } from '../../server/load-definitions.ts';
import { ensureSearchAttributes } from '../../server/search-attributes.ts';
import { createStartRun, workflowIdOf } from '../../server/start-run.ts';
import { createClaimCheck } from '../../storage/claim-check.ts';
import type { Database } from '../../storage/database.ts';
import { taskQueuesOf } from '../../storage/installation.ts';
import { createPayloadStore, type PayloadStore } from '../../storage/payload-store.ts';
import { installRuntime } from '../../worker/install-runtime.ts';
import { createPayloadRelease, endLostRun } from '../../worker/payload-release.ts';
import { startWorker, type RunningWorker } from '../../worker/start-worker.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { sampleEvent } from './sample-event.ts';
import { noEarlierEvents } from '../workflows/no-earlier-events.ts';
import { sampleInstallation } from './sample-installation.ts';
import { builtInterpreter } from '../services/built-interpreter.ts';

const { address, namespace } = inject('temporal');
const installation = sampleInstallation(`large-${randomUUID()}`);
const log = pino({ level: 'silent' });

/** Reads all of its event, in a way that Kait cannot see beforehand which parts, and sends parts of it on. */
const readsAll: Definition = {
  name: 'reads-all',
  on: { event: 'payment.succeeded' },
  steps: [
    { id: 'count', set: { last: { '-': [{ length: { var: 'event.data.lines' } }, 1] } } },
    {
      id: 'first',
      call: 'http.request',
      with: { line: { get: [{ var: 'event.data' }, 'lines.0'] }, id: { get: [{ var: 'event.data' }, 'id'] } },
    },
    {
      id: 'last',
      call: 'http.request',
      with: { before: '{{steps.first}}', line: { var: { cat: ['event.data.lines.', { var: 'vars.last' }] } } },
    },
  ],
  output: { id: '{{event.data.id}}', sent: '{{steps.last}}' },
};

let connection: NativeConnection;
let worker: RunningWorker;
let database: Database;
let client: Client;
let payloads: PayloadStore;
/** Runs that were ended because of a missing value, with the reason. */
const lost: [string, string][] = [];
let start: (id: string, data: Json, definition?: Definition) => Promise<string>;

beforeAll(async () => {
  installRuntime(log);
  connection = await NativeConnection.connect({ address });
  database = await openTestDatabase();
  payloads = createPayloadStore(database);
  client = new Client({ connection, namespace, dataConverter: { payloadCodecs: [createClaimCheck({ payloads })] } });
  const claimCheck = createClaimCheck({
    payloads,
    lost: async (id, reason) => {
      lost.push([id, reason]);
      await endLostRun({ client: client.workflow }, id, reason);
    },
  });
  await ensureSearchAttributes(connection, namespace);
  worker = await startWorker({
    ...{ connection, namespace, installation: installation.id, claimCheck, cachedRuns: 10, concurrentActivities: 5 },
    bundle: builtInterpreter,
    activities: authorized(
      {
        'http.request': (input: JsonObject) =>
          Promise.resolve(createHash('sha256').update(JSON.stringify(input)).digest('hex')),
        ...noEarlierEvents,
      },
      {
        installation,
        workflowId: () => activityInfo().workflowExecution?.workflowId ?? null,
        definitionName: () => Promise.resolve(undefined),
      },
    ),
    deliveryActivities: { 'outbound.deliver': () => Promise.resolve() },
  });
  const startRun = createStartRun({ client, installation, eager: true });
  start = async (id, data, definition = readsAll) => {
    const event = sampleEvent({ id, data });
    const outcome = await startRun({ definition, definitionHash: hashOf(definition), event, localActivities: [] });
    expect(outcome).toEqual({ kind: 'started' });
    return workflowIdOf(installation.id, definition.name, event);
  };
});
afterAll(async () => {
  await worker.stop();
  await connection.close();
  await database.close();
});

/** Lines that take about so many bytes as JSON, of different texts. */
const linesOf = (bytes: number) =>
  Array.from({ length: bytes / 2 ** 10 }, (_, index) => ({
    sku: `SKU-${(index * 7_919) % 99_991}`,
    price: (index * 104_729) % 1_000_003,
    note: createHash('sha512').update(`${index}`).digest('base64').repeat(11),
  }));

const historyOf = async (id: string) => JSON.stringify(await client.workflow.getHandle(id).fetchHistory());

it('runs to its end with an event of 16 MiB that it reads whole, of which Temporal has a reference', async () => {
  const id = await start('whole', { id: 'o-1', lines: linesOf(16 * 2 ** 20) });
  expect(await client.workflow.getHandle(id).result()).toEqual({
    id: 'o-1',
    sent: 'c2834af0715fe030fbbc7ba11cc09b86d83a3150810273ee958aaa9997dd05b8',
  });
  expect((await historyOf(id)).length).toBeLessThan(20_000);
  const reference = { storedByKait: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: expect.any(Number) } };
  const { events } = await client.workflow.getHandle(id).fetchHistory();
  const [input] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  expect(JSON.parse(Buffer.from(input?.data ?? []).toString())).toEqual(reference);
  expect(await client.workflow.getHandle(id).query('progress')).toMatchObject([
    { id: 'count', status: 'done' },
    { id: 'first', status: 'done' },
    { id: 'last', status: 'done' },
  ]);
}, 120_000);

it('gives nobody else the value to which a copied reference leads', async () => {
  const id = await start('genuine', { id: 'o-2', lines: linesOf(2 ** 19) });
  await client.workflow.getHandle(id).result();
  const { events } = await client.workflow.getHandle(id).fetchHistory();
  const [input] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const copied = RawValue.fromPayload(input ?? {});
  const thief = await client.workflow.start('reads-all', {
    args: [copied],
    workflowId: `${installation.id}/thief`,
    taskQueue: taskQueuesOf(installation.id).largeRuns,
  });
  await expect(thief.result()).rejects.toBeInstanceOf(WorkflowFailedError);
  const { status } = await thief.describe();
  expect(status.name).toBe('TERMINATED');
  expect(lost).toEqual([[thief.workflowId, expect.stringContaining("Kait's database has no value")]]);
});

it('drops a signal that refers to the value of its own run, and takes the next one', async () => {
  const waits: Definition = {
    name: 'waits',
    on: { event: 'payment.succeeded' },
    steps: [{ id: 'refund', waitFor: 'payment.refunded', match: { 'event.entity': 'ours' }, timeout: '1h' }],
    output: { refund: '{{steps.refund.id}}', lines: { length: { var: 'event.data.lines' } } },
  };
  const id = await start('waits', { lines: linesOf(2 ** 19) }, waits);
  const handle = client.workflow.getHandle(id);
  const { events } = await handle.fetchHistory();
  const [input] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  await handle.signal('event', ...Array.from({ length: 20 }, () => RawValue.fromPayload(input ?? {})));
  await handle.signal('event', sampleEvent({ id: 'refund', type: 'payment.refunded', entity: 'ours', data: null }));
  expect(await handle.result()).toEqual({ refund: 'refund', lines: 512 });
});

it('keeps a value until Temporal has forgotten the run', async () => {
  const id = await start('forgotten', { id: 'o-3', lines: linesOf(2 ** 19) });
  await client.workflow.getHandle(id).result();
  const known = new Set([id]);
  const release = createPayloadRelease({
    payloads,
    client: { getHandle: (workflowId: string) => handleOf(workflowId, known) } as never, // Only `describe` is asked for.
    ...{ namespace, log, intervalMs: 1_000 },
  });
  const kept = async () =>
    (await database.run('by-hand', 'select digest from payloads where workflow_id = $1', [id])).length;
  const aDayLater = () => database.run('by-hand', `update payloads set check_at = now() - interval '1 second'`, []);

  await release.releaseOnce();
  expect(await kept()).toBe(1);
  await aDayLater();
  await release.releaseOnce();
  expect(await kept()).toBe(1);
  known.clear();
  await release.releaseOnce(); // Temporal is asked once a day.
  expect(await kept()).toBe(1);
  await aDayLater();
  await release.releaseOnce();
  expect(await kept()).toBe(0);
});

function handleOf(workflowId: string, known: ReadonlySet<string>) {
  return {
    describe: () =>
      known.has(workflowId) ? Promise.resolve({}) : Promise.reject(new WorkflowNotFoundError('gone', workflowId, '')),
  };
}
