import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addApiKey } from '../../../server/api/keys/api-keys.ts';
import { countDeliveries } from '../../../server/count-deliveries.ts';
import { retryDelivery } from '../../../server/deliveries/retry-delivery.ts';
import type { Database } from '../../../storage/database.ts';
import { attempts, audit, deliveries, endpoints, events, messages, runs } from '../../../storage/schema.ts';
import { endpointRow } from '../../activities/outbound/endpoint-row.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { openApi, problem } from '../api/api-fixture.ts';
import { insertEvent } from '../stored-events.ts';

const at = new Date('2026-01-01T00:00:00Z');
const now = new Date('2026-01-02T00:00:00Z');
const ended = { state: 'exhausted' as const, endedAt: at, claimedUntil: at, blames: 5, lastError: 'HTTP 500' };
const how = { again: false, tenant: null, at: now, actor: 'ana' };

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

const run = 'kait-test/order/shop/evt_1';
const message = (id: string, body = '{}') => ({
  ...{ id, idempotencyKey: `${run}/${id}`, type: 'order.created', body, createdAt: at },
});
const endpoint = (id: string, changes: Partial<typeof endpoints.$inferInsert> = {}) =>
  endpointRow({ id, url: `https://${id}.example/new`, patterns: ['*'], secret: 'whsec_x', ...changes });
const delivery = (id: string, more: Partial<typeof deliveries.$inferInsert> = {}) => ({
  ...{ id, message: 'emitted', endpoint: id, url: 'https://old.example', createdAt: at },
  ...more,
});

beforeEach(async () => {
  for (const table of [runs, events, messages, endpoints, audit]) await database.orm.delete(table);
  await database.orm.insert(messages).values([message('emitted'), message('earlier'), message('emptied', '')]);
  await database.orm
    .insert(endpoints)
    .values([
      ...['exhausted', 'refused', 'delivered', 'pending', 'started', 'parked', 'forwarded', 'ordered'].map((id) =>
        endpoint(id),
      ),
      endpoint('off', { state: 'disabled' }),
      endpoint('paused', { state: 'paused' }),
      endpoint('open', { openUntil: new Date(now.getTime() + 60_000) }),
    ]);
  const inOrder = { endpoint: 'ordered', orderKey: 'INV-1' };
  await database.orm
    .insert(deliveries)
    .values([
      delivery('exhausted', { ...ended, attempts: 8, inDoubt: 2 }),
      delivery('refused', { ...ended, state: 'refused' }),
      delivery('delivered', { ...ended, state: 'delivered', attempts: 1, lastError: null, tenant: 'acme' }),
      delivery('pending'),
      delivery('started', { state: 'started' }),
      delivery('parked', { state: 'parked', parkedBecause: 'concurrency', claimedUntil: at }),
      delivery('removed', ended),
      delivery('forwarded', { ...ended, message: 'emptied' }),
      ...['off', 'paused', 'open'].map((id) => delivery(id, ended)),
      delivery('ordered', { ...inOrder, ...ended, createdAt: now }),
      delivery('before', { ...inOrder, message: 'earlier', state: 'started' }),
    ]);
});

async function stored(id: string) {
  const [row] = await database.orm.select().from(deliveries).where(eq(deliveries.id, id));
  return row!;
}

describe('sending a delivery again', () => {
  it('begins a new round of its schedule, to the URL that its endpoint has now, and is in the audit', async () => {
    expect(await retryDelivery(database, 'exhausted', how)).toEqual({ why: null, parkedBecause: null });
    expect(await stored('exhausted')).toMatchObject({
      ...{ state: 'pending', url: 'https://exhausted.example/new', endedAt: null, blames: 0, lastError: 'HTTP 500' },
      ...{ attempts: 8, inDoubt: 0, scheduleFrom: 8, replays: 1, dueAt: null },
      claimedUntil: new Date('2026-01-01T00:00:02Z'), // Temporal may still be closing the activity.
    });
    expect(await database.orm.select().from(audit)).toMatchObject([
      { actor: 'ana', action: 'retry-delivery', target: 'delivery exhausted' },
    ]);
  });

  it('leaves a request without an outcome to the next one, which counts it as in doubt', async () => {
    await database.orm.update(deliveries).set({ attemptingSince: at }).where(eq(deliveries.id, 'exhausted'));
    await retryDelivery(database, 'exhausted', how);
    expect(await stored('exhausted')).toMatchObject({ attempts: 8, inDoubt: 0, scheduleFrom: 7, attemptingSince: at });
  });

  it.each(['refused', 'parked'])('takes one that is %s', async (id) => {
    expect(await retryDelivery(database, id, how)).toEqual({ why: null, parkedBecause: null });
    expect(await stored(id)).toMatchObject({ state: 'pending', parkedBecause: null, replays: 1 });
  });

  it('takes a delivered one only if that is said', async () => {
    expect(await retryDelivery(database, 'delivered', how)).toEqual({ why: 'delivered' });
    expect(await retryDelivery(database, 'delivered', { ...how, again: true })).toEqual({
      why: null,
      parkedBecause: null,
    });
    expect(await stored('delivered')).toMatchObject({ state: 'pending', scheduleFrom: 1 });
  });

  it.each([
    ['off', 'disabled'],
    ['paused', 'paused'],
    ['open', 'circuit'],
    ['ordered', 'order'],
  ])('parks it while nothing may be sent: %s', async (id, parkedBecause) => {
    expect(await retryDelivery(database, id, how)).toEqual({ why: null, parkedBecause });
    expect(await stored(id)).toMatchObject({ state: 'parked', parkedBecause, endedAt: null, replays: 1 });
  });

  it.each([
    ['unknown', 'nothing'],
    ['under-way', 'pending'],
    ['under-way', 'started'],
    ['no-endpoint', 'removed'],
    ['not-kept', 'forwarded'],
  ])('changes nothing: %s', async (why, id) => {
    const before = await database.orm.select().from(deliveries).orderBy(deliveries.id);
    expect(await retryDelivery(database, id, how)).toEqual({ why });
    expect(await database.orm.select().from(deliveries).orderBy(deliveries.id)).toEqual(before);
    expect(await database.orm.$count(audit)).toBe(0);
  });

  it('is done once for two callers at once', async () => {
    const both = await Promise.all([
      retryDelivery(database, 'exhausted', how),
      retryDelivery(database, 'exhausted', how),
    ]);
    expect(both.map(({ why }) => why).sort()).toEqual([null, 'under-way'].sort());
    expect(await stored('exhausted')).toMatchObject({ replays: 1, scheduleFrom: 8 });
  });

  it('finds no delivery of another tenant', async () => {
    const again = { ...how, again: true };
    expect(await retryDelivery(database, 'delivered', { ...again, tenant: 'other' })).toEqual({ why: 'unknown' });
    expect(await retryDelivery(database, 'delivered', { ...again, tenant: 'acme' })).toMatchObject({ why: null });
  });
});

describe('the routes of deliveries', () => {
  const ids = (answer: { body: unknown }) => (answer.body as { items: { id: string }[] }).items.map(({ id }) => id);

  it('find them by state, endpoint, type, order, run and time, page by page', async () => {
    const event = await insertEvent(database, { source: 'shop', eventId: 'evt_1', orderId: 'INV-7' });
    await database.orm.insert(runs).values({ workflowId: run, event, definition: 'order', definitionHash: 'x' });
    const ask = openApi({ database });
    const list = async (query: string) => ids(await ask({ url: `/api/v1/deliveries?limit=50&${query}` }));
    expect(await list('state=parked')).toEqual(['parked']);
    expect(await list('endpoint=ordered')).toEqual(['ordered', 'before']);
    expect(await list('type=order.*&state=refused')).toEqual(['refused']);
    expect(await list('type=order')).toEqual([]);
    expect(await list('order=INV-7')).toHaveLength(13);
    expect(await list('order=INV-8')).toEqual([]);
    expect(await list(`run=${encodeURIComponent(run)}&state=delivered`)).toEqual(['delivered']);
    expect(await list('run=kait-test/order/shop/evt')).toEqual([]);
    expect(await list('since=2026-01-02T00:00:00Z')).toEqual(['ordered']);
    expect(await list('until=2026-01-02T00:00:00Z')).toHaveLength(12);
    const first = await ask({ url: '/api/v1/deliveries?limit=1&endpoint=ordered' });
    const { next } = first.body as { next: string };
    expect(ids(await ask({ url: `/api/v1/deliveries?limit=1&endpoint=ordered&cursor=${next}` }))).toEqual(['before']);
    expect(await ask({ url: `/api/v1/deliveries?limit=1&endpoint=off&cursor=${next}` })).toMatchObject({ status: 400 });
  });

  it('show one with its requests and what was answered', async () => {
    const requests = [
      { number: 1, at, durationMs: null, error: 'unknown' },
      { number: 2, at: now, durationMs: 31, status: 500, headers: { server: 'x' }, body: Buffer.from('oh\0') },
    ];
    await database.orm.insert(attempts).values(requests.map((row) => ({ delivery: 'exhausted', ...row })));
    await database.orm.update(deliveries).set({ startedAt: now }).where(eq(deliveries.id, 'exhausted'));
    const ask = openApi({ database, webUiOfActivity: (id) => `http://ui/${id}` });
    expect(await ask({ url: '/api/v1/deliveries/exhausted' })).toMatchObject({
      status: 200,
      body: {
        ...{
          id: 'exhausted',
          messageId: 'emitted',
          endpoint: 'exhausted',
          state: 'exhausted',
          run,
          nextAttemptAt: null,
        },
        ...{ activityId: 'kait-test/delivery/exhausted', webUi: 'http://ui/kait-test/delivery/exhausted' },
        requests: [
          { number: 1, durationMs: null, status: null, body: null },
          { number: 2, status: 500, headers: { server: 'x' }, body: 'oh\0' },
        ],
      },
    });
    expect(await ask({ url: '/api/v1/deliveries/nothing' })).toEqual({
      status: 404,
      body: problem(404, 'not-found', 'There is no such delivery.'),
    });
  });

  it('say when the next attempt is due', async () => {
    await database.orm.update(deliveries).set({ dueAt: now }).where(eq(deliveries.id, 'started'));
    const ask = openApi({ database });
    expect(await ask({ url: '/api/v1/deliveries/started' })).toMatchObject({
      body: { nextAttemptAt: '2026-01-02T00:00:00.000Z' },
    });
    await database.orm.update(deliveries).set({ attemptingSince: now }).where(eq(deliveries.id, 'started'));
    expect(await ask({ url: '/api/v1/deliveries/started' })).toMatchObject({
      body: { nextAttemptAt: null, attemptingSince: '2026-01-02T00:00:00.000Z' },
    });
  });

  it('send one again for those who may operate, and for nobody else', async () => {
    const ask = openApi({ database });
    const request = { method: 'POST' as const, url: '/api/v1/deliveries/paused/retry', body: '{}' };
    const headers = { 'content-type': 'application/json' };
    const key = await addApiKey(database, { name: 'reader', scope: 'read', expiresAt: null, actor: 'ana' });
    const reading = { ...headers, authorization: `Bearer ${key!.secret}` };
    expect(await ask({ ...request, headers: reading })).toMatchObject({ status: 403 });
    expect(await stored('paused')).toMatchObject({ state: 'exhausted' });
    expect(await ask({ ...request, headers })).toEqual({
      status: 200,
      body: { retried: true, why: null, parkedBecause: 'paused' },
    });
  });
});

it('counts the deliveries that Temporal has not taken, and those that were refused', async () => {
  expect(await countDeliveries(database, 100)).toEqual({ pending: 1, refused: 1 });
});
