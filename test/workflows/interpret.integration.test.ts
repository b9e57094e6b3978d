import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/activity';
import { Client, WorkflowFailedError } from '@temporalio/client';
import { NativeConnection, Worker, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Definition, RunInput } from '../../language/definition.ts';
import type { JsonObject } from '../../language/json.ts';
import { createStartRun, workflowIdOf } from '../../server/start-run.ts';
import { ensureSearchAttributes, searchAttributes } from '../../server/search-attributes.ts';
import { customerHashOf } from '../../storage/customer-hash.ts';
import { installRuntime } from '../../worker/install-runtime.ts';
import { builtBundle } from '../../worker/built-bundle.ts';
import { bundleInterpreter } from '../../worker/bundle-interpreter.ts';
import { startWorker, type RunningWorker } from '../../worker/start-worker.ts';
import type { PlanNode } from '../../language/plan.ts';
import type { StepProgress } from '../../workflows/progress.ts';
import { sampleInstallation } from '../server/sample-installation.ts';
import { sampleEvent } from '../server/sample-event.ts';

const { address, namespace } = inject('temporal');
const installation = sampleInstallation(`interpret-${randomUUID()}`);
const calls: { activity: string; input: JsonObject; key: string }[] = [];

let connection: NativeConnection;
let client: Client;
let bundle: WorkflowBundleWithSourceMap;
let worker: RunningWorker;

interface Context {
  idempotencyKey: string;
}
const record =
  (activity: string, act: () => Promise<unknown>) =>
  (input: JsonObject, { idempotencyKey }: Context) => {
    calls.push({ activity, input, key: idempotencyKey });
    return act();
  };

/** Stand-ins for the activities, because these tests are about the commands that the interpreter issues. */
const activities = {
  'orders.create': record('orders.create', () => Promise.resolve({ id: 'ord_1' })),
  'mail.send': record('mail.send', () => Promise.resolve({ messageId: '<m@kait>' })),
  'http.request': record('http.request', () =>
    Promise.reject(ApplicationFailure.nonRetryable('the shop said no', 'ResponseRefused')),
  ),
  'outbound.emit': record('outbound.emit', () => Promise.resolve({ messageId: 'msg_1', deliveries: 0 })),
};

beforeAll(async () => {
  const log = pino({ level: 'silent' });
  installRuntime(log);
  connection = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace });
  await ensureSearchAttributes(connection, namespace);
  bundle = await bundleInterpreter(log);
  // Without a cache every workflow task replays the whole history.
  const limits = { cachedRuns: 0, concurrentActivities: 20 };
  const deliveryActivities = { 'outbound.deliver': () => Promise.resolve() };
  worker = await startWorker({
    connection,
    namespace,
    installation: installation.id,
    bundle,
    activities,
    deliveryActivities,
    ...limits,
  });
});
afterAll(async () => {
  await worker.stop();
  await connection.close();
});

async function start(definition: Omit<Definition, 'name' | 'on'>, name = 'fulfil-order', under = installation) {
  const event = sampleEvent({ id: `evt_${randomUUID()}`, entity: 'pi_42' });
  const input: RunInput = {
    definition: { name, on: { event: 'payment.succeeded' }, ...definition },
    definitionHash: 'abc',
    event,
    localActivities: ['orders.create', 'outbound.emit'],
  };
  const startRun = createStartRun({ client, installation: under, eager: false });
  const workflowId = workflowIdOf(under.id, name, event);
  const first = await startRun(input);
  return { first, again: () => startRun(input), workflowId, handle: client.workflow.getHandle(workflowId) };
}

const order = {
  id: 'order',
  title: 'Create the order',
  call: 'orders.create',
  with: { amount: '{{event.payment.amount}}' },
};

it('runs a definition to its output, under its name, with search attributes from the event', async () => {
  const { first, again, workflowId, handle } = await start({
    steps: [
      order,
      {
        id: 'notify',
        parallel: [
          { id: 'mail', call: 'mail.send' },
          { id: 'tell', emit: 'order.created', with: { id: '{{steps.order.id}}' } },
        ],
      },
      { id: 'pause', wait: '50ms', title: 'Let things settle' },
    ],
    output: '{{steps.order.id}}',
  });
  expect(first).toEqual({ kind: 'started' });
  expect(await handle.result()).toBe('ord_1');
  expect(await again()).toEqual({ kind: 'duplicate' });

  const described = await handle.describe();
  expect(described.type).toBe('fulfil-order');
  expect(await described.staticSummary()).toBe('payment.succeeded ORDER-1 pi_42 IDR 25,000.00');
  const found = Object.values(searchAttributes).map((key) => described.typedSearchAttributes.get(key));
  expect(found).toEqual([
    ...['fulfil-order', 'stripe', 'payment.succeeded', 'pi_42', undefined, undefined, 'ORDER-1', 'pi_1'],
    ...[customerHashOf(installation, 'sari@shop.example'), 2_500_000],
  ]);
  const ofThisRun = calls.filter(({ key }) => key.startsWith(`${workflowId}/`));
  expect(ofThisRun.sort((a, b) => (a.activity < b.activity ? -1 : 1))).toEqual([
    { activity: 'mail.send', input: {}, key: `${workflowId}/mail` },
    { activity: 'orders.create', input: { amount: 2_500_000 }, key: `${workflowId}/order` },
    { activity: 'outbound.emit', input: { type: 'order.created', data: { id: 'ord_1' } }, key: `${workflowId}/tell` },
  ]);
});

it('runs short database work as local activities and shows each step by its name', async () => {
  const { handle } = await start({ steps: [order, { id: 'mail', call: 'mail.send' }, { id: 'pause', wait: '50ms' }] });
  await handle.result();
  const { events } = await handle.fetchHistory();
  const shown = (events ?? []).flatMap((event) => {
    const summary = event.userMetadata?.summary?.data;
    const scheduled = event.activityTaskScheduledEventAttributes;
    const kind = event.markerRecordedEventAttributes
      ? 'local'
      : scheduled
        ? 'activity'
        : event.timerStartedEventAttributes
          ? 'timer'
          : null;
    return kind === null ? [] : [[kind, JSON.parse(Buffer.from(summary!).toString()), scheduled?.activityId ?? null]];
  });
  expect(shown).toEqual([
    ['local', 'order: Create the order', null],
    ['activity', 'mail', 'mail'],
    ['timer', 'pause', null],
  ]);
});

it('answers the queries progress and plan, and keeps a checklist for the Web UI', async () => {
  const { handle } = await start({
    steps: [
      order,
      { id: 'skipped', if: false, emit: 'never' },
      { id: 'shop', call: 'http.request' },
      { id: 'after', set: { a: 1 } },
    ],
  });
  await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
  const progress = await handle.query<StepProgress[]>('progress');
  expect(progress.map(({ id, what, status, error }) => [id, what, status, error])).toEqual([
    ['order', 'orders.create', 'done', null],
    ['skipped', 'emit never', 'skipped', null],
    ['shop', 'http.request', 'failed', 'the shop said no'],
    ['after', 'set a', 'pending', null],
  ]);
  expect((await handle.query<PlanNode[]>('plan')).map(({ id, verb }) => `${id} ${verb}`)).toEqual([
    'order call',
    'skipped emit',
    'shop call',
    'after set',
  ]);
  const metadata = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  expect(metadata.currentDetails).toContain('✅ **order** orders.create');
  expect(metadata.currentDetails).toContain('❌ **shop** http.request ⚠️ left, in doubt: the shop said no');
});

it('fails with the step, the activity and the reason', async () => {
  const { handle } = await start({ steps: [{ id: 'shop', call: 'http.request' }] });
  const failure = await handle.result().catch((error: unknown) => error);
  expect(failure).toMatchObject({
    cause: {
      type: 'ResponseRefused',
      message: 'Step "shop" (http.request) failed: the shop said no',
      details: [{ stepId: 'shop' }],
    },
  });
});

it('fails at once, instead of retrying its task forever, if an expression cannot be evaluated', async () => {
  const { handle } = await start({ steps: [{ id: 'bad', set: { a: '{{event.data.nothing.here}}' } }] });
  const failure = await handle.result().catch((error: unknown) => error);
  expect(failure).toMatchObject({ cause: { type: 'ExpressionFailed', details: [{ stepId: 'bad' }] } });
  expect((await handle.describe()).status.name).toBe('FAILED');
});

it('cancels the other branches when one fails, and marks them so', async () => {
  const { handle } = await start({
    steps: [
      {
        id: 'both',
        parallel: [
          { id: 'long', wait: '1h' },
          { id: 'shop', call: 'http.request' },
        ],
      },
    ],
  });
  await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
  const progress = await handle.query<StepProgress[]>('progress');
  expect(progress.map(({ id, status }) => `${id} ${status}`)).toEqual(['both failed', 'long canceled', 'shop failed']);
});

it('ends as canceled, and not as failed, when an operator cancels it', async () => {
  const { handle } = await start({ steps: [order, { id: 'long', wait: '1h' }, { id: 'never', call: 'mail.send' }] });
  await handle.cancel();
  await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
  expect((await handle.describe()).status.name).toBe('CANCELLED');
});

it('replays its own history', async () => {
  const { handle } = await start({ steps: [order, { id: 'pause', wait: '50ms' }, { id: 'mail', call: 'mail.send' }] });
  await handle.result();
  const history = await handle.fetchHistory();
  await expect(Worker.runReplayHistory({ workflowBundle: bundle }, history)).resolves.toBeUndefined();
});

/** The stack trace with which a run fails. */
async function stackOfFailure(under = installation): Promise<string | null | undefined> {
  const { handle } = await start({ steps: [{ id: 'ends', fail: 'on purpose' }] }, 'fails', under);
  await expect(handle.result()).rejects.toBeInstanceOf(WorkflowFailedError);
  const { events } = await handle.fetchHistory();
  return events?.at(-1)?.workflowExecutionFailedEventAttributes?.failure?.stackTrace;
}

it('records no stack traces, which cost most of what a step costs, unless the worker is told to', async () => {
  expect(await stackOfFailure()).not.toMatch(/ at /);
  const other = sampleInstallation(`stacks-${randomUUID()}`);
  const withStacks = await startWorker({
    ...{ connection, namespace, installation: other.id, cachedRuns: 10, concurrentActivities: 5 },
    ...{ bundle: await builtBundle({ keepsStacks: true }), activities },
    deliveryActivities: { 'outbound.deliver': () => Promise.resolve() },
  });
  try {
    expect(await stackOfFailure(other)).toMatch(/ at .*workflows.interpret/);
  } finally {
    await withStacks.stop();
  }
});

it('has neither zod nor a module of Node in the workflow bundle', () => {
  const { sources } = JSON.parse(sourceMapOf(bundle)) as { sources: string[] };
  const root = fileURLToPath(new URL('../../', import.meta.url)); // The project may lie in a folder of any name.
  const ours = sources.filter((source) => !source.includes('node_modules')).map((source) => source.replace(root, '/'));
  expect(ours.join('\n')).toContain('workflows/interpret.ts');
  expect(ours.join('\n')).not.toMatch(/\/(server|storage|activities|worker|cli)\//);
  const unwanted = /node_modules\/(zod|pino|pg|undici|fastify|drizzle-orm|jsonc-parser)\//;
  expect(sources.filter((source) => unwanted.test(source))).toEqual([]);
  expect(bundle.code).not.toContain('ZodError');
});

/** The bundle ends with its source map as a data URL. */
function sourceMapOf({ code }: WorkflowBundleWithSourceMap): string {
  const encoded = /sourceMappingURL=data:[^,]*base64,([A-Za-z0-9+/=]+)/.exec(code)?.[1];
  return Buffer.from(encoded ?? '', 'base64').toString();
}
