import { expect, it } from 'vitest';
import type { Json } from '../../language/json.ts';
import { orderKeyOf } from '../../language/webhook-logic.ts';

const values = (data: Json) => ({ type: 'order.created', timestamp: '2026-01-01T00:00:00.000Z', tenant: null, data });

it.each<[string, Json, string]>([
  ['data.orderId', { orderId: 'INV-9' }, '=INV-9'],
  ['data.orderId', { orderId: 9 }, '=9'],
  ['data.order', { order: { id: 9 } }, '={"id":9}'],
  ['type', {}, '=order.created'],
  ['data.orderId', {}, ''],
  ['data.orderId', { orderId: null }, ''],
  ['data.orderId.x', { orderId: 'INV-9' }, ''],
  ['data.orderId', null, ''],
  ['all', { orderId: 'INV-9' }, ''],
])('orders by %s of %j under the key %j', (path, data, key) => {
  expect(orderKeyOf(path, values(data))).toBe(key);
});

it('knows a long value by its digest', () => {
  const key = orderKeyOf('data.text', values({ text: 'x'.repeat(101) }));
  expect(key).toMatch(/^#[0-9a-f]{64}$/);
  expect(orderKeyOf('data.text', values({ text: 'x'.repeat(102) }))).not.toBe(key);
});
