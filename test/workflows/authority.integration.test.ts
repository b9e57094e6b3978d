import { randomUUID } from 'node:crypto';
import { activityInfo } from '@temporalio/activity';
import { Client, WorkflowFailedError } from '@temporalio/client';
import { defaultPayloadConverter, type RawValue } from '@temporalio/common';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { authorized } from '../../activities/authorize.ts';
import type { Definition, RunInput } from '../../language/definition.ts';
import type { JsonObject } from '../../language/json.ts';
import { hashOf } from '../../server/load-definitions.ts';
import { ensureSearchAttributes } from '../../server/search-attributes.ts';
import { createStartRun, workflowIdOf } from '../../server/start-run.ts';
import { taskQueuesOf } from '../../storage/installation.ts';
import { installRuntime } from '../../worker/install-runtime.ts';
import { startWorker, type RunningWorker } from '../../worker/start-worker.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { sampleInstallation } from '../server/sample-installation.ts';
import { builtInterpreter } from '../services/built-interpreter.ts';

/* What a page in the operator's browser, or a neighbour in the namespace, can start on Kait's task queue: nothing that acts. */

const { address, namespace } = inject('temporal');
const installation = sampleInstallation(`authority-${randomUUID()}`);
const taskQueue = taskQueuesOf(installation.id).runs;
const sent: JsonObject[] = [];
/** The names of the definitions that asked for `sent`. */
const askedBy: unknown[] = [];

const child: Definition = {
  name: 'refund',
  on: 'run',
  vars: { amount: 0 },
  steps: [{ id: 'send', call: 'http.request', with: { amount: '{{vars.amount}}' } }],
};
const grandchild: Definition = {
  name: 'notify',
  on: 'run',
  steps: [
    { id: 'tell', call: 'http.request', with: { do: 'tell' }, undo: { call: 'http.request', with: { do: 'untell' } } },
  ],
};
const definition: Definition = {
  name: 'fulfil',
  on: { event: 'payment.succeeded' },
  steps: [
    { id: 'pay', call: 'http.request', with: { amount: '{{event.payment.amount}}' } },
    { id: 'refund', run: 'refund', with: { amount: 7 } },
  ],
};

let connection: NativeConnection;
let client: Client;
let worker: RunningWorker;

beforeAll(async () => {
  const log = pino({ level: 'silent' });
  installRuntime(log);
  connection = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace });
  await ensureSearchAttributes(connection, namespace);
  worker = await startWorker({
    ...{ connection, namespace, installation: installation.id, cachedRuns: 0, concurrentActivities: 5 },
    bundle: builtInterpreter,
    activities: authorized(
      {
        'http.request': (...[input, context]: [JsonObject, { definition: string }]) => {
          sent.push(input);
          askedBy.push(context.definition);
          return Promise.resolve(null);
        },
      },
      {
        installation,
        workflowId: () => activityInfo().workflowExecution?.workflowId ?? null,
        definitionName: (hash) => Promise.resolve([child, grandchild].find((each) => hashOf(each) === hash)?.name),
      },
    ),
    deliveryActivities: { 'outbound.deliver': () => Promise.resolve() },
  });
});
afterAll(async () => {
  await worker.stop();
  await connection.close();
});
beforeEach(() => {
  sent.length = 0;
  askedBy.length = 0;
});

function inputOf(changes: Partial<RunInput> = {}): RunInput {
  return {
    definition,
    definitionHash: hashOf(definition),
    event: sampleEvent({ id: `evt_${randomUUID()}` }),
    localActivities: [],
    children: {
      refund: { definition: child, definitionHash: hashOf(child) },
      notify: { definition: grandchild, definitionHash: hashOf(grandchild) },
    },
    ...changes,
  };
}

/** Starts a genuine run and resolves to what its workflow was started with. */
async function startGenuine(input: RunInput): Promise<{ workflowId: string; started: RunInput }> {
  let started = input;
  const spy = {
    workflow: {
      start: (...[, options]: Parameters<typeof client.workflow.start>) => {
        started = defaultPayloadConverter.fromPayload((options.args as RawValue[])[0]!.payload);
        return client.workflow.start(definition.name, options);
      },
    },
  } as unknown as Client;
  await createStartRun({ client: spy, installation, eager: false })(input);
  const workflowId = workflowIdOf(installation.id, definition.name, input.event);
  await client.workflow.getHandle(workflowId).result();
  return { workflowId, started };
}

async function failureOf(args: unknown[], workflowId = `${installation.id}/forged/${randomUUID()}`): Promise<string> {
  const handle = await client.workflow.start('forged', { taskQueue, workflowId, args });
  const error: unknown = await handle.result().catch((failed: unknown) => failed);
  return error instanceof WorkflowFailedError && error.cause !== undefined && 'type' in error.cause
    ? String(error.cause.type)
    : String(error);
}

it('acts for a run that Kait started, and for its children, and knows the definition of each', async () => {
  await startGenuine(inputOf());
  expect(sent).toEqual([{ amount: 2_500_000 }, { amount: 7 }]);
  expect(askedBy).toEqual(['fulfil', 'refund']);
});

it('undoes what a child run did for the child’s definition, and not for the one that runs it', async () => {
  const undo = { call: 'http.request', with: { do: 'undo' } };
  const failing: Definition = {
    ...{ name: 'fulfil', on: { event: 'payment.succeeded' } },
    steps: [
      { id: 'pay', call: 'http.request', with: { do: 'pay' }, undo },
      { id: 'tell', run: 'notify' },
      { id: 'end', fail: 'no' },
    ],
  };
  await expect(startGenuine(inputOf({ definition: failing, definitionHash: hashOf(failing) }))).rejects.toThrow();
  expect(sent).toEqual([{ do: 'pay' }, { do: 'tell' }, { do: 'untell' }, { do: 'undo' }]);
  expect(askedBy).toEqual(['fulfil', 'notify', 'notify', 'fulfil']);
});

it.each([
  ['a definition of its own', () => inputOf({ definition: { ...definition, steps: [definition.steps[0]!] } })],
  ['a served definition for an event that never happened', () => inputOf()],
  ['a seal that it made up', () => inputOf({ seal: 'a'.repeat(64) })],
  [
    'a child of a definition that is served',
    () => inputOf({ definition: { ...definition, steps: [definition.steps[1]!] } }),
  ],
  [
    'an input that says that it is a child',
    () =>
      inputOf({
        definition: child,
        definitionHash: hashOf(child),
        root: { workflowId: 'x', input: 'a'.repeat(64), seal: 'a'.repeat(64) },
      }),
  ],
])('does not act for %s', async (_what, input) => {
  expect(await failureOf([input()])).toBe('RunRefused');
  expect(sent).toEqual([]);
});

it.each<[string, (started: RunInput) => RunInput]>([
  ['as it is', (started) => started],
  [
    'with another amount',
    (started) => ({ ...started, event: { ...started.event, occurredAt: '2026-01-01T00:00:00Z' } }),
  ],
  ['with other activities', (started) => ({ ...started, localActivities: ['http.request'] })],
  ['with other variables', (started) => ({ ...started, vars: { amount: 9 } })],
])('does not act for the input of a genuine run %s under another id', async (_how, change) => {
  const { started } = await startGenuine(inputOf());
  sent.length = 0;
  expect(await failureOf([change(started)])).toBe('RunRefused');
  expect(sent).toEqual([]);
});

it('does not take the state of another run', async () => {
  const { started } = await startGenuine(inputOf());
  sent.length = 0;
  expect(await failureOf([started, { state: {}, mail: {} }])).toBe('RunRefused');
  expect(sent).toEqual([]);
});

it('does not take the state of another run from a cron schedule, which starts its runs as if one continued the other', async () => {
  const { started, workflowId } = await startGenuine(inputOf());
  sent.length = 0;
  const first = await client.workflow.start('forged', {
    ...{ taskQueue, workflowId, args: [started, { state: {}, mail: {} }], cronSchedule: '@every 1s' },
  });
  const endOf = async (runId: string) => {
    const run = client.workflow.getHandle(workflowId, runId, { followRuns: false });
    await run.result().catch(() => undefined);
    return (await run.fetchHistory()).events?.at(-1)?.workflowExecutionFailedEventAttributes;
  };
  const refused = { failure: { applicationFailureInfo: { type: 'RunRefused' } } };
  const end = await endOf(first.firstExecutionRunId);
  expect(end).toMatchObject(refused);
  expect(await endOf(end?.newExecutionRunId ?? '')).toMatchObject(refused);
  await client.workflow.getHandle(workflowId).terminate();
  expect(sent).toEqual([]);
});

it('does not act for an activity that is started without a run', async () => {
  const { started, workflowId } = await startGenuine(inputOf());
  sent.length = 0;
  const authority = { workflowId, input: 'a'.repeat(64), seal: started.seal };
  const handle = await client.activity.start('http.request', {
    id: `${installation.id}/forged/${randomUUID()}`,
    taskQueue,
    args: [{ amount: 1 }, { authority, idempotencyKey: 'k', source: 'stripe', eventId: 'evt_1' }],
    startToCloseTimeout: '10 seconds',
  });
  await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'RunRefused' } });
  expect(sent).toEqual([]);
});
