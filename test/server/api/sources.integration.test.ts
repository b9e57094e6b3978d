import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MissingAnswer, MissingKey } from '../../../server/find-missing.ts';
import type { Database } from '../../../storage/database.ts';
import { audit, bodies, events, rejections } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { shippedPreset } from '../gateway/gateways.ts';
import { sourceOf } from '../source-of.ts';
import { openApi, problem } from './api-fixture.ts';

let database: Database;
let answer: MissingAnswer;
let asked: MissingKey[];
let woken: number;
let ask: ReturnType<typeof openApi>;

beforeAll(async () => {
  database = await openTestDatabase();
  ask = openApi({
    database,
    sourceNames: () => ['stripe'],
    findMissing(key) {
      asked.push(key);
      return Promise.resolve(answer);
    },
    wakeDispatcher: () => void (woken += 1),
  });
});
afterAll(() => database.close());
beforeEach(async () => {
  await database.orm.delete(events);
  await database.orm.delete(bodies);
  await database.orm.delete(audit);
  await database.orm.delete(rejections);
  [asked, woken, answer] = [[], 0, { kind: 'absent', asked: 1 }];
});

const bytes = Buffer.from('{"a":"\u00fc"}\n');

async function store(state: 'ignored' | 'pending', kept = true): Promise<void> {
  await database.orm.insert(bodies).values({
    ...{ id: 1, source: 'stripe', receivedAt: new Date(), bytes, contentType: 'application/json' },
    headers: { 'x-topic': 'order' },
  });
  await database.orm.insert(events).values({
    ...{
      source: 'stripe',
      gateway: 'stripe',
      eventId: 'pi/1',
      type: 'payment.succeeded',
      nativeType: 'x',
      state,
      item: 0,
    },
    ...{ receivedAt: new Date(), occurredAt: new Date(), envelope: {}, lastError: 'no definition wants it' },
    bodyId: kept ? 1 : 2,
  } as typeof events.$inferInsert);
}

const fetchMissing = (body: object, source = 'stripe') =>
  ask({
    method: 'POST',
    url: `/api/v1/sources/${source}/fetch`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('asking a gateway for what did not arrive', () => {
  it('says what became of what was found, wakes the dispatcher, and leaves an entry in the audit', async () => {
    await store('ignored');
    answer = { kind: 'found', asked: 2, events: [{ eventId: 'pi/1', type: 'payment.succeeded', stored: true }] };
    expect(await fetchMissing({ id: 'pi_1', by: 'ana', reason: 'INV-7 is not confirmed', days: 9 })).toEqual({
      status: 200,
      body: {
        kind: 'found',
        reason: null,
        events: [
          {
            ...{ eventId: 'pi/1', type: 'payment.succeeded', stored: true, state: 'ignored' },
            ...{ why: 'no definition wants it', runs: [] },
          },
        ],
      },
    });
    expect(asked).toEqual([{ source: 'stripe', id: 'pi_1', lookBackMs: 9 * 86_400_000 }]);
    expect(woken).toBe(1);
    expect(await database.orm.select().from(audit)).toMatchObject([
      { actor: 'ana (admin token)', action: 'fetch', target: 'stripe/pi_1', reason: 'INV-7 is not confirmed' },
    ]);
  });

  it.each([
    { answer: { kind: 'absent', asked: 1 }, reason: null },
    { answer: { kind: 'unaskable', reason: 'no question' }, reason: 'no question' },
    { answer: { kind: 'unavailable', reason: 'answered 503', retryAfter: '60' }, reason: 'answered 503' },
    { answer: { kind: 'refused', reason: 'answered 400' }, reason: 'answered 400' },
  ] as const)('passes on that the gateway said $answer.kind', async ({ answer: given, reason }) => {
    answer = given;
    expect(await fetchMissing({ id: 'x' })).toEqual({ status: 200, body: { kind: given.kind, reason, events: [] } });
    expect(woken).toBe(0);
  });

  it('answers 503 if nobody has asked the gateway', async () => {
    answer = { kind: 'unasked', reason: 'No worker has answered in time. Is one running?' };
    expect(await fetchMissing({ id: 'x' })).toMatchObject({ status: 503, body: { code: 'not-asked' } });
  });

  it('knows no other source, and asks nobody about it', async () => {
    expect(await fetchMissing({ id: 'x' }, 'striep')).toEqual({
      status: 404,
      body: problem(404, 'not-found', 'There is no source "striep".'),
    });
    expect(asked).toEqual([]);
  });

  it.each([
    [{}],
    [{ id: '' }],
    [{ id: 7 }],
    [{ id: 'a\u0000' }],
    [{ id: 'x'.repeat(201) }],
    [{ id: 'x', days: 0 }],
    [{ id: 'x', days: 91 }],
    [{ id: 'x', days: '3' }],
    [{ id: 'x', reason: '' }],
    [{ id: 'x', more: true }],
    [[]],
  ])('refuses %j', async (body) => {
    expect((await fetchMissing(body)).status).toBe(400);
    expect(asked).toEqual([]);
    expect(await database.orm.select().from(audit)).toEqual([]);
  });
});

describe('the body of an event', () => {
  const url = '/api/v1/events/stripe/pi%2F1/body';

  it('is unchanged, with the headers that are kept', async () => {
    await store('ignored');
    expect(await ask({ url })).toEqual({
      status: 200,
      body: { contentType: 'application/json', headers: { 'x-topic': 'order' }, body: bytes.toString('base64') },
    });
  });

  it('is gone if it is no longer kept', async () => {
    await store('ignored', false);
    expect(await ask({ url })).toEqual({
      status: 410,
      body: problem(410, 'no-body', 'The body of this event is no longer kept.'),
    });
  });

  it('does not exist for an event that does not exist', async () => {
    expect(await ask({ url })).toEqual({ status: 404, body: problem(404, 'not-found', 'There is no such event.') });
  });
});

describe('the sources by the API', () => {
  const credentials = (...secrets: string[]) => ({ credentials: { secrets, keyring: new Map(), fetchKey: undefined } });

  /** Asks an API with four sources, one of which is not mounted. */
  async function listed(path: string) {
    const stripe = await shippedPreset('stripe');
    const mollie = await shippedPreset('mollie_classic');
    const fault = { variable: 'SHOP_SECRET', fault: 'has blanks around it' };
    return openApi({
      database,
      gateways: {
        sources: () => [
          sourceOf('stripe', stripe, credentials('a top secret')),
          sourceOf('shop', stripe, { ...credentials(' another top secret'), secretFaults: [fault] }),
          sourceOf('pathed', mollie, { pathSecrets: [''] }),
        ],
        unavailable: () => [{ name: 'broken', paths: [], problem: 'There is no gateway "strip".' }],
        receiverUrl: () => 'http://127.0.0.1:8700',
        samplesOf: () => Promise.resolve(['payment_intent.succeeded']),
        ...{ canSign: () => true, test: () => Promise.reject(new Error('not expected')) },
      },
    })({ url: `/api/v1${path}` });
  }

  it('without any is an empty list', async () => {
    expect(await ask({ url: '/api/v1/sources' })).toMatchObject({ status: 200, body: { items: [], next: null } });
  });

  it('says what each has sent, what was rejected, and what is missing, without any secret', async () => {
    await store('ignored');
    const at = new Date();
    const rejected = { at, source: 'shop', status: 401, address: '127.0.0.1', bytes: 3, headerNames: ['<b>'] };
    await database.orm.insert(rejections).values([
      { ...rejected, reason: 'missing-signature' },
      { ...rejected, reason: 'wrong-signature', at: new Date(at.getTime() - 60_000) },
    ]);
    const { status, body } = await listed('/sources');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      next: null,
      items: [
        {
          ...{ name: 'broken', gateway: null, title: 'broken', problem: 'There is no gateway "strip".', url: null },
          ...{ secrets: 'missing', lastEventAt: null, lastRejection: null, canSign: false },
        },
        {
          ...{ name: 'pathed', secrets: 'missing', url: 'http://127.0.0.1:8700/in/pathed/…' },
          ...{ rejectedLastHour: 0, silence: null },
        },
        {
          ...{ name: 'shop', gateway: 'stripe', title: 'Stripe', problem: null, secrets: 'faulty' },
          ...{ url: 'http://127.0.0.1:8700/in/shop', rejectedLastHour: 2, lastEventAt: null },
          secretFaults: [{ variable: 'SHOP_SECRET', fault: 'has blanks around it' }],
          lastRejection: { reason: 'missing-signature', hint: expect.stringMatching(/./) },
        },
        { name: 'stripe', secrets: 'set', lastEventAt: expect.stringMatching(/Z$/), lastRejection: null },
      ],
    });
    expect(JSON.stringify(body)).not.toContain('top secret');
  });

  it('shows one with what to do at its gateway', async () => {
    const { status, body } = await listed('/sources/shop');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ name: 'shop', samples: ['payment_intent.succeeded'] },
      setup: { steps: expect.arrayContaining(['Paste http://127.0.0.1:8700/in/shop as the endpoint URL.']) },
    });
    expect(await listed('/sources/broken')).toMatchObject({ status: 200, body: { setup: null, samples: [] } });
  });

  it.each(['constructor', '__proto__', 'STRIPE', '%3Cb%3E'])('do not have %s among them', async (name) => {
    expect(await listed(`/sources/${name}`)).toMatchObject({ status: 404 });
  });

  it('names an unknown one as such', async () => {
    expect(await ask({ url: '/api/v1/sources/none' })).toMatchObject({ status: 404 });
  });

  it('checks no request of an unknown gateway', async () => {
    const body = JSON.stringify({ headers: [], body: '' });
    const headers = { 'content-type': 'application/json' };
    const asked = { method: 'POST' as const, url: '/api/v1/gateways/none/verify', headers, body };
    expect(await ask(asked)).toMatchObject({ status: 404 });
  });
});
