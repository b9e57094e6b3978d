import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Step } from '../../language/definition.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { chainOf } from './chain-of.ts';
import { startTemporalHost, type TemporalHost } from './temporal-host.ts';

let host: TemporalHost;
beforeAll(async () => {
  // A long run takes many tasks. Replaying all of it in each would take longer than a task may.
  host = await startTemporalHost(inject('temporal'), { cachedRuns: 20 });
});
afterAll(() => host.stop());

it('continues a long loop as new, and misses no item', async () => {
  const steps: Step[] = [
    { id: 'list', set: { before: 'kept' } },
    {
      id: 'items',
      forEach: { in: { literal: Array.from({ length: 4_500 }, (_, index) => index) }, concurrency: 20 },
      do: [{ id: 'work', call: 'orders.create', with: { item: '{{item}}' } }],
    },
    { id: 'after', call: 'mail.send', with: { before: '{{vars.before}}', done: '{{steps.items.done}}' } },
  ];
  const run = await host.start({ steps, output: '{{steps.items}}' }, { local: ['orders.create'] });
  expect(await run.handle.result()).toEqual({ count: 4_500, done: 4_500, failed: [], results: [] });
  const items = run.calls.filter(({ activity }) => activity === 'orders.create').map(({ input }) => input.item);
  // A local activity runs again if its task did not end. Its key makes the effect happen once.
  expect(new Set(items).size).toBe(4_500);
  expect(run.calls.at(-1)).toEqual({ activity: 'mail.send', key: 'after', input: { before: 'kept', done: 4_500 } });
  const chain = await chainOf(host, run);
  expect(chain.length).toBe(3);
  expect(chain.filter(({ events }) => events >= 8_000)).toEqual([]);
});

it('continues a wait as new when what is sent to the run gets long, and waits no longer for it', async () => {
  const steps: Step[] = [
    { id: 'before', call: 'orders.create' },
    { id: 'refund', waitFor: 'payment.refunded', match: { 'event.entity': 'mine' }, timeout: '1d' },
  ];
  const run = await host.start({ steps, output: '{{steps.refund.id}}' });
  const send = (id: string, entity: string, text: string) =>
    run.handle.signal('event', sampleEvent({ id, type: 'payment.refunded', entity, data: { text } }));
  for (let number = 0; number < 50; number += 1) await send(`other-${number}`, 'other', 'x'.repeat(90_000));
  await expect.poll(() => chainOf(host, run), { timeout: 60_000, interval: 500 }).toHaveLength(2);
  await send('late', 'mine', '');
  expect(await run.handle.result()).toBe('late');
  expect(run.calls.map(({ key }) => key)).toEqual(['before']);
});

it('has what is left of a deadline after continuing as new, and not a new one', async () => {
  const items = Array.from({ length: 2_100 }, (_, index) => index);
  const steps: Step[] = [
    {
      id: 'group',
      deadline: '1h',
      onTimeout: 'continue',
      do: [
        { id: 'early', wait: '40m' },
        {
          id: 'many',
          forEach: { in: { literal: items }, concurrency: 20 },
          do: [{ id: 'work', call: 'orders.create' }],
        },
        { id: 'late', wait: '30m' },
        { id: 'never', call: 'mail.send' },
      ],
    },
  ];
  const run = await host.start(
    { steps, output: ['{{status.group}}', '{{status.many}}', '{{status.late}}'] },
    { local: ['orders.create'], skipTime: true },
  );
  expect(await run.handle.result()).toEqual(['timedOut', 'done', 'canceled']);
  expect(await chainOf(host, run)).toHaveLength(2);
  expect(run.calls.filter(({ activity }) => activity === 'mail.send')).toEqual([]);
});
