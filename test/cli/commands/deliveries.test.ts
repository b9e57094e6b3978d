import { expect, it } from 'vitest';
import { fakeApi } from '../fake-api.ts';
import { retryDelivery, showDeliveries } from '../../../cli/commands/deliveries.ts';

it('lists deliveries of one state, with the id that a retry takes', async () => {
  const row = { id: 'dlv_1', messageId: 'msg_1', type: 'order.created', url: 'https://shop.example', state: 'refused' };
  const more = { attempts: 0, lastStatus: null, lastError: 'strange', createdAt: '2026-01-01T00:00:00.000Z' };
  const about = { run: 'kait-1/order/shop/evt_1', orderId: 'INV-1' };
  const { api, asked } = fakeApi({ items: [{ ...row, ...more, ...about }], next: null });
  expect(await showDeliveries(api, { limit: 20, state: 'refused', utc: true })).toMatch(
    /^2026-01-01 00:00:00Z +refused +0 +order.created +INV-1 +https:..shop.example +dlv_1 +kait-1.order.shop.evt_1 +strange$/m,
  );
  expect(asked).toEqual(['GET /deliveries?limit=20&state=refused']);
});

it.each([
  [{ retried: true, why: null }, 'dlv_1 is tried again within seconds, where its schedule is.'],
  [{ retried: false, why: 'unknown' }, 'Not tried again: dlv_1: there is no such delivery.'],
  [{ retried: false, why: 'not-refused' }, 'Not tried again: dlv_1: only a refused delivery can be tried again.'],
  [
    { retried: false, why: 'not-kept' },
    'Not tried again: dlv_1: the request that it forwards is no longer kept (keepBodies).',
  ],
])('says what becomes of a retry: %j', async (answer, text) => {
  const { api, asked } = fakeApi(answer);
  expect(await retryDelivery(api, 'dlv_1')).toBe(text);
  expect(asked).toEqual(['POST /deliveries/dlv_1/retry']);
});
