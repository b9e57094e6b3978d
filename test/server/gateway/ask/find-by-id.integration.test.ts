import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../../language/json.ts';
import { loadPresets } from '../../../../server/gateway/presets.ts';
import { findSample } from '../../../../server/gateway/sample-files.ts';
import type { Database } from '../../../../storage/database.ts';
import { events } from '../../../../storage/schema.ts';
import { startHttpReceiver, type HttpReceiver } from '../../../activities/http-receiver.ts';
import { openTestDatabase } from '../../../services/open-test-database.ts';
import { presetsFolder, samplesFolder } from '../gateways.ts';
import { openAskFixture, type AskFixture } from './ask-fixture.ts';

let database: Database;
let gateway: HttpReceiver;
let kait: AskFixture;

const { signal } = new AbortController();
const lookBackMs = 24 * 60 * 60 * 1_000;

beforeAll(async () => {
  database = await openTestDatabase();
  gateway = await startHttpReceiver();
  kait = openAskFixture({
    database,
    presets: await loadPresets(presetsFolder),
    sources: {
      stripe: { gateway: 'stripe', secrets: ['S'], test: true },
      midtrans: { gateway: 'midtrans', secrets: ['S'], test: true },
      lemonsqueezy: { gateway: 'lemonsqueezy', secrets: ['S'], test: true },
      tripay: { gateway: 'tripay', secrets: ['S'], test: true },
      woocommerce: { gateway: 'woocommerce', secrets: ['S'] },
      github: { gateway: 'github', secrets: ['S'], settings: { owner: 'toko', repository: 'katalog', hookId: '7' } },
      mollie: { gateway: 'mollie_classic', pathSecret: 'P', test: true },
      mercadopago: { gateway: 'mercadopago', secrets: ['S'], test: true },
      xendit: { gateway: 'xendit', secrets: ['S'] },
      adyen: { gateway: 'adyen', secrets: ['S'] },
    },
    apiUrl: gateway.origin,
  });
});
afterAll(async () => {
  await kait.close();
  await gateway.close();
  await database.close();
});
beforeEach(async () => {
  await database.orm.delete(events);
  gateway.received.length = 0;
  kait.setKey('API_KEY', 'the-api-key');
});

const find = (source: string, id: string) => kait.client.find({ source, id, lookBackMs, signal });
const paths = () => gateway.received.map(({ path }) => path);
const inbox = async () => (await database.orm.select().from(events)).map(({ eventId }) => eventId).sort();

/** The gateway answers everything with this. */
function answerAll(body: Json, status = 200): void {
  gateway.answer((response) => response.writeHead(status).end(JSON.stringify(body)));
}

/** The gateway answers paths that begin like this, and says 404 to others. */
function answerAt(answers: Record<string, Json>): void {
  gateway.answer((response, { path }) => {
    const [, body] = Object.entries(answers).find(([start]) => path.startsWith(start)) ?? [];
    response.writeHead(body === undefined ? 404 : 200).end(JSON.stringify(body ?? { status: 404, message: 'unknown' }));
  });
}

async function bodyOf(preset: string, sample: string): Promise<JsonObject> {
  return JSON.parse((await findSample(samplesFolder, preset, sample)).body) as JsonObject;
}

/** What each gateway says about something that it knows, by what people call it. */
const known: [source: string, id: string, answers: () => Promise<Record<string, Json>>][] = [
  ['stripe', 'evt_', async () => ({ '/v1/events': { data: [{ ...(await bodyOf('stripe', 'payment_intent.succeeded')), id: 'evt_' }] } })], // prettier-ignore
  ['stripe', 'pi_mine', async () => { const body = await bodyOf('stripe', 'payment_intent.succeeded'); const data = body.data as { object: JsonObject }; return { '/v1/events': { data: [{ ...body, data: { object: { ...data.object, id: 'pi_mine' } } }] } }; }], // prettier-ignore
  ['midtrans', 'INV-7', async () => ({ '/v2/INV-7/status': { ...(await bodyOf('midtrans', 'settlement')), order_id: 'INV-7' } })], // prettier-ignore
  ['lemonsqueezy', '5310001', async () => ({ '/v1/orders': { data: [(await bodyOf('lemonsqueezy', 'order_created')).data as Json] } })], // prettier-ignore
  ['tripay', 'INV-7', async () => ({ '/merchant/transactions': { success: true, data: [{ ...(await bodyOf('tripay', 'PAID')), merchant_ref: 'INV-7' }] } })], // prettier-ignore
  ['woocommerce', '727', async () => ({ '/wp-json/wc/v3/orders': [{ ...(await bodyOf('woocommerce', 'order.updated')), id: 727 }] })], // prettier-ignore
  ['github', 'guid-2', () => Promise.resolve({ '/repos/toko/katalog/hooks/7/deliveries?': [{ id: 2, guid: 'guid-2', event: 'push', delivered_at: '2026-01-01T00:30:00Z' }, { id: 3, guid: 'guid-3', event: 'push', delivered_at: '2026-01-01T00:20:00Z' }], '/repos/toko/katalog/hooks/7/deliveries/2': { request: { payload: { ref: 'refs/heads/main' } } } })], // prettier-ignore
  ['mollie', 'tr_1', () => Promise.resolve({ '/v2/payments/tr_1': { resource: 'payment', id: 'tr_1', status: 'paid', amount: { value: '24.95', currency: 'EUR' } } })], // prettier-ignore
  ['mercadopago', '999', () => Promise.resolve({ '/v1/payments/999': { id: 999, status: 'approved', transaction_amount: 10, transaction_amount_refunded: 0, currency_id: 'BRL' } })], // prettier-ignore
];

describe.each(known)('%s, asked about %s', (source, id, answers) => {
  it('stores what it says once, under the id that the webhook would have had', async () => {
    answerAt(await answers());
    const first = await find(source, id);
    expect(first).toMatchObject({ kind: 'found', asked: 1, events: [{ stored: true }] });
    const { events: found } = first as { events: { eventId: string; type: string }[] };
    expect(await inbox()).toEqual(found.map(({ eventId }) => eventId).sort());
    expect(await find(source, id)).toEqual({
      ...first,
      events: found.map((event) => ({ ...event, stored: false })),
    });
    expect(await inbox()).toHaveLength(found.length);
  });

  it('stores one if two people ask at once', async () => {
    answerAt(await answers());
    const both = await Promise.all([find(source, id), find(source, id)]);
    const stored = both.flatMap((each) => (each as { events: { stored: boolean }[] }).events.map((one) => one.stored));
    expect(stored.filter(Boolean)).toHaveLength(stored.length / 2);
  });

  it('takes no maintenance page, wrong key or silence for an answer, and stores nothing', async () => {
    gateway.answer((response) => response.writeHead(503, { 'retry-after': '60' }).end('<h1>Maintenance</h1>'));
    expect(await find(source, id)).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringMatching(/answered 503$/),
    });
    gateway.answer((response) => response.writeHead(200).end('<h1>Sign in</h1>'));
    expect(await find(source, id)).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringMatching(/without JSON$/),
    });
    answerAll({ message: 'no' }, 401);
    expect(await find(source, id)).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringMatching(/answered 401\. Check the API key in API_KEY$/),
    });
    expect(await inbox()).toEqual([]);
  });

  it('says that there is no API key, and asks nobody', async () => {
    kait.setKey('API_KEY', '');
    expect(await find(source, id)).toEqual({
      kind: 'unavailable',
      reason: `"${source}" has no API key. Set API_KEY`,
      retryAfter: null,
    });
    expect(paths()).toEqual([]);
  });

  it.each([
    '../../v1/refunds',
    'a/b?c=d#e',
    '..',
    '%2e%2e/x',
    'x y ü 😀',
    '{key}',
    'tr_1/../../x',
    '"};',
    '0'.repeat(200),
  ])('keeps the id %j in its place', async (hostile) => {
    answerAt(await answers());
    const answer = await find(source, hostile);
    expect(['absent', 'unaskable']).toContain(answer.kind);
    const allowed = Object.keys(await answers()).map((start) => start.replace(/[^/]*$/, ''));
    expect(paths().filter((path) => !/^\/(v1|v2|preapproval|repos|merchant|wp-json)\//.test(path))).toEqual([]);
    expect(paths().filter((path) => /refunds|\.\.|the-api-key|#/.test(decodeOnce(path, hostile)))).toEqual([]);
    expect(allowed.length).toBeGreaterThan(0);
    expect(await inbox()).toEqual([]);
  });
});

/** The path without the id, encoded as one part of it. */
const decodeOnce = (path: string, id: string) => path.replace(encodeURIComponent(id), 'ID');

it('says that the gateway knows of nothing', async () => {
  answerAll({ data: [], has_more: false });
  expect(await find('stripe', 'evt_none')).toEqual({ kind: 'absent', asked: 1 });
  answerAll({ status_code: '404' });
  expect(await find('midtrans', 'INV-8')).toEqual({ kind: 'absent', asked: 1 });
  answerAll({ status: 404 }, 404);
  expect(await find('mollie', 'tr_8')).toEqual({ kind: 'absent', asked: 1 });
  expect(await find('mercadopago', '8')).toEqual({ kind: 'absent', asked: 3 });
});

it('goes on to the next kind of thing if the first does not take the id', async () => {
  gateway.answer((response, { path }) => {
    if (path.startsWith('/v1/payments/')) response.writeHead(400).end('{"status":400}');
    else if (path.startsWith('/preapproval/abc')) response.writeHead(200).end('{"id":"abc","status":"authorized"}');
    else response.writeHead(404).end('{"status":404}');
  });
  expect(await find('mercadopago', 'abc')).toMatchObject({ kind: 'found', events: [{ stored: true }] });
});

it('stores nothing of a list but what was asked for', async () => {
  const event = await bodyOf('stripe', 'payment_intent.succeeded');
  answerAll({
    data: [
      { ...event, id: 'evt_1' },
      { ...event, id: 'evt_2', type: 'charge.updated' },
    ],
  });
  expect(await find('stripe', 'evt_2')).toMatchObject({ events: [{ type: 'stripe:charge.updated' }] });
  expect(await inbox()).toHaveLength(1);
});

it('says that a gateway cannot be asked', async () => {
  expect(await find('adyen', 'x')).toEqual({
    kind: 'unaskable',
    reason: 'Kait has no question for Adyen (standard webhooks) that finds what did not arrive',
  });
  expect(await find('xendit', 'x')).toMatchObject({ kind: 'unaskable' });
  expect(await find('mollie', 're_1')).toMatchObject({ kind: 'unaskable' });
  expect(await find('nobody', 'x')).toMatchObject({ kind: 'unavailable' });
  expect(paths()).toEqual([]);
});
