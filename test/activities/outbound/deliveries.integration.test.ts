import { eq, ne } from 'drizzle-orm';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ActivityDeps } from '../../../activities/create-activities.ts';
import { createDeliveryRecovery } from '../../../activities/outbound/delivery-recovery.ts';
import {
  createDeliveryStarter,
  type StartableDelivery,
  type StartDelivery,
} from '../../../activities/outbound/delivery-starter.ts';
import { readEventType } from '../../../language/check/event-type-file.ts';
import type { EndpointPolicy } from '../../../language/endpoint-policy.ts';
import { defaultCatalogue, noEventTypes } from '../../../language/event-types.ts';
import type { JsonObject } from '../../../language/json.ts';
import type { Database } from '../../../storage/database.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { recordAnswer } from '../../../storage/message-answers.ts';
import { deliveries, endpoints, messages } from '../../../storage/schema.ts';
import { createAnswerActivities } from '../../../activities/outbound-outcome.ts';
import { activityFixture, contextOf, fixtureTime } from '../activity-fixture.ts';
import { endpointRow } from './endpoint-row.ts';

const log = pino({ level: 'silent' });
const at = (seconds: number) => new Date(fixtureTime.getTime() + seconds * 1_000);

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

beforeEach(async () => {
  const endpoint = (id: string, patterns: string[]) =>
    endpointRow({ id, url: `https://${id}.example/hook`, patterns, secret: 'whsec_x' });
  await database.orm
    .insert(endpoints)
    .values([
      endpoint('all', ['*']),
      endpoint('orders', ['payout.paid', 'order.*']),
      endpoint('created', ['order.created']),
      endpoint('payouts', ['payout.*']),
      { ...endpoint('off', ['stock.*']), state: 'disabled' },
      { ...endpoint('paused', ['stock.*']), state: 'paused' },
    ]);
});
afterEach(async () => {
  await database.orm.delete(messages);
  await database.orm.delete(endpoints);
});

const emit = (key: string, type = 'order.created', data: JsonObject = { orderId: 'ord_1' }) => {
  const { activities, started } = activityFixture(database);
  return activities['outbound.emit']({ type, data }, contextOf(key)).then((result) => ({
    result,
    started,
  }));
};
const rows = () => database.orm.select().from(deliveries).orderBy(deliveries.endpoint);
const rowOf = async (id: string) => (await rows()).find((row) => row.id === id);
const states = async () => (await rows()).map(({ endpoint, state }) => `${endpoint} ${state}`);

describe('outbound.outcome', () => {
  const ask = (key: string) => activityFixture(database).activities['outbound.outcome']({}, contextOf(key));

  it('tells which deliveries of the step’s own message have ended without success, once all have ended', async () => {
    await emit('run/tell');
    const asked = ask('run/tell/outcome');
    await expect(asked).rejects.toMatchObject({
      type: 'DeliveryPending',
      nonRetryable: false,
      message: '3 of 3 deliveries have not ended',
      nextRetryDelay: 1_000,
    });
    await database.orm.update(deliveries).set({ state: 'delivered', lastStatus: 204 });
    await database.orm
      .update(deliveries)
      .set({ state: 'exhausted', lastStatus: 500 })
      .where(eq(deliveries.endpoint, 'all'));
    expect(await ask('run/tell/outcome')).toEqual({
      delivered: 2,
      failed: [{ endpoint: 'all', state: 'exhausted', status: 500 }],
    });
  });

  it('looks again when the next attempt is due, at most a minute later', async () => {
    await emit('run/tell', 'payout.late');
    await database.orm.update(deliveries).set({ state: 'started', dueAt: at(20) });
    await expect(ask('run/tell/outcome')).rejects.toMatchObject({ nextRetryDelay: 21_000 });
    await database.orm.update(deliveries).set({ dueAt: at(7_200) });
    await expect(ask('run/tell/outcome')).rejects.toMatchObject({ nextRetryDelay: 60_000 });
  });

  it('tells nothing about the message of another step', async () => {
    await emit('run/tell');
    expect(await ask('run/other/outcome')).toEqual({ delivered: 0, failed: [] });
    await expect(ask('run/tell')).rejects.toMatchObject({ type: 'InputInvalid' });
  });
});

describe('outbound.answer', () => {
  const ackUntil = at(3_600);
  const emitAsking = (changes: Partial<ActivityDeps> = {}) => {
    const { activities } = activityFixture(database, { publicUrl: 'https://hooks.shop.example', ...changes });
    const input = { type: 'order.created', data: {}, ackUntil: ackUntil.toISOString() };
    return activities['outbound.emit'](input, contextOf('run/tell'));
  };
  const ask = (seconds: number, { key = 'run/tell/outcome', closes = false } = {}) =>
    activityFixture(database, { clock: () => at(seconds) }).activities['outbound.answer']({ closes }, contextOf(key));
  const answer = async (seconds: number, endpoint = 'orders') => {
    const delivery = (await rows()).find((row) => row.endpoint === endpoint)!;
    return recordAnswer(database, { delivery: delivery.id, answer: { ok: true }, at: at(seconds) });
  };

  it('tells the first answer, although deliveries are under way or have failed', async () => {
    await emitAsking();
    await database.orm
      .update(deliveries)
      .set({ state: 'refused', lastStatus: 410 })
      .where(eq(deliveries.endpoint, 'all'));
    await answer(1);
    expect(await ask(2)).toEqual({
      delivered: 0,
      failed: [{ endpoint: 'all', state: 'refused', status: 410 }],
      ack: { ok: true },
      by: 'orders',
    });
    expect(await ask(90_000)).toMatchObject({ by: 'orders' });
  });

  it.each([
    [0, 1_000],
    [100, 10_000],
    [3_000, 60_000],
    [3_590, 10_000],
    [3_599.9, 1_000],
  ])('looks again %i s after the question in %i ms', async (seconds, pauseMs) => {
    await emitAsking();
    await database.orm.update(deliveries).set({ state: 'delivered' });
    await expect(ask(seconds)).rejects.toMatchObject({
      type: 'AnswerPending',
      nonRetryable: false,
      nextRetryDelay: pauseMs,
    });
  });

  it('says when it is too late, and takes no answer afterwards', async () => {
    await emitAsking();
    await expect(ask(3_600)).rejects.toMatchObject({ type: 'AnswerLate', nonRetryable: true });
    // By the clock of a server that is behind.
    expect(await answer(3_599)).toBe('late');
    await expect(ask(3_601)).rejects.toMatchObject({ type: 'AnswerLate' });
  });

  it('tells an answer that came in time, although it looks too late', async () => {
    await emitAsking();
    expect(await answer(3_599)).toBe('taken');
    expect(await ask(3_700)).toMatchObject({ ack: { ok: true }, by: 'orders' });
  });

  it('expects no answer once all deliveries have failed, until one is sent again', async () => {
    await emitAsking();
    await database.orm.update(deliveries).set({ state: 'exhausted', lastStatus: 500 });
    expect(await ask(10)).toMatchObject({ delivered: 0, failed: { length: 3 }, ack: null, by: null });
    await database.orm.update(deliveries).set({ state: 'started' }).where(eq(deliveries.endpoint, 'orders'));
    await expect(ask(20)).rejects.toMatchObject({ type: 'AnswerPending' });
    expect(await answer(21)).toBe('taken');
    expect(await ask(22)).toMatchObject({ by: 'orders' });
  });

  it('takes no answer once all deliveries have failed, if the step goes on then', async () => {
    await emitAsking();
    await database.orm.update(deliveries).set({ state: 'exhausted', lastStatus: 500 });
    const outcome = { delivered: 0, failed: { length: 3 }, ack: null, by: null };
    expect(await ask(10, { closes: true })).toMatchObject(outcome);
    expect(await answer(11)).toBe('late');
    // The worker died before it could say so.
    expect(await ask(12, { closes: true })).toMatchObject(outcome);
  });

  it('tells an answer that came in the moment in which all deliveries had failed', async () => {
    await emitAsking();
    await database.orm.update(deliveries).set({ state: 'exhausted', lastStatus: 500 });
    await answer(9);
    expect(await ask(10, { closes: true })).toMatchObject({ ack: { ok: true }, by: 'orders' });
  });

  it('asks again if the step is tried again, and not if it has the answer', async () => {
    const until = (seconds: number) =>
      activityFixture(database, { publicUrl: 'https://hooks.shop.example' }).activities['outbound.emit'](
        { type: 'order.created', data: {}, ackUntil: at(seconds).toISOString() },
        contextOf('run/tell'),
      );
    await until(3_600);
    await expect(ask(3_600)).rejects.toMatchObject({ type: 'AnswerLate' });
    await until(3_600); // A repetition of the same attempt.
    expect(await answer(3_599)).toBe('late');
    await until(7_200);
    await expect(ask(3_700)).rejects.toMatchObject({ type: 'AnswerPending' });
    expect(await answer(3_800)).toBe('taken');
    await until(9_000);
    expect(await ask(8_000)).toMatchObject({ ack: { ok: true }, by: 'orders' });
  });

  it('takes no answer from the moment in which the step has gone on without', async () => {
    await emitAsking();
    const { 'outbound.close': close } = createAnswerActivities({ database, clock: () => at(5) });
    await close({}, contextOf('run/tell/outcome'));
    expect(await answer(6)).toBe('late');
    await expect(close({}, contextOf('run/tell'))).rejects.toMatchObject({ type: 'InputInvalid' });
  });

  it('keeps the answer that came before the step went on without', async () => {
    await emitAsking();
    await answer(4);
    await createAnswerActivities({ database, clock: () => at(5) })['outbound.close']({}, contextOf('run/tell/outcome'));
    expect(await ask(6)).toMatchObject({ ack: { ok: true }, by: 'orders' });
  });

  it('tells nothing about the message of another step, or of one that asks nobody', async () => {
    await emitAsking();
    await answer(1);
    await emit('run/mute');
    await expect(ask(2, { key: 'run/other/outcome' })).rejects.toMatchObject({ type: 'AnswerLate' });
    await expect(ask(2, { key: 'run/mute/outcome' })).rejects.toMatchObject({ type: 'AnswerLate' });
    await expect(ask(2, { key: 'run/tell' })).rejects.toMatchObject({ type: 'InputInvalid' });
  });

  it('is possible only if the worker knows where receivers can answer', async () => {
    const emitting = emitAsking({ publicUrl: null });
    await expect(emitting).rejects.toMatchObject({
      type: 'PublicUrlMissing',
      nonRetryable: false,
      message: expect.stringContaining('Set it to the address under which they reach the receiver') as string,
    });
    expect(await rows()).toEqual([]);
  });
});

describe('outbound.emit', () => {
  it('stores the exact body and one delivery for each endpoint that takes the type', async () => {
    const { result, started } = await emit('emit-1');
    expect(result.deliveries).toBe(3);
    const [message] = await database.orm.select().from(messages);
    expect(message).toMatchObject({
      id: result.messageId,
      type: 'order.created',
      body: '{"type":"order.created","timestamp":"2026-11-25T08:00:00.000Z","data":{"orderId":"ord_1"}}',
    });
    expect(await states()).toEqual(['all pending', 'created pending', 'orders pending']);
    expect(started.map(({ endpoint, url, type }) => ({ endpoint, url, type }))).toEqual([
      { endpoint: 'all', url: 'https://all.example/hook', type: 'order.created' },
      { endpoint: 'created', url: 'https://created.example/hook', type: 'order.created' },
      { endpoint: 'orders', url: 'https://orders.example/hook', type: 'order.created' },
    ]);
  });

  it('refuses a type that only Kait itself sends', async () => {
    const { activities } = activityFixture(database);
    await expect(
      activities['outbound.emit']({ type: 'kait.endpoint.failing', data: {} }, contextOf('emit-own')),
    ).rejects.toMatchObject({ type: 'InputInvalid', message: expect.stringContaining('does not begin with kait.') });
    expect(await database.orm.$count(messages)).toBe(0);
  });

  it('refuses data that is not what the type says, before anything is stored, and says what is wrong without the values', async () => {
    const { eventType } = readEventType(
      { file: 'a.json', text: '{ "example": { "orderId": "ord_1" } }' },
      'order.created',
    );
    const eventTypes = () => ({ ...noEventTypes, byName: new Map([['order.created', eventType!]]) });
    const { activities } = activityFixture(database, { eventTypes });
    const data = { orderId: 4_242, secret: 'x' };
    await expect(
      activities['outbound.emit']({ type: 'order.created', data }, contextOf('emit-1')),
    ).rejects.toMatchObject({
      type: 'InputInvalid',
      nonRetryable: true,
      message:
        'outbound.emit: the data is no order.created: `orderId`: expected a text, got a number; `secret`: is not known',
    });
    expect(await database.orm.$count(messages)).toBe(0);
  });

  it.each([
    ['refuses', new Set<string>(), 'outbound.emit: no file of event-types/ describes order.created'],
    ['still emits, although its file has a mistake,', new Set(['order.created']), undefined],
  ])('%s a type that a strict project does not describe', async (_what, faulty, message) => {
    const eventTypes = () => ({ ...noEventTypes, faulty, about: { ...defaultCatalogue, strict: true } });
    const { activities } = activityFixture(database, { eventTypes });
    const emitted = activities['outbound.emit']({ type: 'order.created', data: {} }, contextOf('emit-1'));
    const failure = await emitted.then(
      () => undefined,
      (error: unknown) => (error as Error).message,
    );
    expect(failure).toBe(message);
  });

  it('keeps what was stored, if the type changes before the step learns of it', async () => {
    const { result } = await emit('emit-1');
    const { eventType } = readEventType(
      { file: 'a.json', text: '{ "example": { "order": "ord_1" } }' },
      'order.created',
    );
    const eventTypes = () => ({ ...noEventTypes, byName: new Map([['order.created', eventType!]]) });
    const { activities } = activityFixture(database, { eventTypes });
    const again = activities['outbound.emit'](
      { type: 'order.created', data: { orderId: 'ord_1' } },
      contextOf('emit-1'),
    );
    expect(await again).toEqual(result);
  });

  it.each([
    ['order.canceled', ['all pending', 'orders pending']],
    ['orders.created', ['all pending']],
    ['order', ['all pending']],
    ['payout.paid', ['all pending', 'orders pending', 'payouts pending']],
  ])('sends %s to those whose patterns take it', async (type, expected) => {
    await emit('emit-2', type);
    expect(await states()).toEqual(expected);
  });

  it('parks what an endpoint would get while it is paused or disabled, and hands none of it over', async () => {
    const { result, started } = await emit('emit-2', 'stock.low');
    expect(result.deliveries).toBe(3);
    expect(await rows()).toMatchObject([
      { endpoint: 'all', state: 'pending', parkedBecause: null },
      { endpoint: 'off', state: 'parked', parkedBecause: 'disabled', claimedUntil: null },
      { endpoint: 'paused', state: 'parked', parkedBecause: 'paused', claimedUntil: null },
    ]);
    expect(started.map(({ endpoint }) => endpoint)).toEqual(['all']);
  });

  it('sends what is for a tenant to its endpoints only, and nothing else to them', async () => {
    await database.orm.update(endpoints).set({ tenant: 'acme' }).where(eq(endpoints.id, 'orders'));
    const { activities } = activityFixture(database);
    await activities['outbound.emit']({ type: 'order.created', data: {}, tenant: 'acme' }, contextOf('emit-1'));
    expect(await states()).toEqual(['orders pending']);
    expect((await rows()).map(({ tenant }) => tenant)).toEqual(['acme']);
    await activities['outbound.emit']({ type: 'order.created', data: {}, tenant: 'other' }, contextOf('emit-2'));
    expect(await states()).toEqual(['orders pending']);
    await activities['outbound.emit']({ type: 'order.created', data: {} }, contextOf('emit-3'));
    expect(await states()).toEqual(['all pending', 'created pending', 'orders pending']);
  });

  const withPolicy = (policy: EndpointPolicy) =>
    database.orm.update(endpoints).set({ policy }).where(eq(endpoints.id, 'created'));

  it.each<[JsonObject, string[]]>([
    [{ country: 'ID' }, ['all pending', 'created pending', 'orders pending']],
    [{ country: 'SG' }, ['all pending', 'orders pending']],
  ])('sends %j to those whose filter takes it', async (data, expected) => {
    await withPolicy({ filter: { '==': [{ var: 'data.country' }, 'ID'] } });
    await emit('emit-2', 'order.created', data);
    expect(await states()).toEqual(expected);
  });

  it('refuses the delivery, and no other, if a filter fails', async () => {
    await withPolicy({ filter: { '==': [{ var: 'data.country' }, 'ID'] } });
    const { result, started } = await emit('emit-2', 'order.created', { total: 5 });
    expect(result.deliveries).toBe(3);
    expect(await states()).toEqual(['all pending', 'created refused', 'orders pending']);
    expect((await rows()).find(({ endpoint }) => endpoint === 'created')).toMatchObject({
      lastError: 'the filter failed: data.country is missing: data has no "country". It has: total.',
      endedAt: fixtureTime,
    });
    expect(started.map(({ endpoint }) => endpoint)).toEqual(['all', 'orders']);
  });

  it.each<[JsonObject, string]>([
    [{ orderId: 'INV-9' }, '=INV-9'],
    [{ total: 5 }, ''],
  ])('keeps %j in order under the key %j', async (data, orderKey) => {
    await withPolicy({ ordering: { fifo: 'data.orderId' } });
    await emit('emit-2', 'order.created', data);
    expect((await rows()).map((row) => row.orderKey)).toEqual([null, orderKey, null]);
  });

  it('hands over nothing and keeps the first body if its key is used again', async () => {
    const first = await emit('emit-3');
    await database.orm.delete(endpoints);
    const again = await emit('emit-3', 'order.canceled');
    expect(again).toEqual({ result: first.result, started: [] });
    const [message] = await database.orm.select().from(messages);
    expect(message?.type).toBe('order.created');
  });
});

describe('the delivery starter', () => {
  const taken = { kind: 'started' as const };
  const away = { kind: 'unavailable' as const, reason: 'down' };
  const starterOf = (startDelivery: StartDelivery, limits = {}) =>
    createDeliveryStarter({
      database,
      clock: () => at(1),
      log,
      startDelivery,
      concurrency: 2,
      capacity: 10,
      ...limits,
    });

  it('marks the deliveries that Temporal took, and leaves the others', async () => {
    const { started } = await emit('start-1');
    let calls = 0;
    const starter = starterOf(({ endpoint }) => {
      calls += 1;
      return Promise.resolve(endpoint === 'orders' ? away : taken);
    });
    starter.start(started);
    await expect.poll(states).toEqual(['all started', 'created started', 'orders pending']);
    await starter.stop();
    expect(calls).toBe(3);
    expect((await rows())[0]?.startedAt).toEqual(at(1));
  });

  it('ends a delivery that can never start as refused, with the reason, and starts the others', async () => {
    const { started } = await emit('start-refused');
    const starter = starterOf(({ endpoint }) =>
      Promise.resolve(endpoint === 'all' ? { kind: 'refused', reason: 'too long', certain: true } : taken),
    );
    starter.start(started);
    await expect.poll(states).toEqual(['all refused', 'created started', 'orders started']);
    await starter.stop();
    const [row] = await database.orm.select().from(deliveries).where(eq(deliveries.endpoint, 'all'));
    expect(row).toMatchObject({ lastError: 'too long', endedAt: at(1), attempts: 0 });
  });

  it('sets a delivery aside whose start fails, without a word against it as long as nothing else starts', async () => {
    const { started } = await emit('start-outage');
    const starter = starterOf(() => Promise.resolve(away));
    starter.start(started);
    await expect.poll(async () => (await rows()).map(({ lastError }) => lastError)).toEqual(['down', 'down', 'down']);
    await starter.stop();
    const found = await rows();
    expect(found.map(({ state, blames }) => `${state} ${blames}`)).toEqual(['pending 0', 'pending 0', 'pending 0']);
    expect(found.map(({ claimedUntil }) => claimedUntil)).toEqual([at(1.5), at(1.5), at(1.5)]);
  });

  it.each([
    ['of unknown cause', { kind: 'failed' as const, reason: 'strange' }, 6],
    ['that look like an outage', away, 16],
  ])(
    'refuses a delivery for failures %s while others start, after five minutes of tries',
    async (_of, fault, tries) => {
      const { started } = await emit('start-poison');
      const [poison, other] = started;
      const starter = starterOf(({ id }) => Promise.resolve(id === poison!.id ? fault : taken), { concurrency: 1 });
      const pauses: (number | undefined)[] = [];
      for (let time = 1; time <= tries; time++) {
        starter.start([poison!, other!]);
        await expect.poll(async () => (await rows()).map(({ lastError }) => lastError)).toContain(fault.reason);
        const claimed = (await rowOf(poison!.id))?.claimedUntil?.getTime();
        pauses.push(claimed);
        await database.orm.update(deliveries).set({ lastError: null }).where(eq(deliveries.id, poison!.id));
      }
      await starter.stop();
      expect(await rowOf(poison!.id)).toMatchObject({ state: 'refused', blames: 5, endedAt: at(1), attempts: 0 });
      expect(await rowOf(other!.id)).toMatchObject({ state: 'started', blames: 0 });
      expect(pauses.filter((until) => until === at(61).getTime())).toHaveLength(5);
    },
  );

  it('does not overwrite the end of a delivery that was quicker', async () => {
    const { started } = await emit('start-2');
    await database.orm.update(deliveries).set({ state: 'delivered' });
    const starter = starterOf(() => Promise.resolve(taken));
    starter.start(started);
    await starter.stop();
    expect(await states()).toEqual(['all delivered', 'created delivered', 'orders delivered']);
  });

  it('keeps to its concurrency and its capacity', async () => {
    const { started } = await emit('start-3');
    const gates: (() => void)[] = [];
    const asked: string[] = [];
    const starter = starterOf(
      ({ endpoint }) => {
        asked.push(endpoint);
        return new Promise((resolve) => gates.push(() => resolve(taken)));
      },
      { concurrency: 1, capacity: 2 },
    );
    starter.start(started);
    expect(asked).toEqual(['all']);
    gates[0]?.();
    await expect.poll(() => asked).toEqual(['all', 'created']);
    gates[1]?.();
    await expect.poll(states).toEqual(['all started', 'created started', 'orders pending']);
    await starter.stop();
    expect(asked).toEqual(['all', 'created']);
  });

  it('accepts nothing once it is stopped', async () => {
    const { started } = await emit('start-4');
    const asked: string[] = [];
    const starter = starterOf(({ id }) => {
      asked.push(id);
      return Promise.resolve(taken);
    });
    await starter.stop();
    starter.start(started);
    expect(asked).toEqual([]);
  });
});

describe('the delivery recovery', () => {
  const recoveryAt = (seconds: number, changes = {}) => {
    const started: StartableDelivery[] = [];
    const recovery = createDeliveryRecovery({
      database,
      clock: () => at(seconds),
      log,
      deliveryStarter: { start: (found) => started.push(...found) },
      intervalMs: 1,
      batchSize: 2,
      ...changes,
    });
    return { recovery, started };
  };

  it('leaves claimed deliveries, then finds each once, in batches', async () => {
    await emit('recover-1');
    const early = recoveryAt(29);
    await early.recovery.recoverOnce();
    expect(early.started).toEqual([]);
    const late = recoveryAt(31);
    await late.recovery.recoverOnce();
    expect(late.started).toHaveLength(2);
    await late.recovery.recoverOnce();
    await late.recovery.recoverOnce();
    expect(late.started.map(({ endpoint }) => endpoint).sort()).toEqual(['all', 'created', 'orders']);
    expect(late.started.every(({ type }) => type === 'order.created')).toBe(true);
  });

  it('takes a delivery that was never tried before older ones that did not start', async () => {
    await emit('recover-fair');
    await database.orm
      .update(deliveries)
      .set({ createdAt: at(5) })
      .where(eq(deliveries.endpoint, 'orders'));
    await database.orm
      .update(deliveries)
      .set({ claimedUntil: at(60) })
      .where(ne(deliveries.endpoint, 'orders'));
    const { recovery, started } = recoveryAt(61, { batchSize: 1 });
    await recovery.recoverOnce();
    expect(started.map(({ endpoint }) => endpoint)).toEqual(['orders']);
  });

  it('gives each delivery to only one of two concurrent rounds', async () => {
    await emit('recover-2');
    const [one, other] = [recoveryAt(31, { batchSize: 10 }), recoveryAt(31, { batchSize: 10 })];
    await Promise.all([one.recovery.recoverOnce(), other.recovery.recoverOnce()]);
    expect([...one.started, ...other.started]).toHaveLength(3);
  });

  it('starts deliveries again whose next attempt is ten minutes overdue, every ten minutes', async () => {
    await emit('recover-3');
    await database.orm.update(deliveries).set({ state: 'started', dueAt: at(0) });
    const early = recoveryAt(599);
    await early.recovery.recoverOnce();
    expect(early.started).toEqual([]);
    const late = recoveryAt(601, { batchSize: 10 });
    await late.recovery.recoverOnce();
    await late.recovery.recoverOnce();
    expect(late.started.map(({ endpoint }) => endpoint).sort()).toEqual(['all', 'created', 'orders']);
    expect(await states()).toEqual(['all started', 'created started', 'orders started']);
    const later = recoveryAt(1_202, { batchSize: 10 });
    await later.recovery.recoverOnce();
    expect(later.started).toHaveLength(3);
  });

  it('leaves deliveries that have ended or wait for their next attempt', async () => {
    await emit('recover-5');
    await database.orm.update(deliveries).set({ state: 'started', dueAt: at(36_000) });
    await database.orm
      .update(deliveries)
      .set({ state: 'exhausted', dueAt: at(0) })
      .where(eq(deliveries.endpoint, 'all'));
    const { recovery, started } = recoveryAt(35_000);
    await recovery.recoverOnce();
    expect(started).toEqual([]);
  });

  it('continues after a failure, until it is stopped', async () => {
    await emit('recover-4');
    let looks = 0;
    const { recovery } = recoveryAt(31, {
      deliveryStarter: {
        start: () => {
          looks += 1;
          throw new Error('broken');
        },
      },
    });
    recovery.start();
    await expect.poll(() => looks).toBeGreaterThan(2);
    await recovery.stop();
    const stopped = looks;
    await recovery.recoverOnce().catch(() => undefined);
    expect(looks).toBe(stopped + 1);
  });
});
