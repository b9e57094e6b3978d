import { createHmac } from 'node:crypto';
import { pino } from 'pino';
import { afterEach, expect, it, vi } from 'vitest';
import type { Source } from '../../../server/gateway/sources.ts';
import type { Inbox } from '../../../server/inbox.ts';
import type { NewEvent } from '../../../server/new-event.ts';
import { createMetrics } from '../../../server/metrics.ts';
import type { InboundRequest } from '../../../server/gateway/request-view.ts';
import type { ByteLease } from '../../../server/receiver/byte-budget.ts';
import type { RejectedError } from '../../../server/receiver/rejection.ts';
import { keptHeaders, takeWebhook } from '../../../server/receiver/take-webhook.ts';
import { onePerScheme, signedSamples, type SignedSample } from '../gateway/conformance/signed-samples.ts';
import { nowMs } from '../gateway/gateways.ts';

const jsonSamples = onePerScheme(await signedSamples()).filter(({ preset, request, credentials }) => {
  const isJson = request.headers['content-type'] === 'application/json' && preset.body.format === 'json';
  return isJson && credentials.fetchKey === undefined;
});

afterEach(() => {
  vi.restoreAllMocks();
});

it.each(jsonSamples.map((sample) => [sample.title, sample] as const))(
  'parses the body of %s once, from its verification to its acknowledgement',
  async (_title, sample) => {
    const body = sample.request.body.toString('utf8');
    const parse = vi.spyOn(JSON, 'parse');
    const { status, stored } = await take(sample);
    const parsed = parse.mock.calls.filter(([text]) => text === body);
    expect({ ok: Math.floor(status / 100), stored: stored.length > 0, parsed: parsed.length }).toEqual({
      ok: 2,
      stored: true,
      parsed: 1,
    });
  },
);

async function take({ preset, request, credentials }: SignedSample, lease: TakenLease = { take: () => true }) {
  const stored: NewEvent[] = [];
  const { settings } = credentials;
  const source: Source = {
    ...{ name: 'shop', preset, credentials, settings, pathSecrets: null },
    ...{ paths: [], allowFrom: null, rateLimit: null, addressRateLimit: null },
    ...{
      keepBodiesMs: null,
      keepEventsMs: null,
      keepHeaders: [],
      confirm: false,
      test: true,
      reconcileEveryMs: null,
      secretFaults: [],
    },
    completes: false,
  };
  const inbox: Pick<Inbox, 'storeAll'> = {
    storeAll: (webhook) => {
      stored.push(...webhook);
      return Promise.resolve(webhook.map((_entry, index) => ({ duplicate: false, rowId: index, claimed: true })));
    },
  };
  const answer = await takeWebhook(
    source,
    request,
    { keepDuring: () => undefined, ...lease },
    {
      inbox,
      isWanted: () => true,
      countVerified: () => null,
      metrics: createMetrics(() => Promise.resolve(0)),
      log: pino({ level: 'silent' }),
      now: () => nowMs,
    },
  );
  return { status: answer.status, stored };
}

type TakenLease = Pick<ByteLease, 'take'>;

/** A genuine GoCardless request with so many events of the same size. */
async function batchOf(count: number): Promise<SignedSample> {
  const sample = (await signedSamples()).find(({ preset }) => preset.name === 'gocardless')!;
  const [event] = (JSON.parse(sample.request.body.toString('utf8')) as { events: object[] }).events;
  const events = Array.from({ length: count }, (_, index) => ({ ...event, id: `EV${1000 + index}` }));
  const body = Buffer.from(JSON.stringify({ events, meta: { webhook_id: 'WB1' } }));
  const signature = createHmac('sha256', sample.credentials.secrets[0]!).update(body).digest('hex');
  const headers = { ...sample.request.headers, 'webhook-signature': signature };
  return { ...sample, request: { ...sample.request, headers, body } };
}

it('takes memory for each event of a batch from the share of its sender, and none more for a single event', async () => {
  const taken: number[] = [];
  const lease = { take: (bytes: number) => (taken.push(bytes), true) };
  await take(await batchOf(1), lease);
  await take(await batchOf(1_000), lease);
  expect(taken[0]).toBe(0);
  expect(taken[1]).toBeGreaterThan(1_000 * 400);
  expect(taken[1]).toBeLessThan(1_000 * 2_000);
});

it('asks for a batch again later if its events exceed the share of its sender', async () => {
  const refused = take(await batchOf(1_000), { take: (bytes) => bytes < 100_000 });
  await expect(refused).rejects.toMatchObject({ rejection: { status: 503, reason: 'overloaded-bodies' } });
});

it('stores a batch of more than 1,000 events as one unreadable event', async () => {
  const { status, stored } = await take(await batchOf(1_001));
  expect(status).toBe(204);
  expect(stored.map(({ state, lastError }) => [state, lastError])).toEqual([['unreadable', 'too-many-events']]);
});

/** A Stripe request whose body nobody has signed. */
async function forged(body: string): Promise<SignedSample> {
  const sample = (await signedSamples()).find(({ preset }) => preset.name === 'stripe')!;
  return { ...sample, request: { ...sample.request, body: Buffer.from(body) } };
}

async function claimsOf(body: string): Promise<readonly string[] | undefined> {
  const refusal = await take(await forged(body)).catch((error: unknown) => error);
  return (refusal as RejectedError).rejection.claims?.();
}

it('tells what a forged request says it is about, bounded', async () => {
  const about = (order: string, more = {}) =>
    JSON.stringify({
      ...{
        id: 'evt_forged',
        object: 'event',
        type: 'payment_intent.succeeded',
        created: 1_700_000_000,
        livemode: true,
      },
      ...{ data: { object: { id: 'pi_forged', object: 'payment_intent', metadata: { order_id: order } } }, ...more },
    });
  expect(await claimsOf(about('ORDER-7'))).toEqual(['ORDER-7', 'pi_forged', 'pi_forged:succeeded']);
  expect(await claimsOf(about('x'.repeat(300)))).toEqual([
    'sha256:d24923841d98dcd5a081ba3b99596483edeeca895b41ded64c8aa77a3c438fa7',
    ...['pi_forged', 'pi_forged:succeeded'],
  ]);
  expect(await claimsOf(about('ORDER-7', { padding: 'x'.repeat(70_000) }))).toEqual([]);
  expect(await claimsOf('{ "id": ')).toEqual([]);
  expect(await claimsOf('['.repeat(10_000))).toEqual([]);
});

function request(headers: InboundRequest['headers']): InboundRequest {
  return { method: 'POST', url: '/in/stripe', headers, body: Buffer.alloc(0) };
}

it('keeps only the named headers', () => {
  const inbound = request({ 'stripe-signature': 't=1', authorization: 'Basic x', cookie: 'a=b', 'x-empty': '' });
  expect(keptHeaders(inbound, ['stripe-signature', 'x-empty', 'x-absent'])).toEqual({
    'stripe-signature': 't=1',
    'x-empty': '',
  });
});

it('returns null if no header is named or none of them is present', () => {
  expect(keptHeaders(request({ cookie: 'a=b' }), [])).toBeNull();
  expect(keptHeaders(request({ cookie: 'a=b' }), ['stripe-signature', 'constructor'])).toBeNull();
});

it('joins the values of a repeated header', () => {
  expect(keptHeaders(request({ 'x-mollie-signature': ['sha256=a', 'sha256=b'] }), ['x-mollie-signature'])).toEqual({
    'x-mollie-signature': 'sha256=a, sha256=b',
  });
});
