import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AwaitedFile } from '../../server/awaited-events.ts';
import type { LoadedDefinition } from '../../server/load-definitions.ts';
import { replayEvent } from '../../server/replay-event.ts';
import { events, runs } from '../../storage/schema.ts';
import { bothDatabases, type SharedDatabase } from '../services/both-databases.ts';
import { deleteEvents, type EventRow, insertEvent, storedEvents } from './stored-events.ts';

const wanting = (name: string, event = 'payment.succeeded'): LoadedDefinition => ({
  ...{ definition: { name, on: { event }, steps: [] }, hash: `hash of ${name}`, file: `${name}.json`, children: {} },
});
const child: LoadedDefinition = { ...wanting('child'), definition: { name: 'child', on: 'run', steps: [] } };

describe.each(bothDatabases)('an event that is replayed in %s', (_name, open) => {
  let shared: SharedDatabase;
  beforeAll(async () => {
    shared = await open();
  });
  afterAll(() => shared.close());
  beforeEach(async () => {
    await shared.databases[0].orm.delete(runs);
    await deleteEvents(shared.databases[0]);
  });

  const store = (row: Partial<EventRow> = {}) => insertEvent(shared.databases[0], { eventId: 'evt_1', ...row });

  async function storeRun(event: number, definition: string): Promise<void> {
    const workflowId = `kait-test/${definition}/stripe/evt_1`;
    const run = { workflowId, event, definition, definitionHash: 'h', startedAt: new Date('2026-01-01T00:00:00Z') };
    await shared.databases[0].orm.insert(runs).values(run);
  }

  const again = (definitions: LoadedDefinition[] = [], awaited: AwaitedFile[] = []) =>
    replayEvent(
      { database: shared.databases[0], served: { definitions, awaited } },
      { source: 'stripe', eventId: 'evt_1' },
    );
  const states = async () => (await storedEvents(shared.databases[0])).map(({ state }) => state);

  it.each(['failed', 'ignored', 'dispatched'] as const)('is pending again if it was %s', async (state) => {
    await store({ state });
    await store({ eventId: 'evt_2', state });
    expect(await again([wanting('order'), wanting('other', 'payment.failed'), child])).toEqual({
      replayed: true,
      why: null,
      runs: [],
      inDoubt: [],
      offeredTo: ['order'],
    });
    expect(await states()).toEqual(['pending', state]);
  });

  it('is as if it had never been tried', async () => {
    await store({ state: 'failed', attempts: 3, lastError: 'no', claimedUntil: new Date('2026-01-01T00:01:00Z') });
    await again();
    expect(await storedEvents(shared.databases[0])).toMatchObject([
      { state: 'pending', attempts: 0, lastError: null, claimedUntil: null },
    ]);
  });

  it.each<[string, Partial<EventRow>, string]>([
    ['is pending', { state: 'pending' }, 'under-way'],
    ['waits', { state: 'waiting' }, 'under-way'],
    ['is unreadable', { state: 'unreadable' }, 'unreadable'],
    ['was stored again', { state: 'ignored', rereadAs: 'evt_9' }, 'stored-again'],
    ['has no body any more', { body: null }, 'no-body'],
    ['does not exist', { eventId: 'evt_2' }, 'unknown'],
  ])('stays as it is if it %s', async (_what, row, why) => {
    await store(row);
    expect(await again([wanting('order')])).toEqual({ replayed: false, why, runs: [], inDoubt: [], offeredTo: [] });
    expect(await states()).toEqual([row.state ?? 'dispatched']);
  });

  it('stays as it is if all that want its type have a run, whatever their hash is now', async () => {
    await storeRun(await store(), 'order');
    expect(await again([wanting('order'), wanting('other', 'payment.failed')])).toEqual({
      replayed: false,
      why: 'has-runs',
      runs: ['kait-test/order/stripe/evt_1'],
      inDoubt: [],
      offeredTo: [],
    });
    expect(await states()).toEqual(['dispatched']);
  });

  it('stays as it is if its definition was only renamed', async () => {
    await storeRun(await store(), 'old-name');
    expect(await again([{ ...wanting('order'), formerNames: ['old-name'] }])).toMatchObject({
      why: 'has-runs',
      runs: ['kait-test/old-name/stripe/evt_1'],
    });
  });

  it('is offered only to the definitions that have no run', async () => {
    await storeRun(await store(), 'order');
    expect(await again([wanting('order'), wanting('new', 'payment_intent.succeeded')])).toEqual({
      replayed: true,
      why: null,
      runs: ['kait-test/order/stripe/evt_1'],
      inDoubt: [],
      offeredTo: ['new'],
    });
  });

  it('is offered again if it may be for a file with a mistake', async () => {
    await storeRun(await store(), 'order');
    const awaited = [{ file: 'workflows/new.json', types: ['payment.succeeded'] }];
    expect(await again([wanting('order')], awaited)).toMatchObject({ replayed: true, offeredTo: [] });
  });

  it('goes on to say that its run is in doubt', async () => {
    await storeRun(await store({ state: 'failed', lastError: 'Kait stopped' }), 'order');
    await shared.databases[0].orm.update(runs).set({ inDoubt: true });
    const id = 'kait-test/order/stripe/evt_1';
    expect(await again([wanting('order')])).toMatchObject({ why: 'has-runs', runs: [id], inDoubt: [id] });
    expect(await storedEvents(shared.databases[0])).toMatchObject([{ state: 'failed', lastError: 'Kait stopped' }]);
  });

  it('is offered again if it failed, so that its state tells of its runs', async () => {
    await storeRun(await store({ state: 'failed' }), 'order');
    expect(await again([wanting('order')])).toMatchObject({ replayed: true, offeredTo: [] });
  });

  it('is offered again if a run that was asked for again could not start', async () => {
    await storeRun(await store({ state: 'failed' }), 'order');
    await shared.databases[0].orm.update(runs).set({ startedAt: null });
    expect(await again([wanting('order')])).toMatchObject({ replayed: true, offeredTo: [] });
  });

  it('is replayed by one of two operators', async () => {
    const event = await store({ state: 'failed' });
    const results = await Promise.all([again(), again()]);
    expect(results.map(({ replayed }) => replayed).sort()).toEqual([false, true]);
    expect(await shared.databases[0].orm.select({ id: events.id }).from(events)).toEqual([{ id: event }]);
  });
});
