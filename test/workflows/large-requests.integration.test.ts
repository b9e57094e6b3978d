import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import type { Step } from '../../language/definition.ts';
import { runDefinition } from '../simulator/run-definition.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { startTemporalHost, type HostedDefinition, type HostedRun, type TemporalHost } from './temporal-host.ts';

/* What a sender writes must not make a run ask for more than Temporal takes. Such a run hangs, or ends without undoing anything. */

let host: TemporalHost;
beforeAll(async () => {
  host = await startTemporalHost(inject('temporal'), { cachedRuns: 100 });
});
afterAll(() => host.stop());

const order: Step = { id: 'order', call: 'orders.create', undo: { call: 'orders.cancel' } };
const patience = { timeout: 30_000, interval: 100 };

interface Failure {
  type: string;
  message: string;
  cause?: { message: string };
  details: [{ effect: string }];
}

async function failureOf({ handle }: HostedRun): Promise<Failure> {
  const error = await handle.result().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return (error as WorkflowFailedError).cause as unknown as Failure;
}

/** How many activities were scheduled and not yet over, at most. */
function mostAtOnce({ events }: Awaited<ReturnType<HostedRun['handle']['fetchHistory']>>): number {
  let open = 0;
  const counts = (events ?? []).map((event) => {
    open += event.activityTaskScheduledEventAttributes ? 1 : event.activityTaskCompletedEventAttributes ? -1 : 0;
    return open;
  });
  return Math.max(...counts);
}

/** Each of these characters takes six bytes of JSON. */
const control = { data: { text: '\u0001'.repeat(230_000) } };
const twice: HostedDefinition = {
  steps: [
    order,
    {
      id: 'send',
      http: 'https://shop.example/',
      method: 'POST',
      query: { q: '{{event.data.text}}' },
      body: '{{event.data.text}}',
    },
  ],
};

it('fails a request of more than 1.8 MB before it is sent, and undoes the run', async () => {
  const run = await host.start(twice, { event: control });
  expect(await failureOf(run)).toMatchObject({
    type: 'TooLarge',
    message: 'Step "send" sends 2760074 bytes as JSON, and at most 1800000 fit',
  });
  expect(run.calls.map(({ key }) => key)).toEqual(['order', 'order/undo']);
  const simulated = await runDefinition(twice, { event: { ...sampleEvent(), ...control } });
  expect(simulated.error).toMatchObject({ type: 'TooLarge', step: 'send' });
});

it('fails an undo of more than 1.8 MB, and undoes the other steps', async () => {
  const undo = { http: 'https://shop.example/undo', query: { q: '{{event.data.text}}' }, body: '{{event.data.text}}' };
  const hold: Step = { id: 'hold', call: 'orders.create', undo };
  const run = await host.start({ steps: [order, hold] }, { event: control });
  expect(await failureOf(run)).toMatchObject({
    type: 'TooLarge',
    message: expect.stringMatching(/^Step "hold" sends 27\d{5} bytes .*Undoing these steps failed: hold$/) as string,
  });
  expect(run.calls.map(({ key }) => key)).toEqual(['order', 'hold', 'order/undo']);
});

it('cuts a failure that a sender made long, at each level of child runs', async () => {
  const fails: Step = { id: 'bad', fail: '{{event.data.text}}' };
  const text = '€'.repeat(200_000);
  const run = await host.start(
    { steps: [order, { id: 'a', run: 'outer' }] },
    {
      event: { data: { text } },
      children: { outer: { steps: [{ id: 'b', run: 'inner' }] }, inner: { steps: [fails] } },
    },
  );
  const { message, cause } = await failureOf(run);
  expect(message).toMatch(/^Step "a" \(run outer\) failed: €{9900}/);
  expect([message.length, cause?.message.length]).toEqual([10_000, 10_000]);
  expect(run.calls.map(({ key }) => key)).toEqual(['order', 'order/undo']);
});

it('sends six requests of a megabyte at once, which fit into one task only one by one', async () => {
  const send = (id: string): Step => ({
    id,
    http: 'https://shop.example/',
    method: 'POST',
    body: '{{event.data.text}}',
  });
  const run = await host.start(
    { steps: [{ id: 'all', parallel: ['a', 'b', 'c', 'd', 'e', 'f'].map(send) }] },
    { event: { data: { text: '\u0001'.repeat(170_000) } } },
  );
  await run.handle.result();
  expect(run.calls.map(({ key }) => key).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
});

it('starts 25 children of a large event at once', async () => {
  const run = await host.start(
    {
      steps: [
        { id: 'each', forEach: { in: '{{event.data.items}}', concurrency: 25 }, do: [{ id: 'ship', run: 'child' }] },
      ],
    },
    {
      event: { data: { items: Array.from({ length: 25 }, (_, index) => index), text: 'x'.repeat(200_000) } },
      children: { child: { steps: [order] } },
    },
  );
  await run.handle.result();
  expect(run.calls).toHaveLength(25);
});

it('has no more than 500 activities under way, however the loops are nested', async () => {
  const list = (length: number) => Array.from({ length }, (_, index) => index);
  const run = await host.start(
    {
      steps: [
        {
          id: 'outer',
          forEach: { in: '{{event.data.outer}}', concurrency: 6 },
          do: [
            {
              id: 'inner',
              forEach: { in: '{{event.data.inner}}', concurrency: 100 },
              do: [{ id: 'send', http: 'https://shop.example/' }],
            },
          ],
        },
      ],
    },
    { event: { data: { outer: list(6), inner: list(100) } }, answers: { send: [{ value: null, afterMs: 200 }] } },
  );
  await run.handle.result();
  expect(mostAtOnce(await run.handle.fetchHistory())).toBeLessThanOrEqual(500);
  expect(new Set(run.calls.map(({ key }) => key)).size).toBe(600);
});

it('goes through a long list in several tasks, so that none computes for seconds', async () => {
  const items = Array.from({ length: 1_000 }, (_, index) => index % 10);
  const run = await host.start(
    {
      vars: { last: 0 },
      steps: [{ id: 'each', forEach: { in: '{{event.data.items}}' }, do: [{ id: 'note', set: { last: '{{item}}' } }] }],
      output: '{{vars.last}}',
    },
    { event: { data: { items } } },
  );
  expect(await run.handle.result()).toBe(9);
  const { events } = await run.handle.fetchHistory();
  expect(events?.filter(({ timerStartedEventAttributes }) => timerStartedEventAttributes).length).toBeGreaterThan(3);
});

it('still asks for what a canceled run undoes, after a branch had to wait for room', async () => {
  const send = (id: string): Step => ({
    id,
    http: 'https://shop.example/',
    method: 'POST',
    body: '{{event.data.text}}',
  });
  const run = await host.start(
    { steps: [order, { id: 'all', parallel: ['a', 'b', 'c', 'd'].map(send) }, { id: 'pause', wait: '7d' }] },
    { event: { data: { text: '\u0001'.repeat(170_000) } } },
  );
  await vi.waitFor(async () => expect((await run.progress()).pause?.status).toBe('running'), patience);
  await run.handle.cancel();
  await expect(run.handle.result()).rejects.toThrow(WorkflowFailedError);
  expect(run.calls.at(-1)?.key).toBe('order/undo');
});
