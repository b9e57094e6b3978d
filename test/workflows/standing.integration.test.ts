import type { WorkflowHandle } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { RunDetails } from '../../language/run-details.ts';
import { ensureSearchAttributes, searchAttributes } from '../../server/search-attributes.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { startTemporalHost, type TemporalHost } from './temporal-host.ts';
import { pino } from 'pino';
import { installRuntime } from '../../worker/install-runtime.ts';

let host: TemporalHost;
beforeAll(async () => {
  const { address, namespace } = inject('temporal');
  installRuntime(pino({ level: 'silent' }));
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

it('shows that a run is paused until it is resumed', async () => {
  const { handle } = await host.start({ steps: [settled] }, { showsState: true });
  await expect.poll(() => shownOf(handle), { timeout: 10_000 }).toEqual(['waiting', 'settled']);
  await handle.executeUpdate('pause', { args: [{ by: 'ana', reason: 'to look' }] });
  expect((await shownOf(handle))[0]).toBe('paused');
  await handle.executeUpdate('resume');
  expect(await shownOf(handle)).toEqual(['waiting', 'settled']);
  await handle.terminate();
});

it('tells all about a run, while it waits, is paused and after it has ended', async () => {
  const guarded = { ...pay, if: { '>': [{ var: 'event.payment.amount' }, 1] }, with: { amount: 5 } };
  const run = await host.start({ steps: [guarded, settled] }, { answers: { pay: [{ value: { id: 'ord_1' } }] } });
  await expect
    .poll(async () => (await run.handle.query<RunDetails>('details')).commandable, { timeout: 10_000 })
    .toEqual([{ key: 'settled', state: 'waiting' }]);
  await run.handle.executeUpdate('pause', { args: [{ by: 'ana', reason: 'to look' }] });
  const { paused } = await run.handle.query<RunDetails>('details');
  expect(paused).toMatchObject({ by: 'ana', reason: 'to look' });
  await run.handle.executeUpdate('resume');
  await run.handle.signal('event', sampleEvent({ id: 'evt_settled', type: 'payment.settled' }));
  await run.handle.result();
  const details = await run.handle.query<RunDetails>('details');
  expect(details).toMatchObject({ commandable: [], paused: null, failure: null });
  expect(details.steps[0]).toMatchObject({
    status: 'done',
    input: { value: { amount: 5 } },
    output: { value: { id: 'ord_1' } },
  });
  expect(details.decisions).toEqual([
    expect.objectContaining({ key: 'pay', value: true, because: 'event.payment.amount (2500000) > 1' }),
  ]);
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
