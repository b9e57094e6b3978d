import type { WorkflowHandle } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { ensureSearchAttributes, searchAttributes } from '../../server/search-attributes.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { startTemporalHost, type TemporalHost } from './temporal-host.ts';

let host: TemporalHost;
beforeAll(async () => {
  const { address, namespace } = inject('temporal');
  const connection = await NativeConnection.connect({ address });
  await ensureSearchAttributes(connection, namespace);
  await connection.close();
  host = await startTemporalHost(inject('temporal'));
});
afterAll(() => host.stop());

async function shownOf(handle: WorkflowHandle): Promise<(string | undefined)[]> {
  const { typedSearchAttributes } = await handle.describe();
  return [typedSearchAttributes.get(searchAttributes.state), typedSearchAttributes.get(searchAttributes.step)];
}

async function upsertsOf(handle: WorkflowHandle): Promise<number> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).filter((event) => Boolean(event.upsertWorkflowSearchAttributesEventAttributes)).length;
}

const pay = { id: 'pay', call: 'orders.create' };
const settled = { id: 'settled', waitFor: 'payment.settled', match: {}, timeout: '1d' };

it('shows that a run waits for an event, and at which step, until it comes', async () => {
  const { handle } = await host.start({ steps: [pay, settled] }, { showsState: true });
  await expect.poll(() => shownOf(handle), { timeout: 10_000 }).toEqual(['waiting', 'settled']);
  await handle.signal('event', sampleEvent({ id: 'evt_settled', type: 'payment.settled' }));
  await handle.result();
  expect(await shownOf(handle)).toEqual([undefined, undefined]);
  expect(await upsertsOf(handle)).toBe(2);
});

it('shows that a run is parked, rather than that a branch of it waits for people', async () => {
  const { handle } = await host.start(
    {
      onFail: 'park',
      steps: [{ id: 'both', parallel: [{ id: 'ask', approve: 'Go on?', timeout: '1d' }, pay] }],
    },
    { showsState: true, answers: { pay: [{ afterMs: 1_500, error: { type: 'Broken', message: 'no' } }] } },
  );
  await expect.poll(() => shownOf(handle), { timeout: 10_000 }).toEqual(['approval', 'ask']);
  await expect.poll(() => shownOf(handle), { timeout: 10_000 }).toEqual(['parked', 'pay']);
  await handle.terminate();
});

it('costs a run that never waits nothing', async () => {
  const steps = [pay, { id: 'blink', wait: '50ms' }];
  const plain = await host.start({ steps });
  const shown = await host.start({ steps }, { showsState: true });
  await Promise.all([plain.handle.result(), shown.handle.result()]);
  const kinds = async ({ handle }: typeof plain) =>
    ((await handle.fetchHistory()).events ?? []).map(({ eventType }) => eventType);
  expect(await kinds(shown)).toEqual(await kinds(plain));
});

it('sets nothing if the namespace lacked the attributes when the run began', async () => {
  const { handle, progress } = await host.start({ steps: [settled] });
  await expect.poll(async () => (await progress()).settled?.status, { timeout: 10_000 }).toBe('running');
  expect(await upsertsOf(handle)).toBe(0);
  await handle.terminate();
});
