import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { findFreePort } from '../../embedded/free-port.ts';
import { startTemporalServer } from '../../embedded/temporal-server.ts';
import type { Step } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { sharedTemporaryFolder } from '../temporary-folder.ts';
import { chainOf } from './chain-of.ts';
import { startTemporalHost, type HostedRun, type TemporalHost } from './temporal-host.ts';

/* A run that continues as new while its child waits, on a server that suggests it early. */

const folder = sharedTemporaryFolder();
let server: Awaited<ReturnType<typeof startTemporalServer>>;
let host: TemporalHost;
beforeAll(async () => {
  server = await startTemporalServer({
    cliPath: inject('temporal').cliPath,
    folder: folder.path,
    port: await findFreePort(),
    ui: null,
    extraConfig: ['limit.historyCount.suggestContinueAsNew=50'],
    report: () => undefined,
  });
  host = await startTemporalHost(server);
});
afterAll(async () => {
  await host.stop();
  await server.stop();
});

const url = 'https://shop.example/';
const children = {
  ship: {
    steps: [
      { id: 'hold', http: `${url}hold`, undo: { http: `${url}release` } },
      { id: 'shipped', waitFor: 'payment.refunded', timeout: '7d' },
    ] as Step[],
    output: { event: '{{steps.shipped.id}}', city: '{{settings.city}}' },
  },
};
const send: Step = { id: 'send', run: 'ship' };
/** Beside a child that waits, a loop makes the history long. */
const beside = (waiting: Step): Step => ({
  id: 'both',
  parallel: [
    waiting,
    {
      id: 'items',
      forEach: { in: { literal: Array.from({ length: 24 }, (_, index) => index) } },
      do: [{ id: 'work', call: 'orders.create' }],
    },
  ],
});

/** The run once it has continued as new at least twice, and waits for nothing but its child. */
async function continued(steps: Step[], output: Json = ''): Promise<HostedRun> {
  const run = await host.start({ steps, output }, { children, settings: { city: 'Bogor' } });
  // Queries would hold up the tasks of a run that is not cached.
  await expect.poll(() => run.calls.map(({ key }) => key)).toContain('work/23');
  await expect.poll(async () => (await run.progress()).items?.status).toBe('done');
  expect((await chainOf(host, run)).length).toBeGreaterThan(2);
  return run;
}

const childOf = (run: HostedRun) => host.client.workflow.getHandle(`${run.handle.workflowId}/send`);
const statusOf = async (run: HostedRun) => (await childOf(run).describe()).status.name;
const keysOf = (run: HostedRun) => run.calls.map(({ key }) => key).filter((key) => !key.startsWith('work/'));

async function failureOf({ handle }: HostedRun): Promise<unknown> {
  const error = await handle.result().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return (error as WorkflowFailedError).cause;
}

it('continues as new beside a child that waits, and takes its output; both keep the settings', async () => {
  const run = await continued([beside(send)], { child: '{{steps.send}}', city: '{{settings.city}}' });
  expect(await statusOf(run)).toBe('RUNNING');
  await childOf(run).signal('event', sampleEvent({ id: 'late', type: 'payment.refunded' }));
  expect(await run.handle.result()).toEqual({ child: { event: 'late', city: 'Bogor' }, city: 'Bogor' });
  expect(keysOf(run)).toEqual(['send/hold']);
});

it('undoes what a child has done that ended after the run continued as new', async () => {
  const run = await continued([beside(send), { id: 'bad', fail: 'no' }]);
  await childOf(run).signal('event', sampleEvent({ id: 'late', type: 'payment.refunded' }));
  expect(await failureOf(run)).toMatchObject({
    details: [{ undone: { 'send/hold': { outcome: 'done', inDoubt: false } } }],
  });
  expect(keysOf(run)).toEqual(['send/hold', 'send/hold/undo']);
});

it('cancels the child of a canceled run that has continued as new, and waits until it has undone its steps', async () => {
  const run = await continued([beside(send)]);
  await run.handle.cancel();
  expect(await failureOf(run)).toMatchObject({ name: 'CancelledFailure' });
  expect(await statusOf(run)).toBe('CANCELLED');
  expect(keysOf(run)).toEqual(['send/hold', 'send/hold/undo']);
});

it.each([
  ['canceled', 'ChildCanceled'],
  ['terminated', 'ChildTerminated'],
])('sees a child that somebody has %s after the run continued as new', async (how, type) => {
  const caught: Step = { id: 'caught', set: { type: '{{error.type}}' } };
  const run = await continued([beside({ id: 'try', try: [send], catch: [{ do: [caught] }] })], '{{vars.type}}');
  await (how === 'canceled' ? childOf(run).cancel() : childOf(run).terminate());
  expect(await run.handle.result()).toBe(type);
});
