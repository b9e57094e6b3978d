import { asc } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Json } from '../../../../language/json.ts';
import { loadStoredEvent } from '../../../../server/gateway/ask/stored-event.ts';
import { readData } from '../../../../server/gateway/read-events.ts';
import type { Database } from '../../../../storage/database.ts';
import { events } from '../../../../storage/schema.ts';
import { startHttpReceiver, type HttpReceiver } from '../../../activities/http-receiver.ts';
import { openTestDatabase } from '../../../services/open-test-database.ts';
import { deleteEvents, storedEvents } from '../../stored-events.ts';
import { presetWith, shippedPreset } from '../gateways.ts';
import { askedAtMs, openAskFixture, type AskFixture } from './ask-fixture.ts';

const api = { live: 'https://api.example.com' };
const headers = { authorization: 'Bearer {key}', 'x-account': '{item:/account | opt}' };

/** Sends batches whose events name a payment; the amount is only in the API. */
const batches = presetWith({
  event: { items: '/events/*', id: 'item:/id', type: ['item:/action'], tenant: ['json:/meta/shop'] },
  types: [{ match: { 'item:/action': ['paid'] }, type: 'payment.succeeded' }],
  payments: [
    {
      match: { 'item:/action': ['paid'] },
      id: ['item:/ref'],
      amount: { from: ['item:/fetched/payment/amount'], unit: 'minor' },
      currency: ['text:IDR'],
    },
  ],
  redact: ['/fetched/payment/card'],
  fetch: {
    api,
    into: '/fetched',
    cases: [
      {
        match: { 'item:/action': ['paid'] },
        request: { url: '{api}/payments/{item:/ref}', headers },
        answer: { found: { 'json:/payment/id': [{ pattern: '.+' }] } },
      },
      { match: { 'item:/action': ['refunded'] }, request: { url: '{api}/refunds/{item:/refund}', headers } },
    ],
  },
});

/** The reference of an order is in the only member of a list. */
const singles = presetWith({
  event: {
    id: 'json:/id',
    type: ['json:/type'],
    live: [{ match: { 'header:x-environment': ['Sandbox'] }, is: false }],
  },
  types: [{ match: { 'json:/type': ['paid'] }, type: 'payment.succeeded' }],
  payments: [{ id: ['json:/ref'], orderId: ['json:/session/order'] }],
  fetch: {
    api,
    into: '/session',
    cases: [
      {
        request: { url: '{api}/sessions?payment={json:/ref}', headers: { authorization: 'Bearer {key}' } },
        answer: { found: { 'json:/object': ['list'] } },
        at: '/data/0',
      },
    ],
  },
});

let database: Database;
let gateway: HttpReceiver;
let kait: AskFixture;
let nowMs = askedAtMs;

beforeAll(async () => {
  database = await openTestDatabase();
  gateway = await startHttpReceiver();
  kait = openAskFixture({
    database,
    presets: new Map([
      ['batches', { ...batches, name: 'batches' }],
      ['singles', { ...singles, name: 'singles' }],
      ['gocardless', await shippedPreset('gocardless')],
    ]),
    sources: {
      batches: { gateway: 'batches', secrets: ['S'] },
      singles: { gateway: 'singles', secrets: ['S'] },
      gocardless: { gateway: 'gocardless', secrets: ['S'] },
    },
    apiUrl: gateway.origin,
    nowMs: () => nowMs,
  });
});
afterAll(async () => {
  await kait.close();
  await gateway.close();
  await database.close();
});
beforeEach(async () => {
  nowMs = askedAtMs;
  gateway.received.length = 0;
  await deleteEvents(database);
});

const paid = { id: 'EV1', action: 'paid', ref: 'P/1' };
const payment = { payment: { id: 'P/1', amount: 250_000, card: '4111' } };
const batch = (...items: object[]) => JSON.stringify({ events: items, meta: { shop: 'toko' } });
const answer = (status: number, body: Json) =>
  gateway.answer((response) => response.writeHead(status).end(JSON.stringify(body)));
const follow = (eventId: string, source = 'batches') =>
  kait.client.fetch({ source, eventId, signal: new AbortController().signal });

async function storedAs(eventId: string) {
  return (await storedEvents(database)).find((row) => row.eventId === eventId);
}
const allStored = async () =>
  (await database.orm.select().from(events).orderBy(asc(events.id))).map(({ eventId, type }) => `${eventId} ${type}`);

it('stores the event once, with the answer in it, under its own id', async () => {
  await kait.receive('batches', batch({ id: 'EV0', action: 'created' }, paid));
  answer(200, payment);

  expect(await follow('notice:EV1')).toEqual({ kind: 'fetched', stored: 1, known: 0 });
  expect(await follow('notice:EV1')).toEqual({ kind: 'fetched', stored: 0, known: 1 });

  expect(await allStored()).toEqual(['EV0 batches:created', 'notice:EV1 batches:notice', 'EV1 payment.succeeded']);
  expect(gateway.received.map(({ path, headers: sent }) => [path, sent.authorization, sent['x-account']])).toEqual([
    ['/payments/P%2F1', 'Bearer the-api-key', undefined],
  ]);
  expect(await storedAs('EV1')).toMatchObject({
    state: 'pending',
    item: 0,
    duplicates: 0,
    contentType: 'application/json',
    receivedAt: new Date(askedAtMs),
    envelope: { tenant: 'toko', payment: { id: 'P/1', amount: 250_000, currency: 'IDR' } },
  });
});

it('asks GoCardless for the amount that its events never have', async () => {
  const confirmed = {
    ...{ id: 'EV14', resource_type: 'payments', action: 'confirmed', links: { payment: 'PM14' }, metadata: {} },
    ...{ created_at: '2026-11-20T10:00:00.000Z', resource_metadata: { order_id: 'C14' } },
  };
  await kait.receive('gocardless', JSON.stringify({ events: [confirmed], meta: { webhook_id: 'WB14' } }));
  answer(200, { payments: { id: 'PM14', amount: 1500, currency: 'GBP', status: 'confirmed' } });

  expect(await follow('notice:EV14', 'gocardless')).toEqual({ kind: 'fetched', stored: 1, known: 0 });
  expect(gateway.received.map(({ path, headers: sent }) => [path, sent['gocardless-version']])).toEqual([
    ['/payments/PM14', '2015-07-06'],
  ]);
  expect(await storedAs('EV14')).toMatchObject({
    envelope: { type: 'payment.succeeded', payment: { id: 'PM14', orderId: 'C14', amount: 1500, currency: 'GBP' } },
  });
});

it('keeps a body that is read again as the event was: for its data, redacted, and for questions', async () => {
  await kait.receive('batches', batch({ id: 'EV0', action: 'created' }, paid));
  answer(200, payment);
  await follow('notice:EV1');

  const { body, contentType = '', item } = (await storedAs('EV1'))!;
  const data = { ...paid, fetched: { payment: { id: 'P/1', amount: 250_000 } } };
  expect(readData(batches, body!, contentType)(item)).toEqual(data);
  const source = { name: 'batches', preset: batches, settings: {} } as Parameters<typeof loadStoredEvent>[1];
  const again = await loadStoredEvent(database, source, 'EV1');
  expect(again?.view.item()).toEqual({ ...paid, fetched: payment });
});

it('asks the question of the first case that matches', async () => {
  await kait.receive('batches', batch({ id: 'EV2', action: 'refunded', refund: 'R1', account: 'acct_1' }));
  answer(200, { amount: 1 });

  expect(await follow('notice:EV2')).toEqual({ kind: 'fetched', stored: 1, known: 0 });
  expect(gateway.received.map(({ path, headers: sent }) => [path, sent['x-account']])).toEqual([
    ['/refunds/R1', 'acct_1'],
  ]);
});

it('takes the part of the answer that "at" names', async () => {
  await kait.receive('singles', '{"id":"e1","type":"paid","ref":"pi_1"}');
  answer(200, { object: 'list', data: [{ order: 'SHOP-1001' }] });

  expect(await follow('notice:e1', 'singles')).toEqual({ kind: 'fetched', stored: 1, known: 0 });
  expect(await storedAs('e1')).toMatchObject({ envelope: { payment: { id: 'pi_1', orderId: 'SHOP-1001' } } });
});

it.each([
  ['with the answer', 200, { object: 'list', data: [{ order: 'SHOP-1001' }] }],
  ['without one', 404, { message: 'unknown' }],
])('stores what a header said about live, %s', async (_how, status, body) => {
  await kait.receive('singles', '{"id":"e1","type":"paid","ref":"pi_1"}', undefined, { 'x-environment': 'Sandbox' });
  answer(status, body);
  await follow('notice:e1', 'singles');

  expect(await storedAs('e1')).toMatchObject({ envelope: { live: false } });
});

it.each([
  ['the gateway does not know the thing', 404, { message: 'unknown' }],
  ['the list is empty', 200, { object: 'list', data: [] }],
])('stores the event as it came if %s', async (_what, status, body) => {
  const text = '{"id":"e1","type":"paid","ref":"pi_1"}';
  await kait.receive('singles', text);
  answer(status, body);

  expect(await follow('notice:e1', 'singles')).toEqual({ kind: 'incomplete', reason: null, stored: 1, known: 0 });
  const row = await storedAs('e1');
  expect(row).toMatchObject({ state: 'pending', envelope: { payment: { id: 'pi_1', orderId: null } } });
  expect(row!.body!.toString()).toBe(text);
});

it.each([
  [503, { message: 'maintenance' }, 'answered 503'],
  [401, { message: 'wrong key' }, 'answered 401. Check the API key in API_KEY'],
  [200, { error: 'internal' }, 'answered 200 with an error in the body'],
])('asks again after an answer of %i for a day, then stores the event as it came', async (status, body, why) => {
  await kait.receive('batches', batch(paid));
  answer(status, body);
  const reason = `GET {api}/payments/{item:/ref}: ${why}`;

  nowMs = askedAtMs + 24 * 60 * 60 * 1_000 - 1;
  expect(await follow('notice:EV1')).toMatchObject({ kind: 'unavailable', reason });
  expect(await allStored()).toEqual(['notice:EV1 batches:notice']);
  nowMs = askedAtMs + 24 * 60 * 60 * 1_000;
  expect(await follow('notice:EV1')).toEqual({ kind: 'incomplete', reason, stored: 1, known: 0 });
  expect(await storedAs('EV1')).toMatchObject({ envelope: { payment: { id: 'P/1', amount: null } } });
});

it.each([
  [400, { message: 'bad request' }, 'GET {api}/payments/{item:/ref}: answered 400'],
  [200, { payment: { id: 'P1', text: 'x'.repeat(1_100_000) } }, 'The event cannot be read with the answer in it'],
])('stores the event as it came at once if asking again would not help, after %i', async (status, body, reason) => {
  await kait.receive('batches', batch(paid));
  answer(status, body);

  expect(await follow('notice:EV1')).toEqual({ kind: 'incomplete', reason, stored: 1, known: 0 });
});

it.each([
  ['..', 'no usable path without . and ..'],
  [undefined, 'no usable item:/ref'],
])('asks nothing about the reference %s, and stores the event as it came', async (ref, why) => {
  await kait.receive('batches', batch({ ...paid, ref }));

  expect(await follow('notice:EV1')).toEqual({
    kind: 'incomplete',
    reason: `GET {api}/payments/{item:/ref}: ${why}`,
    stored: 1,
    known: 0,
  });
  expect(gateway.received).toEqual([]);
});

it('stores one event for redeliveries, in other batches and after the answer, and asks once', async () => {
  await kait.receive('batches', batch(paid));
  await kait.receive('batches', batch({ id: 'EV0', action: 'created' }, paid));
  expect(await allStored()).toEqual(['notice:EV1 batches:notice', 'EV0 batches:created']);
  answer(200, payment);
  await follow('notice:EV1');
  await kait.receive('batches', batch(paid));
  await follow('notice:EV1');

  expect(await allStored()).toEqual(['notice:EV1 batches:notice', 'EV0 batches:created', 'EV1 payment.succeeded']);
  expect(gateway.received).toHaveLength(1);
});

it('reports a notice that it does not have', async () => {
  expect(await follow('notice:EV9')).toEqual({
    kind: 'event-unknown',
    reason: 'The inbox has no such event, or its body is gone',
  });
});
