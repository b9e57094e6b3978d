import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CanonicalEvent } from '../../../language/event.ts';
import { createBacklog } from '../../../server/backlog.ts';
import { createInbox } from '../../../server/inbox.ts';
import { describeReading } from '../../../server/reread/describe-reading.ts';
import type { RereadDeps } from '../../../server/reread/read-again.ts';
import { rereadEvents, type RereadRequest } from '../../../server/reread/reread-events.ts';
import { replayEvent } from '../../../server/replay-event.ts';
import { events, runs, type EventState } from '../../../storage/schema.ts';
import { bothDatabases, type SharedDatabase } from '../../services/both-databases.ts';
import { presetWith } from '../gateway/gateways.ts';
import { deleteEvents, insertEvent, storedEvents } from '../stored-events.ts';
import { sampleEvent } from '../sample-event.ts';
import { sourceOf } from '../source-of.ts';

/** The preset after it was fixed. The stored events were read by one that knew none of this. */
const fixed = presetWith({
  event: {
    id: 'json:/id',
    unsignedId: 'a test',
    type: ['json:/type'],
    entity: ['json:/payment'],
    live: [{ match: { 'json:/test': ['true'] }, is: false }],
  },
  types: [
    { match: { 'json:/type': ['paid'] }, type: 'payment.succeeded' },
    {
      match: { 'json:/type': ['intent'] },
      type: 'payment.succeeded',
      id: 'json:/payment + text:succeeded',
      hold: '20s',
    },
    { match: { 'json:/type': ['session'] }, type: 'payment.succeeded', id: 'json:/payment + text:succeeded' },
    { match: { 'json:/type': ['titled'], 'header:x-topic': ['paid'] }, type: 'payment.succeeded' },
  ],
  payments: [
    { id: ['json:/payment'], amount: { from: ['json:/amount'], unit: 'minor' }, currency: ['json:/currency'] },
  ],
});

const served = { definitions: [], awaited: [] };

/** What the old preset made of a body. */
interface Old {
  id?: string;
  state?: EventState;
  reason?: string | null;
  body: object | string | null;
  /** False: its details are no longer kept. */
  detailed?: boolean;
  headers?: Record<string, string> | null;
  changes?: Partial<CanonicalEvent>;
}

describe.each(bothDatabases)('bodies that are read again in %s', (_name, open) => {
  let databases: SharedDatabase['databases'];
  let close: SharedDatabase['close'];
  beforeAll(async () => {
    ({ databases, close } = await open());
  });
  afterAll(() => close());
  beforeEach(async () => {
    await databases[0].orm.delete(runs);
    await deleteEvents(databases[0]);
  });

  /** Stores an event as a preset without any of this read it; resolves to its row's number. */
  function storeOld({
    id = 'e1',
    state = 'ignored',
    reason = null,
    body,
    detailed = true,
    headers = null,
    changes = {},
  }: Old): Promise<number> {
    const envelope = sampleEvent({
      ...{
        id,
        source: 'shop',
        gateway: 'test_gateway',
        type: 'test_gateway:paid',
        nativeType: 'paid',
        entity: null,
        payment: null,
      },
      ...changes,
    });
    const { type, nativeType, entity } = envelope;
    return insertEvent(databases[0], {
      ...{ source: 'shop', eventId: id, gateway: 'test_gateway', type, nativeType, entity, state, headers },
      envelope: detailed ? envelope : null,
      ...{ occurredAt: new Date(envelope.occurredAt), receivedAt: new Date(envelope.receivedAt), lastError: reason },
      body: body === null ? null : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
    });
  }

  async function storeRun(event: number, workflowId: string): Promise<void> {
    const startedAt = new Date('2026-01-01T00:00:00Z');
    await databases[0].orm
      .insert(runs)
      .values({ workflowId, event, definition: 'order', definitionHash: 'h', startedAt });
  }

  function reread(
    request: Partial<RereadRequest> = {},
    { preset = fixed, test = false, in: index = 0 }: { preset?: typeof fixed; test?: boolean; in?: 0 | 1 } = {},
  ) {
    const wanted = ({ type }: CanonicalEvent) => type === 'payment.succeeded';
    const deps: RereadDeps = {
      findSource: (name) => (name === 'shop' ? sourceOf('shop', preset, { test }) : undefined),
      isWanted: wanted,
      startsNothing: (event) => (wanted(event) ? null : 'no trigger matches it'),
    };
    return rereadEvents({ database: databases[index], ...deps }, { after: 0, apply: true, ...request });
  }

  async function readings(...given: Parameters<typeof reread>) {
    return (await reread(...given)).readings.map(describeReading);
  }

  const rows = () => storedEvents(databases[0]);
  const shown = async () =>
    (await rows()).map(({ eventId, state, type, lastError, rereadAs }) => [eventId, state, type, lastError, rereadAs]);

  /** Whatever a dispatcher would claim now, by the native type. */
  async function dispatched(): Promise<string[]> {
    const backlog = createBacklog({ database: databases[0], readData: () => () => null, random: () => 0 });
    return (await backlog.claim({ count: 100 })).events.map(({ event }) => `${event.id} ${event.nativeType}`);
  }

  const paid = { id: 'e1', type: 'paid', payment: 'p1', amount: 500, currency: 'IDR' };

  it('shows what would change, and writes nothing', async () => {
    await storeOld({ body: paid, reason: 'no definition reacts to its type' });
    const before = await rows();
    expect(await readings({ apply: false })).toEqual([
      {
        ...{ source: 'shop', eventId: 'e1', receivedAt: '2026-01-01T00:00:01.000Z', change: 'start', why: null },
        before: {
          ...{ id: 'e1', type: 'test_gateway:paid', nativeType: 'paid', entity: null, live: null, amounts: [] },
          ...{ state: 'ignored', reason: 'no definition reacts to its type' },
        },
        after: {
          ...{ id: 'e1', type: 'payment.succeeded', nativeType: 'paid', entity: 'p1', live: null },
          ...{ amounts: ['payment IDR 5.00'], state: 'pending', reason: null },
        },
      },
    ]);
    expect(await rows()).toEqual(before);
  });

  it.each<[EventState, string | null]>([
    ['unreadable', 'no-id: json:/payment'],
    ['ignored', 'no definition reacts to its type'],
    ['failed', 'order: no such path'],
  ])('are dispatched once if the event was %s and is wanted now', async (state, reason) => {
    await storeOld({ state, reason, body: paid });
    await reread();
    expect(await rows()).toMatchObject([
      {
        eventId: 'e1',
        state: 'pending',
        type: 'payment.succeeded',
        entity: 'p1',
        lastError: null,
        envelope: { payment: { amount: 500 } },
      },
    ]);
    expect(await dispatched()).toEqual(['e1 paid']);
    expect(await readings()).toEqual([]);
    expect(await dispatched()).toEqual([]);
  });

  it('are dispatched once if two people read them again at once', async () => {
    for (const number of [1, 2, 3]) await storeOld({ id: `e${number}`, body: { ...paid, id: `e${number}` } });
    await storeOld({ id: 'old', body: { ...paid, type: 'session', payment: 'p9' } });
    const both = await Promise.all([reread({}, { in: 0 }), reread({}, { in: 1 })]);
    const started = both.flatMap((chunk) => chunk.readings.filter(({ change }) => change === 'start'));
    expect(started).toHaveLength(4);
    expect((await dispatched()).sort()).toEqual(['e1 paid', 'e2 paid', 'e3 paid', 'p9:succeeded session']);
  });

  it('are stored again under the new id, which the old row names', async () => {
    await storeOld({ id: 'old', body: { ...paid, type: 'session' } });
    expect(await readings()).toMatchObject([{ eventId: 'old', change: 'start', after: { id: 'p1:succeeded' } }]);
    expect(await shown()).toEqual([
      ['old', 'ignored', 'test_gateway:paid', 'stored again as p1:succeeded', 'p1:succeeded'],
      ['p1:succeeded', 'pending', 'payment.succeeded', null, null],
    ]);
    expect(await replayEvent({ database: databases[0], served }, { source: 'shop', eventId: 'old' })).toMatchObject({
      replayed: false,
      why: 'stored-again',
    });
    expect(await dispatched()).toEqual(['p1:succeeded session']);
  });

  it('are not stored again if an event of the new id is there', async () => {
    await storeOld({ id: 'p1:succeeded', state: 'dispatched', body: { ...paid, type: 'session' } });
    await storeOld({ id: 'old', body: { ...paid, type: 'session' } });
    const expected = [{ change: 'update', why: 'an event of this id is stored already' }];
    expect(await readings({ apply: false })).toMatchObject(expected);
    expect(await readings()).toMatchObject(expected);
    expect(await shown()).toEqual([
      ['p1:succeeded', 'dispatched', 'test_gateway:paid', null, null],
      ['old', 'ignored', 'test_gateway:paid', 'stored again as p1:succeeded', 'p1:succeeded'],
    ]);
  });

  it('start nothing for an event that has a run', async () => {
    await storeRun(await storeOld({ state: 'ignored', body: paid }), 'order/shop/e1');
    expect(await readings()).toMatchObject([{ change: 'keep', why: 'it already has a run', after: null }]);
    expect(await dispatched()).toEqual([]);
  });

  it('start nothing for a fact whose run has the id of the old preset', async () => {
    const first = await storeOld({
      id: 'old-1',
      state: 'dispatched',
      body: { ...paid, type: 'intent' },
      changes: { entity: 'p1' },
    });
    await storeRun(first, 'order/shop/old-1');
    await storeOld({ id: 'old-2', body: { ...paid, type: 'session' } });
    expect(await readings()).toMatchObject([
      { eventId: 'old-2', change: 'keep', why: 'the fact already has a run, as old-1', after: { id: 'p1:succeeded' } },
    ]);
    expect(await dispatched()).toEqual([]);
  });

  it('start nothing for a fact whose run may be the same, if its body is gone', async () => {
    const first = await storeOld({
      id: 'old-1',
      state: 'dispatched',
      body: null,
      changes: { entity: 'p1', type: 'payment.succeeded' },
    });
    await storeRun(first, 'order/shop/old-1');
    await storeOld({ id: 'old-2', body: { ...paid, type: 'session' } });
    expect(await readings()).toMatchObject([{ change: 'keep', why: 'the fact already has a run, as old-1' }]);
  });

  it('are either dispatched or stored again under the new id if somebody replays meanwhile, never both', async () => {
    for (const number of Array.from({ length: 20 }, (_, index) => index)) {
      await storeOld({ id: `old-${number}`, body: { ...paid, payment: `p${number}`, type: 'session' } });
    }
    const ids = (await rows()).map(({ eventId }) => eventId);
    await Promise.all([
      reread({}, { in: 0 }),
      ...ids.map((eventId) => replayEvent({ database: databases[1], served }, { source: 'shop', eventId })),
    ]);
    expect(new Set(await dispatched()).size).toBe(20);
  });

  it.each<[string, Old, string]>([
    ['whose body is gone', { body: null }, 'its body is no longer kept (keepBodies)'],
    ['whose details are gone', { body: null, detailed: false }, 'its details are no longer kept (keepEvents)'],
    ['that is being dispatched', { state: 'pending', body: paid }, 'it is being dispatched'],
    [
      'whose type is in a header that was not kept',
      { body: { ...paid, type: 'titled', test: true } },
      'the preset reads headers that were not kept: x-topic (keepHeaders)',
    ],
    ['that could be read before', { body: 'not json' }, 'it could be read before, and is not-json now'],
  ])('leave an event alone %s', async (_which, old, why) => {
    await storeOld(old);
    const before = await rows();
    expect(await readings({ source: 'shop', eventId: 'e1' })).toMatchObject([{ change: 'keep', why }]);
    expect(await rows()).toEqual(before);
  });

  it('use the headers that were kept', async () => {
    await storeOld({ body: { ...paid, type: 'titled' }, headers: { 'x-topic': 'paid' } });
    expect(await readings()).toMatchObject([{ change: 'start', after: { type: 'payment.succeeded' } }]);
  });

  it('say that the source is gone', async () => {
    const id = await storeOld({ body: paid });
    await databases[0].orm.update(events).set({ source: 'gone' }).where(eq(events.id, id));
    expect(await readings()).toMatchObject([
      { source: 'gone', change: 'keep', why: 'there is no source "gone" any more' },
    ]);
  });

  it('start test events only once the source wants them', async () => {
    await storeOld({ body: { ...paid, test: true } });
    expect(await readings()).toMatchObject([
      { change: 'update', after: { state: 'ignored', reason: 'test event', live: false } },
    ]);
    expect(await dispatched()).toEqual([]);
    expect(await readings({}, { test: true })).toMatchObject([{ change: 'start' }]);
    expect(await dispatched()).toEqual(['e1 paid']);
  });

  it('take a batch apart that could not be', async () => {
    const batch = presetWith({
      event: { items: '/events/*', id: 'item:/id', unsignedId: 'a test', type: ['item:/type'] },
      types: [{ match: { 'item:/type': ['paid'] }, type: 'payment.succeeded' }],
    });
    const body = JSON.stringify({
      events: [
        { id: 'a', type: 'paid' },
        { id: 'b', type: 'paid' },
        { id: 'c', type: 'other' },
      ],
    });
    // printf '<the body>' | sha256sum
    const id = 'sha256:a034b30204ea9de4d90addba99c6e985ced97e7fccd583eaa941ef33894ad029';
    await storeOld({ id, state: 'unreadable', reason: 'no-items', body });
    await reread({}, { preset: batch });
    await reread({}, { preset: batch });
    expect(await shown()).toEqual([
      [id, 'ignored', 'test_gateway:paid', 'stored again as a', 'a'],
      ['a', 'pending', 'payment.succeeded', null, null],
      ['b', 'pending', 'payment.succeeded', null, null],
      ['c', 'ignored', 'test_gateway:other', 'no definition reacts to its type', null],
    ]);
    expect((await rows()).map(({ item }) => item)).toEqual([0, 0, 1, 2]);
  });

  it('that tell one fact twice start it once, as the preview says', async () => {
    await storeOld({ id: 'old-1', body: { ...paid, type: 'session' } });
    await storeOld({ id: 'old-2', body: { ...paid, type: 'session' } });
    const expected = [{ change: 'start' }, { change: 'update', why: 'an event of this id is stored already' }];
    expect(await readings({ apply: false })).toMatchObject(expected);
    expect(await readings()).toMatchObject(expected);
    expect(await dispatched()).toEqual(['p1:succeeded session']);
  });

  it('hold back an event for the one that tells more of the same fact', async () => {
    await storeOld({ id: 'old-1', body: { ...paid, type: 'intent' } });
    await storeOld({ id: 'old-2', body: { ...paid, type: 'session' } });
    expect(await readings()).toMatchObject([{ change: 'start' }, { change: 'start' }]);
    expect(await dispatched()).toEqual(['p1:succeeded session']);
  });

  it('come in chunks, and go on after an interruption with what is left', async () => {
    for (const number of Array.from({ length: 60 }, (_, index) => index)) {
      await storeOld({ id: `e${number}`, body: { ...paid, id: `e${number}` } });
    }
    const first = await reread();
    expect([first.looked, first.next !== null]).toEqual([50, true]);
    const again = await reread();
    expect([again.looked, again.next]).toEqual([10, null]);
    expect(await dispatched()).toHaveLength(60);
  });

  it('are those of a time span, a source and a state', async () => {
    await storeOld({ id: 'early', body: paid });
    await storeOld({ id: 'late', body: paid, changes: { receivedAt: '2026-01-02T00:00:00.000Z' } });
    await storeOld({ id: 'other', body: paid, state: 'unreadable' });
    const looked = async (request: Partial<RereadRequest>) =>
      (await readings({ ...request, apply: false })).map(({ eventId }) => eventId);
    expect(await looked({ since: '2026-01-01T12:00:00Z' })).toEqual(['late']);
    expect(await looked({ until: '2026-01-01T12:00:00Z' })).toEqual(['early', 'other']);
    expect(await looked({ states: ['unreadable'] })).toEqual(['other']);
    expect(await looked({ source: 'elsewhere' })).toEqual([]);
  });

  it('leave the inbox’s own store as it is: a redelivery under the new id is a duplicate', async () => {
    await storeOld({ id: 'old', body: { ...paid, type: 'session' } });
    await reread();
    const inbox = createInbox({ database: databases[1], wantsClaim: () => true, onStored: () => undefined });
    const redelivered = sampleEvent({ id: 'p1:succeeded', source: 'shop', gateway: 'test_gateway' });
    const stored = await inbox.store({
      ...{ event: redelivered, state: 'pending', lastError: null, holdMs: 0, endsHold: true },
      ...{ body: { bytes: Buffer.from('{}'), contentType: '', headers: null }, item: 0 },
    });
    expect(stored).toEqual({ duplicate: true });
  });
});
