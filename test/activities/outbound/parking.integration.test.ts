import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Dispatcher } from 'undici';
import { deliver, type DeliverDeps } from '../../../activities/deliver.ts';
import type { StartableDelivery } from '../../../activities/outbound/delivery-starter.ts';
import { createParkedRelease } from '../../../activities/outbound/release-parked.ts';
import { createGuardedAgent } from '../../../http/guarded-agent.ts';
import { parseNetworks } from '../../../http/networks.ts';
import type { EndpointPolicy } from '../../../language/endpoint-policy.ts';
import type { Database } from '../../../storage/database.ts';
import { sendAgain } from '../../../storage/outbound/send-again.ts';
import { attempts, deliveries, endpointNotices, endpoints, messages } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { activityFixture, contextOf, fixtureTime } from '../activity-fixture.ts';
import { type HttpReceiver, startHttpReceiver } from '../http-receiver.ts';
import { endpointRow, secretKeys } from './endpoint-row.ts';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

let database: Database;
let receiver: HttpReceiver;
let dispatcher: Dispatcher;
let now: Date;
beforeAll(async () => {
  database = await openTestDatabase();
  const resolve = () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]);
  dispatcher = createGuardedAgent({ allow: parseNetworks(['127.0.0.0/8']), resolve });
});
afterAll(async () => {
  await dispatcher.destroy();
  await database.close();
});
beforeEach(async () => {
  now = fixtureTime;
  receiver = await startHttpReceiver();
});
afterEach(async () => {
  await receiver.close();
  await database.orm.delete(messages);
  await database.orm.delete(endpoints);
  await database.orm.delete(endpointNotices);
});

const later = (ms: number) => {
  now = new Date(now.getTime() + ms);
};

async function addEndpoint(policy: EndpointPolicy = {}): Promise<void> {
  const row = endpointRow({ id: 'ep_1', url: receiver.origin, patterns: ['*'], secret, policy });
  await database.orm.insert(endpoints).values(row);
}

async function change(columns: Partial<typeof endpoints.$inferInsert>): Promise<void> {
  await database.orm.update(endpoints).set(columns);
}

/** Emits one message after the other; resolves to the ids of their deliveries. */
async function emit(count: number): Promise<string[]> {
  const { activities } = activityFixture(database, { clock: () => now });
  const ids: string[] = [];
  for (let number = 0; number < count; number += 1) {
    const key = randomUUID(); // An attempt that a test left behind must not meet a delivery of the next.
    const { messageId } = await activities['outbound.emit'](
      { type: 'order.created', data: { number } },
      contextOf(key),
    );
    const [row] = await database.orm.select().from(deliveries).where(eq(deliveries.message, messageId));
    ids.push(row!.id);
    later(1);
  }
  return ids;
}

/** Resolves to the state that the attempt returned, or to the type of its failure. */
async function attempt(deliveryId: string, changes: Partial<DeliverDeps> = {}): Promise<string> {
  const deps: DeliverDeps = {
    ...{ database, dispatcher, secretKeys, clock: () => now, log: pino({ level: 'silent' }) },
    ...{ random: () => 0.5, schedule: [0, 5_000, 300_000, 300_000, 300_000, 300_000], userAgent: 'Kait/test' },
    ...{ sleep: () => Promise.resolve(), release: () => undefined },
    ...changes,
  };
  return deliver(deps, { deliveryId }).then(
    ({ state }) => state,
    (error: unknown) => (error as { type: string }).type,
  );
}

/** One after the other. */
async function attemptEach(ids: readonly string[], changes: Partial<DeliverDeps> = {}): Promise<string[]> {
  const outcomes: string[] = [];
  for (const id of ids) outcomes.push(await attempt(id, changes));
  return outcomes;
}

/** Releases what may be released; resolves to the ids in the order in which they were handed to Temporal. */
async function release(): Promise<string[]> {
  const released: StartableDelivery[] = [];
  const deliveryStarter = { start: (given: readonly StartableDelivery[]) => void released.push(...given) };
  const log = pino({ level: 'silent' });
  const parked = createParkedRelease({
    database,
    clock: () => now,
    log,
    deliveryStarter,
    intervalMs: 1_000,
    keptMs: 30 * 86_400_000,
  });
  await parked.releaseAll();
  return released.map(({ id }) => id);
}

async function stored(deliveryId: string) {
  const [delivery] = await database.orm.select().from(deliveries).where(eq(deliveries.id, deliveryId));
  return delivery!;
}

async function notices(): Promise<string[]> {
  const rows = await database.orm.select().from(endpointNotices).orderBy(endpointNotices.id);
  return rows.map(({ kind, reason }) => `${kind} ${reason}`.trim());
}

const fail = () => receiver.answer((response) => response.writeHead(500).end());
const succeed = () => receiver.answer((response) => response.writeHead(204).end());

describe('a delivery to a paused or disabled endpoint', () => {
  it.each(['paused', 'disabled'] as const)('is parked while it is %s, and sent when it is enabled', async (state) => {
    await addEndpoint();
    const [id = ''] = await emit(1);
    await change({ state });
    expect(await attempt(id)).toBe('DeliveryParked');
    expect(await stored(id)).toMatchObject({ state: 'parked', parkedBecause: state, attempts: 0 });
    later(10_000);
    expect(await release()).toEqual([]);
    await change({ state: 'enabled' });
    expect(await release()).toEqual([id]);
    expect(await attempt(id)).toBe('delivered');
    expect(receiver.received).toHaveLength(1);
  });

  it.each(['paused', 'disabled'] as const)(
    'is made, and waits, if it is %s when the message is emitted',
    async (state) => {
      await addEndpoint();
      await change({ state });
      const [id = ''] = await emit(1);
      expect(await stored(id)).toMatchObject({ state: 'parked', parkedBecause: state });
      await change({ state: 'enabled' });
      expect(await release()).toEqual([id]);
      expect(await attempt(id)).toBe('delivered');
    },
  );

  it('is not started by Temporal again before Temporal knows that it has ended', async () => {
    await addEndpoint();
    const [id = ''] = await emit(1);
    await change({ state: 'paused' });
    await attempt(id);
    await change({ state: 'enabled' });
    expect(await release()).toEqual([]);
    later(2_001);
    expect(await release()).toEqual([id]);
  });

  it('ends as refused once the endpoint is removed, and as exhausted 30 days after it was emitted or sent again', async () => {
    await addEndpoint();
    await change({ state: 'paused' });
    const [id = ''] = await emit(1);
    later(30 * 86_400_000 - 10);
    await release();
    expect(await stored(id)).toMatchObject({ state: 'parked' });
    later(20);
    await release();
    expect(await stored(id)).toMatchObject({
      state: 'exhausted',
      lastError: 'it could not be sent within 30d, because it was parked',
      endedAt: now,
    });
    const at = now;
    await database.orm.transaction((queries) => sendAgain(queries, id, { again: false, tenant: null, at }));
    later(30 * 86_400_000 - 10);
    await release();
    expect(await stored(id)).toMatchObject({ state: 'parked' });
    later(20);
    await release();
    expect(await stored(id)).toMatchObject({ state: 'exhausted', endedAt: now });
    const [other = ''] = await emit(1);
    await database.orm.delete(endpoints);
    await release();
    expect(await stored(other)).toMatchObject({ state: 'refused', lastError: 'the endpoint was removed' });
  });
});

it('410 disables the endpoint, ends that delivery, and parks the others', async () => {
  await addEndpoint();
  const [first = '', second = ''] = await emit(2);
  receiver.answer((response) => response.writeHead(410).end());
  expect(await attempt(first)).toBe('DeliveryRefused');
  expect(await attempt(second)).toBe('DeliveryParked');
  expect(await stored(second)).toMatchObject({ state: 'parked', parkedBecause: 'disabled' });
  expect(await notices()).toEqual(['disabled 410 Gone']);
});

describe('the circuit', () => {
  it('opens after five failures in a row, lets one probe through, and closes after its success', async () => {
    await addEndpoint();
    const ids = await emit(7);
    fail();
    expect(await attemptEach(ids)).toEqual([
      ...Array<string>(5).fill('DeliveryFailed'),
      ...Array<string>(2).fill('DeliveryParked'),
    ]);
    expect(await stored(ids[5]!)).toMatchObject({ state: 'parked', parkedBecause: 'circuit', attempts: 0 });
    expect(receiver.received).toHaveLength(5);
    later(20_000);
    expect(await release()).toEqual([]);
    later(20_000);
    succeed();
    const [probe = '', ...others] = await release();
    expect([probe, others]).toEqual([ids[5], []]);
    expect(await attempt(probe)).toBe('delivered');
    expect(await release()).toEqual([ids[6]]);
    expect(await attempt(ids[6]!)).toBe('delivered');
    expect(await notices()).toEqual(['failing HTTP 500', 'recovered']);
  });

  it('lets one of two through that come at the same time', async () => {
    await addEndpoint();
    const ids = await emit(2);
    await change({ openUntil: now, openings: 1, failures: 5, failingSince: now });
    const waiting: (() => void)[] = [];
    receiver.answer((response) => waiting.push(() => void response.writeHead(204).end()));
    const [first, second] = [attempt(ids[0]!), attempt(ids[1]!)];
    expect(await Promise.race([first, second])).toBe('DeliveryParked');
    await expect.poll(() => receiver.received.length).toBe(1);
    waiting.forEach((answer) => answer());
    expect((await Promise.all([first, second])).sort()).toEqual(['DeliveryParked', 'delivered']);
  });

  it('stays open for the others when the worker dies with the probe, until its time is up', async () => {
    await addEndpoint();
    const [id = '', other = ''] = await emit(2);
    await change({ openUntil: now, openings: 1, failures: 5, failingSince: now });
    receiver.answer(() => undefined);
    void attempt(id); // Its end is never seen.
    await expect.poll(() => receiver.received.length).toBe(1);
    later(29_000);
    expect(await attempt(other)).toBe('DeliveryParked');
    later(17_000);
    succeed();
    expect(await release()).toEqual([other]);
    expect(await attempt(other)).toBe('delivered');
    expect(await notices()).toEqual(['recovered']);
  });
});

describe('the concurrency of an endpoint', () => {
  it('is never exceeded, and each end makes room for the next', async () => {
    await addEndpoint({ concurrency: 2 });
    const ids = await emit(4);
    const waiting: (() => void)[] = [];
    receiver.answer((response) => waiting.push(() => void response.writeHead(204).end()));
    const underWay = ids.map((id) => attempt(id));
    await expect.poll(() => waiting.length).toBe(2);
    await expect.poll(() => database.orm.$count(deliveries, eq(deliveries.parkedBecause, 'concurrency'))).toBe(2);
    later(3_000);
    expect(await release()).toEqual([]);
    waiting.forEach((answer) => answer());
    expect((await Promise.all(underWay)).sort()).toEqual([
      'DeliveryParked',
      'DeliveryParked',
      'delivered',
      'delivered',
    ]);
    succeed();
    const released = await release();
    expect(released).toHaveLength(2);
    expect(await Promise.all(released.map((id) => attempt(id)))).toEqual(['delivered', 'delivered']);
  });

  it('counts a worker that died for less than a minute', async () => {
    await addEndpoint({ concurrency: 1 });
    const [dead = '', id = ''] = await emit(2);
    await database.orm
      .update(deliveries)
      .set({ state: 'started', attemptingSince: now, attempts: 1 })
      .where(eq(deliveries.id, dead));
    expect(await attempt(id)).toBe('DeliveryParked');
    later(60_000);
    expect(await release()).toEqual([id]);
    expect(await attempt(id)).toBe('delivered');
  });

  it('is kept by two processes that release at once', async () => {
    await addEndpoint({ concurrency: 3 });
    await change({ state: 'paused' });
    await emit(10);
    await change({ state: 'enabled' });
    const released = (await Promise.all([release(), release(), release()])).flat();
    expect(new Set(released).size).toBe(released.length);
    expect(await database.orm.$count(deliveries, eq(deliveries.state, 'pending'))).toBe(released.length);
  });
});

describe('deliveries with the same order key', () => {
  it('are made one after the other, however long the first takes', async () => {
    await addEndpoint();
    const [first = '', second = '', free = ''] = await emit(3);
    await database.orm
      .update(deliveries)
      .set({ orderKey: 'INV-1' })
      .where(sql`${deliveries.id} <> ${free}`);
    fail();
    expect(await attempt(second)).toBe('DeliveryParked');
    expect(await attempt(first)).toBe('DeliveryFailed');
    succeed();
    expect(await attempt(free)).toBe('delivered');
    later(5_000);
    expect(await release()).toEqual([]);
    expect(await stored(second)).toMatchObject({ parkedBecause: 'order' });
    expect(await attempt(first)).toBe('delivered');
    expect(await release()).toEqual([second]);
    expect(await attempt(second)).toBe('delivered');
    const numbers = receiver.received.map(({ body }) => (JSON.parse(body) as { data: { number: number } }).data.number);
    expect(numbers).toEqual([0, 2, 0, 1]);
  });
});

describe('the rate limit of an endpoint', () => {
  it('gives each delivery a slot of its own, which it keeps', async () => {
    await addEndpoint({ rate: 0.5 });
    const ids = await emit(3);
    const outcomes = await Promise.all(ids.map((id) => attempt(id)));
    expect(outcomes.sort()).toEqual(['DeliveryNotDue', 'DeliveryNotDue', 'delivered']);
    expect(await Promise.all(ids.map((id) => attempt(id)))).toEqual(
      expect.arrayContaining(['delivered', 'DeliveryNotDue', 'DeliveryNotDue']),
    );
    later(2_000);
    await Promise.all(ids.map((id) => attempt(id)));
    expect(receiver.received).toHaveLength(2);
    later(2_000);
    await Promise.all(ids.map((id) => attempt(id)));
    expect(receiver.received).toHaveLength(3);
  });

  it('is waited for in the worker if that takes less than a second', async () => {
    await addEndpoint({ rate: 10 });
    const ids = await emit(4);
    const slept: number[] = [];
    const sleep = (ms: number) => Promise.resolve(void slept.push(ms));
    expect(await attemptEach(ids, { sleep })).toEqual(Array(4).fill('delivered'));
    expect(slept).toEqual([100, 200, 300]);
  });
});

it('keeps what a receiver answered, without secrets and cookies', async () => {
  await addEndpoint();
  const [id = ''] = await emit(1);
  receiver.answer((response) => {
    response
      .writeHead(400, { 'x-why': `bad ${secret}`, 'set-cookie': 'session=1' })
      .end(`no: ${secret}${' x'.repeat(10_000)}`);
  });
  await attempt(id);
  const [made] = await database.orm.select().from(attempts).where(eq(attempts.delivery, id));
  expect(made).toMatchObject({ status: 400, headers: { 'x-why': 'bad [secret]' } });
  expect(made!.headers).not.toHaveProperty('set-cookie');
  const body = Buffer.from(made!.body!);
  expect(body.length).toBeLessThanOrEqual(16 * 1_024);
  expect(body.toString()).toMatch(/^no: \[secret\][ x]+$/);
});
