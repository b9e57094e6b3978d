import { CancelledFailure } from '@temporalio/common';
import { expect, it } from 'vitest';
import {
  createFetchActivities,
  createGatewayActivities,
  type GatewayActivityDeps,
} from '../../../activities/gateway/create-gateway-activities.ts';
import type { GatewayClient } from '../../../activities/gateway/gateway-client.ts';

const receivedAt = new Date('2026-11-25T08:00:00.000Z');
const input = { source: 'midtrans', eventId: 'tx_1:settlement' };

/** Activities whose gateway answers as the test says, `ageMs` after the webhook arrived. */
function setUp(answers: Partial<GatewayClient>, { ageMs = 0, canceled = false } = {}) {
  const logged: [string, unknown, string][] = [];
  const record = (level: string) => (fields: unknown, message: string) => void logged.push([level, fields, message]);
  const unexpected = () => Promise.reject(new TypeError('not asked for'));
  const deps: GatewayActivityDeps = {
    gateways: {
      confirm: unexpected,
      fetch: unexpected,
      reconcile: unexpected,
      find: unexpected,
      giveUp: unexpected,
      ...answers,
    },
    clock: () => new Date(receivedAt.getTime() + ageMs),
    log: {
      info: record('info'),
      warn: record('warn'),
      error: record('error'),
    } as unknown as GatewayActivityDeps['log'],
    attempt: () => ({
      pauseMs: 60_000,
      firstAt: receivedAt,
      canceled: canceled ? AbortSignal.abort() : new AbortController().signal,
    }),
  };
  const { 'gateway.confirm': confirm, 'gateway.reconcile': reconcile } = createGatewayActivities(deps);
  return { confirm, reconcile, fetch: createFetchActivities(deps)['gateway.fetch'], logged };
}

const differing: GatewayClient['confirm'] = () =>
  Promise.resolve({
    kind: 'differs',
    receivedAt,
    differences: [
      { name: 'transaction_status', claimed: 'settlement', confirmed: 'pending' },
      { name: 'gross_amount', claimed: '250000.00', confirmed: null },
    ],
  });

it('confirms with the values that were compared', async () => {
  const { confirm } = setUp({
    confirm: () => Promise.resolve({ kind: 'confirmed', state: { transaction_status: 'settlement' } }),
  });
  expect(await confirm(input)).toEqual({ confirmed: true, state: { transaction_status: 'settlement' } });
});

it('fails permanently and names the difference if the gateway still contradicts a webhook that is a minute old', async () => {
  await expect(setUp({ confirm: differing }, { ageMs: 60_000 }).confirm(input)).rejects.toMatchObject({
    type: 'Unconfirmed',
    nonRetryable: true,
    message:
      'transaction_status: the webhook says settlement, the gateway says pending; ' +
      'gross_amount: the webhook says 250000.00, the gateway says nothing',
  });
});

it('says once that the gateway does not know what the webhook tells', async () => {
  const unknown = () =>
    Promise.resolve({
      kind: 'differs' as const,
      receivedAt,
      differences: [
        { name: 'order_id', claimed: 'A-1', confirmed: null },
        { name: 'fraud_status', claimed: null, confirmed: null },
      ],
    });
  await expect(setUp({ confirm: unknown }, { ageMs: 60_000 }).confirm(input)).rejects.toMatchObject({
    message: 'The gateway does not know it. The webhook says order_id A-1, fraud_status nothing',
  });
});

it.each([
  [0, 3_000],
  [3_000, 3_000],
  [6_000, 6_000],
  [24_000, 20_000],
  [59_999, 20_000],
])('asks again about a webhook that is %i ms old, after %i ms', async (ageMs, pauseMs) => {
  await expect(setUp({ confirm: differing }, { ageMs }).confirm(input)).rejects.toMatchObject({
    type: 'UnconfirmedYet',
    nonRetryable: false,
    nextRetryDelay: pauseMs,
  });
});

it('is retried if the gateway is unavailable, no sooner than its Retry-After', async () => {
  const unavailable = { kind: 'unavailable', reason: 'GET {api}/v2: answered 503', retryAfter: '120' } as const;
  await expect(setUp({ confirm: () => Promise.resolve(unavailable) }).confirm(input)).rejects.toMatchObject({
    type: 'GatewayUnavailable',
    nonRetryable: false,
    message: 'GET {api}/v2: answered 503',
    nextRetryDelay: 120_000,
  });
});

it.each(['1', '60', 'soon', null])(
  'leaves the pause of 60 s to the retry policy if Retry-After is %j',
  async (retryAfter) => {
    const answer = () => Promise.resolve({ kind: 'unavailable' as const, reason: 'answered 503', retryAfter });
    const { confirm, fetch, reconcile } = setUp({ confirm: answer, fetch: answer, reconcile: answer });
    const expected = { type: 'GatewayUnavailable', nextRetryDelay: undefined };
    await expect(confirm(input)).rejects.toMatchObject(expected);
    await expect(fetch(input)).rejects.toMatchObject(expected);
    await expect(reconcile({ source: 'a' })).rejects.toMatchObject(expected);
  },
);

it('is not retried if the gateway refuses the question or the event is gone', async () => {
  const refused = { kind: 'refused', reason: 'answered 400' } as const;
  await expect(setUp({ reconcile: () => Promise.resolve(refused) }).reconcile({ source: 'a' })).rejects.toMatchObject({
    type: 'GatewayRefused',
    nonRetryable: true,
  });
  const unknown = { kind: 'event-unknown', reason: 'no such event' } as const;
  await expect(setUp({ confirm: () => Promise.resolve(unknown) }).confirm(input)).rejects.toMatchObject({
    type: 'EventUnknown',
    nonRetryable: true,
  });
});

it('is retried if the database does not answer, without the driver’s message', async () => {
  const { confirm } = setUp({ confirm: () => Promise.reject(new Error('secret statement')) });
  await expect(confirm(input)).rejects.toMatchObject({
    type: 'DatabaseUnavailable',
    message: 'The database is not available (no code)',
  });
});

it('counts as canceled if its run was canceled while the gateway was asked', async () => {
  await expect(setUp({ confirm: differing }, { canceled: true }).confirm(input)).rejects.toBeInstanceOf(
    CancelledFailure,
  );
});

it.each([{}, { source: 'midtrans' }, { source: '', eventId: 'a' }, { ...input, more: 1 }])(
  'refuses the input %j',
  async (wrong) => {
    await expect(setUp({}).confirm(wrong)).rejects.toMatchObject({ type: 'InputInvalid', nonRetryable: true });
    await expect(setUp({}).fetch(wrong)).rejects.toMatchObject({ type: 'InputInvalid', nonRetryable: true });
  },
);

it('follows a notice and logs the outcome', async () => {
  const fetched = setUp({ fetch: () => Promise.resolve({ kind: 'fetched', stored: 1, known: 0 }) });
  expect(await fetched.fetch(input)).toEqual({ kind: 'fetched', stored: 1, known: 0 });
  const made = setUp({ fetch: () => Promise.resolve({ kind: 'absent' }) });
  expect(await made.fetch(input)).toEqual({ kind: 'absent' });
  expect([...fetched.logged, ...made.logged]).toEqual([
    ['info', { source: 'midtrans', event: 'tx_1:settlement', stored: 1, known: 0 }, 'notice followed'],
    ['info', { source: 'midtrans', event: 'tx_1:settlement', outcome: 'absent' }, 'notice followed'],
  ]);
});

it('warns of a genuine event that was stored without an answer, unless there was nothing to answer', async () => {
  const given = (reason: string | null) => ({ kind: 'incomplete', stored: 1, known: 0, reason }) as const;
  const late = setUp({ fetch: () => Promise.resolve(given('GET {api}/x: answered 503')) });
  expect(await late.fetch(input)).toEqual(given('GET {api}/x: answered 503'));
  const nothing = setUp({ fetch: () => Promise.resolve(given(null)) });
  await nothing.fetch({ ...input, eventId: `notice:${'x'.repeat(256)}` });
  expect([...late.logged, ...nothing.logged]).toEqual([
    [
      'warn',
      { source: 'midtrans', event: 'tx_1:settlement', stored: 1, known: 0, reason: 'GET {api}/x: answered 503' },
      'event stored without the answer it needs',
    ],
    [
      'info',
      { source: 'midtrans', event: `notice:${'x'.repeat(256)}`, stored: 1, known: 0, reason: null },
      'notice followed',
    ],
  ]);
});

it('reconciles a source, and warns if webhooks were missing', async () => {
  const some = setUp({
    reconcile: () => Promise.resolve({ kind: 'reconciled', asked: 2, found: 3, missing: 1, stored: 1 }),
  });
  expect(await some.reconcile({ source: 'stripe' })).toEqual({ asked: 2, found: 3, missing: 1, stored: 1 });
  const none = setUp({
    reconcile: () => Promise.resolve({ kind: 'reconciled', asked: 1, found: 3, missing: 0, stored: 0 }),
  });
  await none.reconcile({ source: 'stripe' });
  expect([...some.logged, ...none.logged]).toEqual([
    ['warn', { source: 'stripe', asked: 2, found: 3, missing: 1, stored: 1 }, 'source reconciled'],
    ['info', { source: 'stripe', asked: 1, found: 3, missing: 0, stored: 0 }, 'source reconciled'],
  ]);
});

const day = 24 * 60 * 60 * 1_000;

it.each<[string, Awaited<ReturnType<GatewayClient['fetch']>>, number, object, string]>([
  [
    'the gateway refuses the question',
    { kind: 'refused', reason: 'GET {api}/x: answered 401' },
    0,
    { reason: 'GET {api}/x: answered 401', certain: true },
    'GatewayRefused',
  ],
  [
    'the notice is gone',
    { kind: 'event-unknown', reason: 'The inbox has no such notice' },
    0,
    { reason: 'The inbox has no such notice', certain: true },
    'EventUnknown',
  ],
  [
    'there is no answer for a day',
    { kind: 'unavailable', reason: 'GET {api}/x: answered 503', retryAfter: null },
    day,
    { reason: 'No answer within a day: GET {api}/x: answered 503', certain: false },
    'GatewayRefused',
  ],
])('gives up on a notice, and records why, if %s', async (_what, answer, ageMs, { ...given }, type) => {
  const givenUp: unknown[] = [];
  const giveUp: GatewayClient['giveUp'] = (notice) => Promise.resolve(givenUp.push(notice) > 0);
  const { fetch, logged } = setUp({ fetch: () => Promise.resolve(answer), giveUp }, { ageMs });
  await expect(fetch(input)).rejects.toMatchObject({ type, nonRetryable: true });
  expect(givenUp).toEqual([{ ...input, ...given }]);
  expect(logged).toMatchObject([['warn', { source: 'midtrans' }, 'notice given up, replay it to ask again']]);
});

it('asks again if a notice cannot be given up yet, and does not try to before a day has passed', async () => {
  const giveUp = () => Promise.resolve(false);
  const again = { type: 'GatewayUnavailable', nonRetryable: false };
  const refused = { kind: 'refused', reason: 'answered 401' } as const;
  await expect(setUp({ fetch: () => Promise.resolve(refused), giveUp }).fetch(input)).rejects.toMatchObject(again);
  const away = { kind: 'unavailable', reason: 'answered 503', retryAfter: null } as const;
  const fetch = () => Promise.resolve(away);
  await expect(setUp({ fetch, giveUp }, { ageMs: day }).fetch(input)).rejects.toMatchObject(again);
  await expect(setUp({ fetch }, { ageMs: day - 1 }).fetch(input)).rejects.toMatchObject(again);
});
