import { readFile } from 'node:fs/promises';
import { asc } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../../../language/json.ts';
import { loadPresets, type Presets } from '../../../../server/gateway/presets.ts';
import type { Database } from '../../../../storage/database.ts';
import { bodies, events } from '../../../../storage/schema.ts';
import { startHttpReceiver, type HttpReceiver } from '../../../activities/http-receiver.ts';
import { openTestDatabase } from '../../../services/open-test-database.ts';
import { presetsFolder, presetWith, samplesFolder } from '../gateways.ts';
import { askedAtMs, openAskFixture, type AskFixture } from './ask-fixture.ts';

let database: Database;
let gateway: HttpReceiver;
let presets: Presets;
let kait: AskFixture;
const signal = new AbortController().signal;

beforeAll(async () => {
  database = await openTestDatabase();
  gateway = await startHttpReceiver();
  presets = new Map([...(await loadPresets(presetsFolder)), ['test_gateway', withToken]]);
  const sources = {
    midtrans: { gateway: 'midtrans', secrets: ['S'], confirm: true, reconcile: { every: '15m', lookBack: '24h' } },
    xendit: { gateway: 'xendit', secrets: ['S'], confirm: true },
    stripe: { gateway: 'stripe', secrets: ['S'], reconcile: { every: '15m', lookBack: '24h' } },
    flip: { gateway: 'flip', secrets: ['S'], confirm: true },
    github: {
      gateway: 'github',
      secrets: ['S'],
      settings: { owner: 'toko-kopi', repository: 'katalog', hookId: '7' },
      reconcile: { every: '15m', lookBack: '24h' },
    },
    mollie: { gateway: 'mollie_classic', pathSecret: 'P' },
    other: { gateway: 'test_gateway', secrets: ['S'], confirm: true, reconcile: { every: '1h', lookBack: '1h' } },
  };
  kait = openAskFixture({ database, presets, sources, apiUrl: gateway.origin });
});
afterAll(async () => {
  await kait.close();
  await gateway.close();
  await database.close();
});
beforeEach(async () => {
  await database.orm.delete(events);
  gateway.received.length = 0;
});

/** The gateway answers each path with its status and body; any other with 404. */
function answer(answers: Record<string, [status: number, body: Json, headers?: Record<string, string>]>): void {
  gateway.answer((response, { path }) => {
    const [status, body, headers = {}] = answers[path] ?? [404, { message: 'unknown' }];
    response.writeHead(status, headers).end(JSON.stringify(body));
  });
}

const sample = (name: string) => readFile(`${samplesFolder}/${name}.json`, 'utf8');
const stored = async () =>
  (await database.orm.select().from(events).orderBy(asc(events.id))).map(({ eventId, type, state }) => ({
    eventId,
    type,
    state,
  }));

describe('confirming', () => {
  const statusPath = '/v2/3f1c2a66-5b0d-4e0a-9a44-0a7f6f1b7c11/status';
  const settlement = async (changes: JsonObject = {}) => ({
    ...(JSON.parse(await sample('midtrans/settlement')) as JsonObject),
    ...changes,
  });
  const receiveSettlement = async (changes: JsonObject = {}): Promise<string> => {
    const [eventId = ''] = await kait.receive('midtrans', JSON.stringify(await settlement(changes)));
    return eventId;
  };
  const confirm = (eventId: string, source = 'midtrans') => kait.client.confirm({ source, eventId, signal });

  it('confirms a payment if Midtrans agrees, asking with the key', async () => {
    const eventId = await receiveSettlement();
    answer({ [statusPath]: [200, await settlement({ gross_amount: '250000' })] });
    expect(await confirm(eventId)).toEqual({
      kind: 'confirmed',
      state: {
        transaction_id: '3f1c2a66-5b0d-4e0a-9a44-0a7f6f1b7c11',
        order_id: 'ORDER-1001',
        gross_amount: '250000',
        currency: 'IDR',
        transaction_status: 'settlement',
        fraud_status: 'accept',
      },
    });
    expect(gateway.received).toMatchObject([
      { method: 'GET', headers: { authorization: 'Basic dGhlLWFwaS1rZXk6', 'user-agent': 'Kait/test' }, body: '' },
    ]);
  });

  it('reports the difference if the status in the webhook was changed', async () => {
    const eventId = await receiveSettlement();
    answer({ [statusPath]: [200, await settlement({ transaction_status: 'pending' })] });
    expect(await confirm(eventId)).toEqual({
      kind: 'differs',
      differences: [{ name: 'transaction_status', claimed: 'settlement', confirmed: 'pending' }],
      receivedAt: new Date(askedAtMs),
    });
  });

  it('accepts a payment that has moved on since its webhook, but not back', async () => {
    const pending = await receiveSettlement({ transaction_status: 'pending', status_code: '201' });
    answer({ [statusPath]: [200, await settlement()] });
    expect(await confirm(pending)).toMatchObject({ kind: 'confirmed', state: { transaction_status: 'settlement' } });
  });

  it.each(['partial_refund', 'refund', 'chargeback'])(
    'confirms late that what is a %s by now was paid',
    async (status) => {
      const paid = await receiveSettlement();
      answer({ [statusPath]: [200, await settlement({ transaction_status: status, refund_amount: '1000.00' })] });
      expect(await confirm(paid)).toMatchObject({ kind: 'confirmed', state: { transaction_status: status } });
    },
  );

  it.each([404, 200])(
    'reports a payment that Midtrans does not know as a difference, with the status %i',
    async (status) => {
      const eventId = await receiveSettlement();
      answer({ [statusPath]: [status, { status_code: '404', status_message: 'Transaction does not exist.' }] });
      expect(await confirm(eventId)).toMatchObject({
        kind: 'differs',
        differences: [
          { name: 'transaction_id' },
          { name: 'order_id', claimed: 'ORDER-1001', confirmed: null },
          { name: 'gross_amount' },
          { name: 'currency' },
          { name: 'transaction_status', claimed: 'settlement', confirmed: null },
          { name: 'fraud_status' },
        ],
      });
    },
  );

  it.each<[string, JsonObject]>([
    ['a refunded amount', { refund_amount: '1' }],
    ['another refunded amount', { refund_amount: '2.00' }],
    ['the order id as transaction', { transaction_id: 'ORDER-1001' }],
    ['a made-up transaction', { transaction_id: 'tx-9' }],
    ['a refund', { transaction_status: 'refund' }],
    ['a part refunded', { transaction_status: 'partial_refund', refund_amount: '1' }],
    [
      'another refund in the list',
      { transaction_status: 'partial_refund', refund_amount: '1', refunds: [{ refund_chargeback_id: 9 }] },
    ],
    ['another fraud status', { fraud_status: 'challenge' }],
    ['no fraud status', { fraud_status: null }],
  ])('confirms no second event if a settlement comes again with %s', async (_what, changes) => {
    const genuine = await receiveSettlement();
    const [replayed = ''] = await kait.receive('midtrans', JSON.stringify(await settlement(changes)));
    const told = [200, await settlement()] as [number, Json];
    answer({ [statusPath]: told, '/v2/ORDER-1001/status': told });

    expect((await confirm(genuine)).kind).toBe('confirmed');
    expect([replayed === genuine, (await confirm(replayed)).kind]).toContainEqual(
      replayed === genuine ? true : expect.stringMatching(/^(?:differs|impossible)$/),
    );
  });

  it('confirms a refund once more was refunded, but not without its list', async () => {
    const refund = (id: number, amount: string) => ({ refund_chargeback_id: id, refund_amount: amount });
    const told = await settlement({
      ...{ transaction_status: 'refund', refund_amount: '250000.00' },
      refunds: [refund(1, '5000.00'), refund(2, '245000.00')],
    });
    const first = { transaction_status: 'partial_refund', refund_amount: '5000.00' };
    answer({ [statusPath]: [200, told] });

    expect(await confirm(await receiveSettlement({ ...first, refunds: [refund(1, '5000.00')] }))).toMatchObject({
      kind: 'confirmed',
    });
    expect(await confirm(await receiveSettlement(first))).toMatchObject({ kind: 'differs' });
    expect(await confirm(await receiveSettlement({ ...first, refunds: [refund(2, '9.00')] }))).toMatchObject({
      kind: 'differs',
    });
  });

  it('contradicts a refund of which the answer about a paid payment knows nothing', async () => {
    const refunds = [{ refund_chargeback_id: 1, refund_amount: '5000.00' }];
    const forged = { transaction_status: 'partial_refund', refund_amount: '5000.00', refunds };
    const eventId = await receiveSettlement(forged);
    answer({ [statusPath]: [200, await settlement()] });
    expect(await confirm(eventId)).toMatchObject({
      kind: 'differs',
      differences: [{ name: 'transaction_status', claimed: 'partial_refund', confirmed: 'settlement' }],
    });
    answer({ [statusPath]: [200, await settlement({ ...forged, refunds: null })] });
    expect(await confirm(eventId)).toMatchObject({ kind: 'unavailable' });
    answer({ [statusPath]: [200, await settlement({ ...forged, refunds: [{ refund_chargeback_id: 2 }] })] });
    expect(await confirm(eventId)).toMatchObject({ kind: 'differs' });
  });

  it('asks nothing if a hostile id would lead elsewhere', async () => {
    const eventId = await receiveSettlement({ transaction_id: '..' });
    expect(await confirm(eventId)).toEqual({
      kind: 'impossible',
      reason: 'GET {api}/v2/{json:/transaction_id}/status: no usable path without . and ..',
    });
    expect(gateway.received).toEqual([]);
    const [encoded = ''] = await kait.receive(
      'midtrans',
      JSON.stringify(await settlement({ transaction_id: '../x?y#z' })),
    );
    await confirm(encoded);
    expect(gateway.received.map(({ path }) => path)).toEqual(['/v2/..%2Fx%3Fy%23z/status']);
  });

  it.each([
    [503, { kind: 'unavailable', retryAfter: '30' }, 'answered 503'],
    [429, { kind: 'unavailable', retryAfter: '30' }, 'answered 429'],
    [401, { kind: 'unavailable' }, 'answered 401. Check the API key in API_KEY'],
    [400, { kind: 'refused' }, 'answered 400'],
    [302, { kind: 'unavailable' }, 'answered 302'],
  ])('does not confirm on an answer of %i, and gives a reason without the key', async (status, outcome, why) => {
    const eventId = await receiveSettlement();
    answer({ [statusPath]: [status, await settlement(), { 'retry-after': '30', location: '/elsewhere' }] });
    expect(await confirm(eventId)).toMatchObject({
      ...outcome,
      reason: `GET {api}/v2/{json:/transaction_id}/status: ${why}`,
    });
    expect(gateway.received).toHaveLength(1);
  });

  it('counts as unavailable if nothing listens, and as refused if the network is not allowed', async () => {
    const eventId = await receiveSettlement();
    const closed = await startHttpReceiver();
    await closed.close();
    const sources = { midtrans: { gateway: 'midtrans', secrets: ['S'], confirm: true } };
    const down = openAskFixture({ database, presets, sources, apiUrl: closed.origin });
    const asked = { source: 'midtrans', eventId, signal };
    expect(await down.client.confirm(asked)).toMatchObject({
      kind: 'unavailable',
      reason: expect.stringContaining('no answer (ECONNREFUSED)'),
    });
    await down.close();
    const guarded = openAskFixture({ database, presets, sources, apiUrl: gateway.origin, allow: [] });
    expect(await guarded.client.confirm(asked)).toMatchObject({ kind: 'refused' });
    await guarded.close();
    const plain = openAskFixture({ database, presets, sources, apiUrl: 'http://api.example.com' });
    expect(await plain.client.confirm(asked)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('https'),
    });
    await plain.close();
  });

  it('asks Xendit about an invoice and about a payment, each in its own way', async () => {
    const [invoice = ''] = await kait.receive('xendit', await sample('xendit/invoice.paid'));
    const [payment = ''] = await kait.receive('xendit', await sample('xendit/payment.capture'));
    const told = { currency: 'IDR', status: 'SUCCEEDED' };
    answer({
      '/v2/invoices/677488f0c0ffee0001a2b3c4': [
        200,
        { ...told, id: '677488f0c0ffee0001a2b3c4', external_id: 'ORDER-1001', status: 'SETTLED', amount: 250_000 },
      ],
      '/v3/payments/py-0d9b6f3a-contoh-4f6a-8b1e-000000000001': [
        200,
        {
          ...told,
          payment_id: 'py-0d9b6f3a-contoh-4f6a-8b1e-000000000001',
          reference_id: 'ORDER-1001',
          request_amount: 100,
        },
      ],
    });
    expect(await confirm(invoice, 'xendit')).toMatchObject({ kind: 'confirmed', state: { status: 'SETTLED' } });
    expect(await confirm(payment, 'xendit')).toMatchObject({
      kind: 'differs',
      differences: [{ name: 'request_amount', claimed: '250000', confirmed: '100' }],
    });
  });

  it('finds the payment of a Flip bill that was paid several times', async () => {
    const bill = (id: string, amount = 250_000) => {
      const data = { ...{ id, bill_link_id: 188235, status: 'SUCCESSFUL', amount }, created_at: '2026-01-01 07:00:00' };
      return kait.receive('flip', new URLSearchParams({ data: JSON.stringify(data), token: 'S' }).toString(), form);
    };
    const form = 'application/x-www-form-urlencoded';
    const payment = (id: string) => ({ id, status: 'SUCCESSFUL', amount: 250_000 });
    answer({ '/v2/pwf/188235/payment': [200, { data: [payment('FT1'), payment('FT2')] }] });
    const confirm = async ([eventId = '']: string[]) =>
      (await kait.client.confirm({ source: 'flip', eventId, signal })).kind;
    expect(await confirm(await bill('FT2'))).toBe('confirmed');
    expect(await confirm(await bill('FT3'))).toBe('differs');
    expect(await confirm(await bill('FT1', 9_990_000))).toBe('differs');
  });

  it('confirms no event without a case, and no unknown event', async () => {
    const [eventId = ''] = await kait.receive('xendit', '{"event":"account.created","data":{"id":"a","status":"x"}}');
    expect(await confirm(eventId, 'xendit')).toMatchObject({ kind: 'impossible' });
    expect(await confirm('unknown')).toMatchObject({ kind: 'event-unknown' });
    expect(await confirm(eventId, 'nobody')).toMatchObject({ kind: 'unavailable' });
    const emptied = await receiveSettlement();
    await database.orm.delete(bodies);
    expect(await confirm(emptied)).toMatchObject({ kind: 'event-unknown' });
  });

  it('fetches a token first, keeps it while it is valid, and reads the preset’s part of the answer', async () => {
    const [eventId = ''] = await kait.receive('other', '{"id":"a","type":"payment.pending","state":"00"}');
    answer({
      '/token': [200, { access_token: 'tok', expires_in: 3600 }],
      '/things': [200, { details: { a: { state: 'PAID' } } }],
    });
    expect(await confirm(eventId, 'other')).toEqual({ kind: 'confirmed', state: { state: 'PAID' } });
    expect(await confirm(eventId, 'other')).toEqual({ kind: 'confirmed', state: { state: 'PAID' } });
    expect(gateway.received.map(({ path, headers, body }) => [path, headers.authorization, body])).toEqual([
      ['/token', 'Basic dGhlLWFwaS1rZXk6', 'grant_type=client_credentials'],
      ['/things', 'Bearer tok', '{"id":"a"}'],
      ['/things', 'Bearer tok', '{"id":"a"}'],
    ]);
  });

  it('fetches another token if the kept one is no longer accepted or the key has changed', async () => {
    const [eventId = ''] = await kait.receive('other', '{"id":"b","type":"payment.pending","state":"00"}');
    answer({ '/token': [200, { access_token: 'tok', expires_in: 3600 }], '/things': [401, null] });
    await confirm(eventId, 'other');
    await confirm(eventId, 'other');
    expect(gateway.received.map(({ path }) => path)).toEqual(['/things', '/token', '/things']);
    answer({ '/token': [200, { nothing: true }] });
    kait.setKey('API_KEY', 'another-key');
    expect(await confirm(eventId, 'other')).toMatchObject({
      kind: 'unavailable',
      reason: 'POST {api}/token: the answer has no token',
    });
    kait.setKey('API_KEY', '');
    expect(await confirm(eventId, 'other')).toMatchObject({ reason: '"other" has no API key. Set API_KEY' });
    kait.setKey('API_KEY', 'the-api-key');
  });
});

describe('fetching', () => {
  const notice = 'id=tr_C0nt0hK0p1Pembayaran2';
  const form = 'application/x-www-form-urlencoded';
  const path = '/v2/payments/tr_C0nt0hK0p1Pembayaran2?embed=captures,refunds,chargebacks';
  const follow = (eventId: string) => kait.client.fetch({ source: 'mollie', eventId, signal });

  it('stores one event for five notices at once, and another when the state has changed', async () => {
    const notices = (await Promise.all([1, 2, 3, 4, 5].map(() => kait.receive('mollie', notice, form)))).flat();
    answer({ [path]: [200, JSON.parse(await sample('mollie_classic/paid')) as Json] });
    const outcomes = await Promise.all(notices.map(follow));
    expect(outcomes.map((outcome) => ('stored' in outcome ? outcome.stored : outcome)).sort()).toEqual([0, 0, 0, 0, 1]);
    answer({ [path]: [200, JSON.parse(await sample('mollie_classic/paid.refunded')) as Json] });
    const [later = ''] = await kait.receive('mollie', notice, form);
    expect(await follow(later)).toEqual({ kind: 'fetched', stored: 1, known: 0 });
    expect(await follow(later)).toEqual({ kind: 'fetched', stored: 0, known: 1 });
    const fetched = (await stored()).filter(({ type }) => type !== 'mollie_classic:notice');
    expect(fetched).toEqual([
      { eventId: 'tr_C0nt0hK0p1Pembayaran2:paid', type: 'payment.succeeded', state: 'pending' },
      { eventId: 'tr_C0nt0hK0p1Pembayaran2:refunded:5.95', type: 'payment.refunded', state: 'pending' },
    ]);
    expect(gateway.received[0]?.headers.authorization).toBe('Bearer the-api-key');
  });

  it('stores every event that an answer holds: an order, its payments and their refunds', async () => {
    const [eventId = ''] = await kait.receive('mollie', 'id=ord_C0nt0hK1', form);
    const order = JSON.parse(await sample('mollie_classic/order.paid')) as Json;
    answer({ '/v2/orders/ord_C0nt0hK1?embed=payments,refunds': [200, order] });
    expect(await follow(eventId)).toEqual({ kind: 'fetched', stored: 4, known: 0 });
    expect(await follow(eventId)).toEqual({ kind: 'fetched', stored: 0, known: 4 });
    const fetched = (await stored()).filter(({ type }) => type !== 'mollie_classic:notice');
    expect(fetched.map(({ eventId: id, type }) => [id, type]).sort()).toEqual([
      ['ord_C0nt0hK1:paid', 'mollie_classic:order.paid'],
      ['re_C0nt0hK3', 'payment.refunded'],
      ['tr_C0nt0hP1:failed', 'payment.failed'],
      ['tr_C0nt0hP2:paid', 'payment.succeeded'],
    ]);
  });

  it('asks nothing about an id that says nothing about money', async () => {
    const [eventId = ''] = await kait.receive('mollie', 'id=cst_1', form);
    answer({});
    expect(await follow(eventId)).toEqual({ kind: 'absent' });
    expect(gateway.received).toEqual([]);
  });

  it('stores nothing for a payment that Mollie does not know, nor for a notice without an id', async () => {
    const [made = '', empty = ''] = [
      ...(await kait.receive('mollie', 'id=tr_made_up', form)),
      ...(await kait.receive('mollie', 'x=1', form)),
    ];
    answer({});
    expect(await follow(made)).toEqual({ kind: 'absent' });
    expect(await follow(empty)).toEqual({ kind: 'absent' });
    expect(gateway.received).toHaveLength(1);
    expect((await stored()).map(({ type }) => type)).toEqual(['mollie_classic:notice', 'mollie_classic:notice']);
  });

  it('never stores a request that claims to be a fetched event', async () => {
    const [forged = ''] = await kait.receive('mollie', await sample('mollie_classic/paid'));
    expect(forged).toMatch(/^notice:/);
    expect((await stored()).map(({ type }) => type)).toEqual(['mollie_classic:notice']);
  });

  it('is unavailable while Mollie is down, and refused if the answer is not a payment', async () => {
    const [eventId = ''] = await kait.receive('mollie', notice, form);
    answer({ [path]: [500, null] });
    expect(await follow(eventId)).toMatchObject({ kind: 'unavailable' });
    answer({ [path]: [200, { hello: 'world' }] });
    expect(await follow(eventId)).toMatchObject({ kind: 'unavailable' });
    gateway.answer((response) => response.writeHead(200).end('<html>'));
    expect(await follow(eventId)).toMatchObject({ kind: 'unavailable' });
  });
});

describe('reconciling', () => {
  const reconcile = (source: string) => kait.client.reconcile({ source, signal });
  const stripeEvent = (id: string, created = 1_767_225_600) => ({
    ...{ id, created, type: 'payment_intent.payment_failed', object: 'event' },
    data: { object: { id: `pi_${id}`, object: 'payment_intent', amount: 100, currency: 'usd' } },
  });
  const first = '/v1/events?limit=100&created[gte]=1767142800';

  it('stores the missing events of Stripe’s pages once, and counts no redelivery', async () => {
    await kait.receive('stripe', JSON.stringify(stripeEvent('evt_2')));
    answer({
      [first]: [200, { data: [stripeEvent('evt_4'), stripeEvent('evt_3')], has_more: true }],
      '/v1/events?limit=100&created%5Bgte%5D=1767142800&starting_after=evt_3': [
        200,
        { data: [stripeEvent('evt_2'), stripeEvent('evt_1')], has_more: false },
      ],
    });
    expect(await reconcile('stripe')).toEqual({ kind: 'reconciled', asked: 2, found: 4, missing: 3, stored: 3 });
    expect(await reconcile('stripe')).toEqual({ kind: 'reconciled', asked: 2, found: 4, missing: 0, stored: 0 });
    const rows = await database.orm.select().from(events).orderBy(asc(events.eventId));
    expect(rows.map(({ eventId, state, duplicates }) => [eventId, state, duplicates])).toEqual([
      ['evt_1', 'pending', 0],
      ['evt_2', 'pending', 0],
      ['evt_3', 'pending', 0],
      ['evt_4', 'pending', 0],
    ]);
    expect(gateway.received[0]?.headers.authorization).toBe('Bearer the-api-key');
  });

  it('leaves recent events to their webhooks, which may still be on their way', async () => {
    const nowSeconds = askedAtMs / 1_000;
    answer({
      [first]: [200, { data: [stripeEvent('evt_new', nowSeconds - 119), stripeEvent('evt_old', nowSeconds - 120)] }],
    });
    expect(await reconcile('stripe')).toEqual({ kind: 'reconciled', asked: 1, found: 2, missing: 1, stored: 1 });
    expect((await stored()).map(({ eventId }) => eventId)).toEqual(['evt_old']);
  });

  it('ignores events before the look-back, and stops after a page of them', async () => {
    const sinceSeconds = askedAtMs / 1_000 - 24 * 60 * 60;
    answer({
      [first]: [
        200,
        { data: [stripeEvent('evt_3', sinceSeconds), stripeEvent('evt_2', sinceSeconds - 1)], has_more: true },
      ],
      '/v1/events?limit=100&created%5Bgte%5D=1767142800&starting_after=evt_2': [
        200,
        { data: [stripeEvent('evt_1', sinceSeconds - 2)], has_more: true },
      ],
    });
    expect(await reconcile('stripe')).toEqual({ kind: 'reconciled', asked: 2, found: 3, missing: 1, stored: 1 });
    expect((await stored()).map(({ eventId }) => eventId)).toEqual(['evt_3']);
  });

  it('asks GitHub for the deliveries of the look-back, and stores them under the ids of their webhooks', async () => {
    const page = '/repos/toko-kopi/katalog/hooks/7/deliveries';
    answer({
      [`${page}?per_page=100`]: [
        200,
        [
          { id: 2, guid: 'guid-2', event: 'push', delivered_at: '2026-01-01T00:30:00Z' },
          { id: 1, guid: 'guid-1', event: 'push', delivered_at: '2025-12-30T00:30:00Z' },
        ],
      ],
      [`${page}/2`]: [200, { request: { payload: { ref: 'refs/heads/main' } } }],
    });
    expect(await reconcile('github')).toEqual({ kind: 'reconciled', asked: 1, found: 1, missing: 1, stored: 1 });
    // The SHA-256 of the payload, which is also the id of the webhook.
    const eventId = '090ba1b9ca860d37bb4ca7492549a8a347caac3490f763399e6498622c9b47f9';
    expect(await stored()).toEqual([{ eventId, type: 'github:push', state: 'pending' }]);
    expect(gateway.received.map(({ path }) => path)).toEqual([`${page}?per_page=100`, `${page}/2`]);
  });

  it('keeps the stored events if a later page fails, and goes on in the next pass', async () => {
    answer({
      [first]: [200, { data: [stripeEvent('evt_2')], has_more: true }],
      '/v1/events?limit=100&created%5Bgte%5D=1767142800&starting_after=evt_2': [500, null],
    });
    expect(await reconcile('stripe')).toMatchObject({ kind: 'unavailable' });
    expect((await stored()).map(({ eventId }) => eventId)).toEqual(['evt_2']);
  });

  it('does not follow pages in circles, and accepts only a list as a list', async () => {
    answer({ [first]: [200, { data: [], has_more: true }] });
    expect(await reconcile('stripe')).toMatchObject({ asked: 1, found: 0 });
    answer({ [first]: [200, { error: 'none' }] });
    expect(await reconcile('stripe')).toMatchObject({ kind: 'unavailable' });
    answer({});
    expect(await reconcile('stripe')).toMatchObject({ kind: 'refused' });
    gateway.answer((response) =>
      response.writeHead(200).end(JSON.stringify({ data: [stripeEvent('evt_same')], has_more: true })),
    );
    expect(await reconcile('stripe')).toMatchObject({ asked: 2, stored: 1 });
  });

  it('asks Midtrans only about payments whose newest event is pending', async () => {
    const notification = (order: string, status: string) => ({
      ...{ order_id: order, transaction_id: `tx-${order}`, transaction_status: status, status_code: '200' },
      ...{ gross_amount: '1.00', payment_type: 'qris', transaction_time: '2026-01-01 06:00:00' },
    });
    for (const [order, status] of [
      ['open', 'pending'],
      ['paid', 'pending'],
      ['paid', 'settlement'],
      ['lost', 'pending'],
      ['gone', 'pending'],
    ] as const) {
      await kait.receive('midtrans', JSON.stringify(notification(order, status)));
    }
    answer({
      '/v2/open/status': [200, notification('open', 'pending')],
      '/v2/lost/status': [200, { ...notification('lost', 'settlement'), fraud_status: 'accept' }],
      '/v2/gone/status': [200, { status_code: '404' }],
    });
    expect(await reconcile('midtrans')).toEqual({ kind: 'reconciled', asked: 3, found: 2, missing: 1, stored: 1 });
    expect(gateway.received.map(({ path }) => path).sort()).toEqual([
      '/v2/gone/status',
      '/v2/lost/status',
      '/v2/open/status',
    ]);
    expect(await reconcile('midtrans')).toMatchObject({ asked: 2, missing: 0 });
    expect((await stored()).at(-1)).toEqual({
      eventId: 'tx-lost:succeeded',
      type: 'payment.succeeded',
      state: 'pending',
    });
  });

  it('goes on after a payment that Midtrans does not answer about, and then says so', async () => {
    for (const order of ['first', 'broken', 'last']) {
      const notification = { ...pendingNotification, order_id: order, transaction_id: `tx-${order}` };
      await kait.receive('midtrans', JSON.stringify(notification));
    }
    const settled = (order: string) => ({
      ...{ ...pendingNotification, order_id: order, transaction_id: `tx-${order}` },
      ...{ transaction_status: 'settlement', fraud_status: 'accept' },
    });
    answer({
      '/v2/first/status': [200, settled('first')],
      '/v2/broken/status': [500, {}],
      '/v2/last/status': [200, settled('last')],
    });
    expect(await reconcile('midtrans')).toMatchObject({ kind: 'unavailable' });
    const ids = (await stored()).map(({ eventId }) => eventId);
    expect(ids).toEqual(expect.arrayContaining(['tx-first:succeeded', 'tx-last:succeeded']));
  });

  it('stops after three payments in a row without an answer, because Midtrans is down', async () => {
    for (const order of ['1', '2', '3', '4', '5']) {
      const notification = { ...pendingNotification, order_id: order, transaction_id: `tx-${order}` };
      await kait.receive('midtrans', JSON.stringify(notification));
    }
    gateway.answer((response) => response.writeHead(500).end());
    expect(await reconcile('midtrans')).toMatchObject({ kind: 'unavailable' });
    expect(gateway.received).toHaveLength(3);
  });

  it('asks for each item up to an empty page, and gives the event its webhook’s headers', async () => {
    answer({
      '/list?from=2026-01-01': [
        200,
        [
          { guid: 'g/1', name: 'thing.done' },
          { guid: 'gone', name: 'x' },
        ],
      ],
      '/list?from=2026-01-01&page=2': [200, []],
      '/list/g%2F1': [200, { request: { payload: { id: 'b', state: 'z' } } }],
    });
    expect(await reconcile('other')).toEqual({ kind: 'reconciled', asked: 2, found: 1, missing: 1, stored: 1 });
    expect(await stored()).toEqual([{ eventId: 'b', type: 'test_gateway:thing.done', state: 'pending' }]);
  });
});

/** A preset that asks with a token, lists ids, and asks about each. */
const withToken = presetWith({
  event: { id: 'json:/id', type: ['header:x-name', 'json:/type'] },
  confirm: {
    level: 'required',
    why: 'nothing is signed',
    api: { live: 'https://api.example.com' },
    cases: [
      {
        token: {
          request: {
            method: 'POST',
            url: '{api}/token',
            headers: { authorization: '{basic}' },
            form: { grant_type: 'client_credentials' },
          },
          at: 'json:/access_token',
          expiresIn: 'json:/expires_in',
        },
        request: {
          method: 'POST',
          url: '{api}/things',
          headers: { authorization: 'Bearer {token}' },
          json: { id: '{json:/id}' },
        },
        at: '/details/*',
        same: [{ claimed: 'json:/state', confirmed: 'item:/state', values: { '00': ['PAID'] } }],
      },
    ],
  },
  list: {
    kind: 'list',
    api: { live: 'https://api.example.com' },
    request: { url: '{api}/list?from={since:date}' },
    items: '',
    next: { by: 'page', parameter: 'page' },
    each: { request: { url: '{api}/list/{item:/guid}' }, at: '/request/payload' },
    headers: { 'X-Name': '{item:/name}' },
  },
});

/** A notification of Midtrans without its order and transaction. */
const pendingNotification = {
  ...{ transaction_status: 'pending', status_code: '200', gross_amount: '1.00', payment_type: 'qris' },
  transaction_time: '2026-01-01 06:00:00',
};
