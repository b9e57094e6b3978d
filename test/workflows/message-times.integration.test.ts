import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import type { Step } from '../../language/definition.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { startTemporalHost, type HostedRun, type TemporalHost } from './temporal-host.ts';

/* Messages before a run has begun, while it undoes, and after it has ended, on a real server. */

let host: TemporalHost;
beforeAll(async () => {
  host = await startTemporalHost(inject('temporal'));
});
afterAll(() => host.stop());

const order: Step = { id: 'order', call: 'orders.create', undo: { call: 'orders.cancel' } };
const patience = { timeout: 30_000, interval: 50 };

async function untilCalled(run: HostedRun, key: string): Promise<void> {
  await vi.waitFor(() => expect(run.calls.map((call) => call.key)).toContain(key), patience);
}

async function failureOf({ handle }: HostedRun): Promise<unknown> {
  const error = await handle.result().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return (error as WorkflowFailedError).cause;
}

it('takes an event that comes before the run’s first task', async () => {
  const refund: Step = { id: 'refund', waitFor: 'payment.refunded', timeout: '1d' };
  const run = await host.start({ steps: [refund], output: '{{steps.refund.id}}' });
  await run.handle.signal('event', sampleEvent({ id: 're_1', type: 'payment.refunded' }));
  expect(await run.handle.result()).toBe('re_1');
});

it('leaves nothing of a run that is canceled at once', async () => {
  const run = await host.start({ steps: [order, { id: 'pause', wait: '1d' }] });
  await run.handle.cancel();
  expect(await failureOf(run)).toMatchObject({ name: 'CancelledFailure' });
  const called = (key: string) => run.calls.filter((call) => call.key === key).length;
  expect(called('order/undo')).toBe(called('order'));
});

it('undoes to the end if it is canceled meanwhile, and more than once', async () => {
  const hold: Step = { id: 'hold', call: 'orders.create', undo: { call: 'orders.cancel' } };
  const run = await host.start(
    { steps: [order, hold, { id: 'bad', fail: 'no' }] },
    { answers: { 'hold/undo': [{ value: null, afterMs: 1_000 }] } },
  );
  await untilCalled(run, 'hold/undo');
  await run.handle.cancel();
  await run.handle.cancel();
  expect(await failureOf(run)).toMatchObject({ type: 'Failed', details: [{ undone: { hold: {}, order: {} } }] });
  expect(run.calls.map(({ key }) => key)).toEqual(['order', 'hold', 'hold/undo', 'order/undo']);
});

it('lets a child undo to the end that fails while its parent is canceled, and then undoes the parent', async () => {
  const run = await host.start(
    { steps: [order, { id: 'ship', run: 'child' }] },
    {
      children: {
        child: {
          steps: [
            { ...order, id: 'hold' },
            { id: 'bad', fail: 'no' },
          ],
        },
      },
      answers: { 'ship/hold/undo': [{ value: null, afterMs: 1_000 }] },
    },
  );
  await untilCalled(run, 'ship/hold/undo');
  await run.handle.cancel();
  await failureOf(run);
  expect(run.calls.map(({ key }) => key)).toEqual(['order', 'ship/hold', 'ship/hold/undo', 'order/undo']);
});

it.each(['signal', 'update'] as const)('refuses a late %s, and nothing happens', async (what) => {
  const run = await host.start({ steps: [order] });
  await run.handle.result();
  const send = {
    signal: () => run.handle.signal('event', sampleEvent()),
    update: () => run.handle.executeUpdate('retry', { args: [{ step: 'order' }] }),
  };
  await expect(send[what]()).rejects.toThrow(WorkflowNotFoundError);
  expect(run.calls.map(({ key }) => key)).toEqual(['order']);
});
