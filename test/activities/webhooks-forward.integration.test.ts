import { createHmac } from 'node:crypto';
import { asc, eq } from 'drizzle-orm';
import pino from 'pino';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import type { Dispatcher } from 'undici';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ActivityInput } from '../../activities/engine-activities.ts';
import { deliver } from '../../activities/deliver.ts';
import { parseNetworks } from '../../http/networks.ts';
import { createGuardedAgent } from '../../http/guarded-agent.ts';
import type { Database } from '../../storage/database.ts';
import { openPostgres } from '../../storage/open-postgres.ts';
import { bodies, deliveries, endpoints, events, messages } from '../../storage/schema.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { startPostgres, type PostgresServer } from '../services/postgres.ts';
import { activityFixture, contextOf, fixtureTime } from './activity-fixture.ts';
import { type HttpReceiver, type ReceivedRequest, startHttpReceiver } from './http-receiver.ts';
import { storeRequest } from './store-request.ts';
import { endpointRow, secretKeys } from './outbound/endpoint-row.ts';

const kaitSecret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const stripeSecret = 'whsec_of_the_gateway';
const fixtureSeconds = 1_795_593_600;

let postgres: PostgresServer;
let receiver: HttpReceiver;
let dispatcher: Dispatcher;
beforeAll(async () => {
  postgres = await startPostgres({ fsync: 'off' });
  dispatcher = createGuardedAgent({
    allow: parseNetworks(['127.0.0.0/8']),
    resolve: () => Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
  });
});
afterAll(async () => {
  await dispatcher.destroy();
  await postgres.stop();
});
beforeEach(async () => {
  receiver = await startHttpReceiver();
});
afterEach(() => receiver.close());

async function openPostgresDatabase(): Promise<Database> {
  return openPostgres(await postgres.createDatabase('forward'), {
    connections: 4,
    onError: () => undefined, // Connections that idle when the server is stopped.
  });
}

describe.each([
  ['PGlite', openTestDatabase],
  ['PostgreSQL', openPostgresDatabase],
])('webhooks.forward over %s', (_name, openDatabase) => {
  let database: Database;
  beforeAll(async () => {
    database = await openDatabase();
  });
  afterAll(() => database.close());
  afterEach(async () => {
    for (const table of [events, messages, endpoints]) await database.orm.delete(table);
  });

  function addEndpoint(id: string, patterns: string[]) {
    const row = endpointRow({ id, url: `${receiver.origin}/${id}`, patterns, secret: kaitSecret });
    return database.orm.insert(endpoints).values(row);
  }

  function forward(key: string, input: ActivityInput<'webhooks.forward'> = {}, context = contextOf(key)) {
    const { activities, started } = activityFixture(database);
    return activities['webhooks.forward'](input, context).then((output) => ({ output, started }));
  }

  async function deliverAll(): Promise<ReceivedRequest[]> {
    const rows = await database.orm.select().from(deliveries).orderBy(asc(deliveries.endpoint));
    for (const { id } of rows) {
      const log = pino({ level: 'silent' });
      const sending = {
        ...{ random: () => 0.5, schedule: [0], userAgent: 'Kait/test', secretKeys },
        ...{ sleep: () => Promise.resolve(), release: () => undefined },
      };
      await deliver({ database, clock: () => fixtureTime, log, dispatcher, ...sending }, { deliveryId: id });
    }
    return receiver.received;
  }

  it('forwards bytes and headers that the libraries of the gateway and of Standard Webhooks both verify', async () => {
    const payload =
      '{\r\n  "id": "evt_1",  "object":"event",\n\t"amount": 1.0, "name": "J\\u006fsé \\/ 🦊", "id": "evt_2"\n}\n';
    const signature = Stripe.webhooks.generateTestHeaderString({
      payload,
      secret: stripeSecret,
      timestamp: fixtureSeconds,
    });
    const contentType = 'application/json; charset=UTF-8';
    await storeRequest(database, {
      eventId: 'evt_1',
      body: Buffer.from(payload),
      contentType,
      headers: { 'stripe-signature': signature, 'x-note': 'Jos\u00e9' },
    });
    await addEndpoint('legacy', ['forward.stripe.*']);
    expect((await forward('relay')).output).toMatchObject({ deliveries: 1 });
    const [request] = await deliverAll();

    expect(request!.bytes).toEqual(Buffer.from(payload));
    expect(request).toMatchObject({
      method: 'POST',
      path: '/legacy',
      headers: { 'content-type': contentType, 'x-note': 'Jos\u00e9', 'user-agent': 'Kait/test' },
    });
    const received = request!.headers['stripe-signature']!;
    const event = Stripe.webhooks.constructEvent(
      request!.bytes,
      received,
      stripeSecret,
      300,
      undefined,
      fixtureSeconds,
    );
    expect(event.id).toBe('evt_2');
    vi.useFakeTimers({ toFake: ['Date'], now: fixtureTime });
    const headers = request!.headers as Record<string, string>;
    expect(new Webhook(kaitSecret).verify(request!.bytes, headers)).toMatchObject({ amount: 1 });
    vi.useRealTimers();
  });

  it('forwards bytes that are not text, and signs them unchanged', async () => {
    const body = Buffer.from([0x7b, 0xff, 0x00, 0xc3, 0x28, 0x0d, 0x0a, 0x7d]);
    await storeRequest(database, { eventId: 'evt_1', body, contentType: '' });
    await addEndpoint('legacy', ['forward.*']);
    const { output } = await forward('relay');
    const [request] = await deliverAll();
    expect(request!.bytes).toEqual(body);
    expect(request!.headers).not.toHaveProperty('content-type');
    const signed = Buffer.concat([Buffer.from(`${output.messageId}.1795593600.`), body]);
    const key = Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64');
    expect(request!.headers['webhook-signature']).toBe(
      `v1,${createHmac('sha256', key).update(signed).digest('base64')}`,
    );
  });

  it('keeps Kait’s signature if the gateway signs with Standard Webhooks too', async () => {
    const body = '{"id":"evt_1"}';
    const gateway = new Webhook('whsec_c2VjcmV0IG9mIHRoZSBnYXRld2F5ISEhISE=');
    const signed = {
      'webhook-id': 'wh_of_the_gateway',
      'webhook-timestamp': String(fixtureSeconds),
      'webhook-signature': gateway.sign('wh_of_the_gateway', fixtureTime, body),
    };
    await storeRequest(database, { eventId: 'evt_1', body: Buffer.from(body), headers: signed });
    await addEndpoint('legacy', ['forward.*']);
    const { output } = await forward('relay');
    const [request] = await deliverAll();
    const headers = request!.headers as Record<string, string>;
    expect(headers['webhook-id']).toBe(output.messageId);
    const originals = {
      'webhook-id': headers['x-original-webhook-id']!,
      'webhook-timestamp': headers['x-original-webhook-timestamp']!,
      'webhook-signature': headers['x-original-webhook-signature']!,
    };
    vi.useFakeTimers({ toFake: ['Date'], now: fixtureTime });
    expect(new Webhook(kaitSecret).verify(request!.bytes, headers)).toEqual({ id: 'evt_1' });
    expect(gateway.verify(request!.bytes, originals)).toEqual({ id: 'evt_1' });
    vi.useRealTimers();
  });

  it('reaches only the endpoints that subscribe to the event’s source and type', async () => {
    await storeRequest(database, { eventId: 'evt_1' });
    await addEndpoint('all-forwarded', ['forward.*']);
    await addEndpoint('every-emitted', ['*']);
    await addEndpoint('other-source', ['forward.xendit.*']);
    await addEndpoint('refunds', ['forward.stripe.payment.refunded']);
    await addEndpoint('successes', ['order.*', 'forward.stripe.payment.succeeded']);
    const { output, started } = await forward('relay');
    expect(output.deliveries).toBe(2);
    const type = 'forward.stripe.payment.succeeded';
    expect(started.map(({ endpoint, type }) => ({ endpoint, type }))).toEqual([
      { endpoint: 'all-forwarded', type },
      { endpoint: 'successes', type },
    ]);
    expect((await deliverAll()).map(({ path }) => path)).toEqual(['/all-forwarded', '/successes']);
  });

  it('forwards the run’s own event if the step names no other', async () => {
    for (const source of ['stripe', 'xendit']) {
      await storeRequest(database, { source, eventId: 'evt_1', body: Buffer.from(source) });
    }
    await addEndpoint('legacy', ['forward.*']);
    await forward('relay', {}, { ...contextOf('relay'), source: 'xendit' });
    expect((await deliverAll()).map(({ body }) => body)).toEqual(['xendit']);
  });

  it('forwards only the chosen headers, for an event that the step names', async () => {
    const headers = { 'x-callback-token': 'secret of the endpoint', 'webhook-id': 'wh_9' };
    await storeRequest(database, { eventId: 'inv-9', source: 'xendit', type: 'xendit:invoice paid', headers });
    await addEndpoint('legacy', ['forward.xendit.xendit_invoice_paid']);
    await forward('relay', { source: 'xendit', eventId: 'inv-9', headers: ['Webhook-Id'] });
    const [request] = await deliverAll();
    expect(request!.headers).toMatchObject({ 'x-original-webhook-id': 'wh_9' });
    expect(request!.headers).not.toHaveProperty('x-callback-token');
  });

  it('returns the first result for a repeat, even if endpoints and the body have changed since', async () => {
    await storeRequest(database, { eventId: 'evt_1' });
    await addEndpoint('legacy', ['forward.*']);
    const first = await forward('relay');
    await addEndpoint('later', ['forward.*']);
    const second = await forward('relay');
    await database.orm.delete(bodies);
    const third = await forward('relay');
    expect([second.output, third.output]).toEqual([first.output, first.output]);
    expect([first, second, third].map(({ started }) => started.length)).toEqual([1, 0, 0]);
    expect(await deliverAll()).toHaveLength(1);
  });

  it('forwards a request once to an endpoint if several definitions do so, and again with other headers', async () => {
    await storeRequest(database, { eventId: 'evt_1', headers: { 'stripe-signature': 't=1,v1=ab' } });
    await addEndpoint('legacy', ['forward.*']);
    const one = await forward('accounting/stripe/evt_1/relay');
    const same = await forward('archive/stripe/evt_1/relay');
    const bare = await forward('archive/stripe/evt_1/bare', { headers: [] });
    expect([one, same, bare].map(({ output }) => output.deliveries)).toEqual([1, 0, 1]);
    const received = await deliverAll();
    expect(received.map(({ headers }) => headers['stripe-signature'] ?? 'none').sort()).toEqual(['none', 't=1,v1=ab']);
  });

  it('forwards a batch once to each endpoint, although each of its events forwards it', async () => {
    const body = Buffer.from('{"events":[{"id":"EV1"},{"id":"EV2"},{"id":"EV3"}]}');
    const types = ['payment.succeeded', 'payment.refunded', 'payment.refunded'];
    for (const [item, type] of types.entries())
      await storeRequest(database, { eventId: `EV${item}`, body, item, type });
    await addEndpoint('refunds', ['forward.stripe.payment.refunded']);
    await addEndpoint('everything', ['forward.*']);
    const forwarded = await Promise.all(types.map((_, item) => forward(`relay-${item}`, { eventId: `EV${item}` })));
    const counts = forwarded.map(({ output }) => output.deliveries);
    expect(counts.reduce((sum, each) => sum + each)).toBe(2);
    expect((await deliverAll()).map(({ path, body }) => `${path} ${body}`)).toEqual([
      `/everything ${body.toString()}`,
      `/refunds ${body.toString()}`,
    ]);
    const kept = await database.orm.select().from(messages);
    expect(kept).toHaveLength(3);
    expect(kept.filter(({ raw }) => raw !== null)).toHaveLength(counts.filter((each) => each > 0).length);
  });

  it('forwards a batch that contains one new event and old ones', async () => {
    const cutOnce = Buffer.from('{"events":[{"id":"EV0"}]}');
    const cutAgain = Buffer.from('{"events":[{"id":"EV0"},{"id":"EV1"}]}');
    await storeRequest(database, { eventId: 'EV0', body: cutOnce });
    await storeRequest(database, { eventId: 'EV1', body: cutAgain, item: 1, receivedAt: fixtureTime });
    await addEndpoint('legacy', ['forward.*']);
    const first = await forward('EV0', { eventId: 'EV0' });
    const second = await forward('EV1', { eventId: 'EV1' });
    expect([first, second].map(({ output }) => output.deliveries)).toEqual([1, 1]);
    expect((await deliverAll()).map(({ body }) => body).sort()).toEqual(
      [cutOnce.toString(), cutAgain.toString()].sort(),
    );
  });

  it('distinguishes requests with equal bodies by their arrival and their headers', async () => {
    const body = Buffer.from('id=tr_1');
    await storeRequest(database, { eventId: 'tr_1 open', body });
    await storeRequest(database, { eventId: 'tr_1 paid', body, receivedAt: new Date('2026-11-25T07:59:59.001Z') });
    await storeRequest(database, { eventId: 'tr_1 again', body, headers: { 'x-request-id': 'r2' } });
    await addEndpoint('legacy', ['forward.*']);
    for (const state of ['open', 'paid', 'again']) await forward(state, { eventId: `tr_1 ${state}` });
    expect(await deliverAll()).toHaveLength(3);
  });

  it.each<[what: string, ActivityInput<'webhooks.forward'>, type: string, message: string]>([
    ['the event is unknown', { eventId: 'none' }, 'EventUnknown', 'The inbox has no event none of stripe'],
    ['the source is unknown', { source: 'xendit' }, 'EventUnknown', 'The inbox has no event evt_1 of xendit'],
    [
      'the body has been deleted',
      { eventId: 'emptied' },
      'RequestNotKept',
      'webhooks.forward: the body of emptied of stripe is no longer kept (keepBodies)',
    ],
    [
      'a header was not kept',
      { eventId: 'whole', headers: ['svix-id'] },
      'RequestNotKept',
      'webhooks.forward: the header "svix-id" was not kept. ' +
        'The request had none, or `keepHeaders` of its source does not list it',
    ],
  ])('fails permanently and stores nothing if %s', async (_what, input, type, message) => {
    await addEndpoint('legacy', ['forward.*']);
    await storeRequest(database, { eventId: 'emptied', body: null });
    await storeRequest(database, { eventId: 'whole' });
    await expect(forward('relay', input)).rejects.toMatchObject({ type, nonRetryable: true, message });
    expect(await database.orm.$count(messages)).toBe(0);
  });

  it('stores no copy of a request that no endpoint wants', async () => {
    await storeRequest(database, { eventId: 'evt_1' });
    const { output } = await forward('relay');
    expect(output.deliveries).toBe(0);
    const [message] = await database.orm.select().from(messages).where(eq(messages.id, output.messageId));
    expect(message).toMatchObject({ type: 'forward.stripe.payment.succeeded', body: '', raw: null, headers: null });
  });
});
