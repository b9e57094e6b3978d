import { expect, it } from 'vitest';
import { fakeApi } from '../fake-api.ts';
import { retryDelivery, showDeliveries } from '../../../cli/commands/deliveries.ts';
import { showDelivery } from '../../../cli/commands/show-delivery.ts';

const row = {
  ...{ id: 'dlv_1', messageId: 'msg_1', type: 'order.created', endpoint: 'ep_1', url: 'https://shop.example' },
  ...{ state: 'refused', parkedBecause: null, attempts: 0, lastStatus: null, lastError: 'strange' },
  ...{ createdAt: '2026-01-01T00:00:00.000Z', run: 'kait-1/order/shop/evt_1', orderId: 'INV-1' },
};

it('lists the deliveries that were asked for, with the id that other commands take', async () => {
  const { api, asked } = fakeApi({ items: [row], next: null });
  expect(
    await showDeliveries(api, { limit: 20, state: 'refused', endpoint: 'ep_1', order: 'INV-1', utc: true }),
  ).toMatch(
    /^2026-01-01 00:00:00Z +refused +0 +order.created +INV-1 +https:..shop.example +dlv_1 +ep_1 +kait-1.order.shop.evt_1 +strange$/m,
  );
  expect(asked).toEqual(['GET /deliveries?limit=20&state=refused&endpoint=ep_1&order=INV-1']);
});

it('says in a list why a delivery is parked', async () => {
  const { api } = fakeApi({ items: [{ ...row, state: 'parked', parkedBecause: 'circuit' }], next: null });
  expect(await showDeliveries(api, { limit: 20 })).toMatch(/parked: circuit/);
});

it('shows a delivery with its requests, and the command that shows it in Temporal', async () => {
  const { api, asked } = fakeApi({
    ...row,
    ...{ state: 'started', attempts: 2, inDoubt: 1, replays: 1, tenant: null, orderKey: null, attemptingSince: null },
    ...{ nextAttemptAt: '2026-01-01T00:05:00.000Z', startedAt: '2026-01-01T00:00:01.000Z', endedAt: null },
    activityId: 'kait-1/delivery/dlv_1',
    answer: { until: '2026-01-02T00:00:00.000Z', by: null, at: null },
    webUi: 'http://127.0.0.1:8233/namespaces/default/activities?query=x',
    requests: [
      { number: 1, at: '2026-01-01T00:00:01.000Z', durationMs: null, status: null, error: 'the outcome is unknown' },
      {
        ...{ number: 2, at: '2026-01-01T00:00:02.000Z', durationMs: 31, status: 503, error: 'HTTP 503' },
        timings: { dnsMs: 1.2, connectMs: 2, totalMs: 31 },
        headers: { server: 'x\u001b[2J' },
        body: 'first\nsecond \u001b]0;title\u0007',
      },
    ].map((request) => ({ timings: null, headers: null, body: null, ...request })),
  });
  const shown = await showDelivery(api, 'dlv_1', { utc: true });
  expect(shown.split('\n')).toEqual([
    'dlv_1',
    '  state           started',
    '  webhook-id      msg_1',
    '  type            order.created',
    '  endpoint        ep_1',
    '  url             https://shop.example',
    '  run             kait-1/order/shop/evt_1',
    '  order           INV-1',
    '  attempts        2, 1 of them in doubt',
    '  sent again      1×',
    '  emitted         2026-01-01 00:00:00Z',
    '  next attempt    2026-01-01 00:05:00Z',
    '  last error      strange',
    '  answer          expected until 2026-01-02 00:00:00Z',
    '',
    'attempt 1  2026-01-01 00:00:01Z',
    '  error           the outcome is unknown',
    '',
    'attempt 2  2026-01-01 00:00:02Z, 31 ms',
    '  status          503',
    '  error           HTTP 503',
    '  time            DNS 1 ms, connect 2 ms, in all 31 ms',
    '  server          x�[2J',
    '',
    '    first',
    '    second �]0;title�',
    '',
    '  http://127.0.0.1:8233/namespaces/default/activities?query=x',
    '  kait temporal activity describe --activity-id kait-1/delivery/dlv_1',
  ]);
  expect(asked).toEqual(['GET /deliveries/dlv_1']);
});

it.each([
  [{ why: null, parkedBecause: null }, 'dlv_1 is sent again within seconds, with a new round of its schedule.'],
  [{ why: null, parkedBecause: 'paused' }, 'dlv_1 is sent again later. It is parked: its endpoint is paused.'],
  [{ why: 'unknown', parkedBecause: null }, 'Not sent again: dlv_1: there is no such delivery.'],
  [{ why: 'under-way', parkedBecause: null }, 'Not sent again: dlv_1: it has not ended.'],
  [
    { why: 'delivered', parkedBecause: null },
    'Not sent again: dlv_1: it was delivered. Add --again to send it again all the same.',
  ],
  [{ why: 'no-endpoint', parkedBecause: null }, 'Not sent again: dlv_1: its endpoint was removed.'],
  [
    { why: 'not-kept', parkedBecause: null },
    'Not sent again: dlv_1: the request that it forwards is no longer kept (keepBodies).',
  ],
])('says what becomes of a retry: %j', async (answer, text) => {
  const { api, asked } = fakeApi(answer);
  expect(await retryDelivery(api, 'dlv_1', {})).toBe(text);
  expect(asked).toEqual([['POST /deliveries/dlv_1/retry', { again: false }]]);
});
