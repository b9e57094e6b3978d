import { expect, it } from 'vitest';
import { runOfKey } from '../../../server/search/run-of-key.ts';

it.each([
  ['kait-1/order/shop/evt_1/notify', 'kait-1/order/shop/evt_1'],
  ['kait-1/order/shop/evt_1/child/lines/3/notify', 'kait-1/order/shop/evt_1'],
  ['kait-1/order/shop/evt_1/kait:again-2/notify', 'kait-1/order/shop/evt_1/kait:again-2'],
  ['kait-1/order/shop/evt_1/kait:retry-1/notify', 'kait-1/order/shop/evt_1/kait:retry-1'],
  ['kait-1/order/shop/evt_1/kait:ask-0-0/ani', 'kait-1/order/shop/evt_1'],
  ['kait-1/order/shop/a%2Fb/notify', 'kait-1/order/shop/a%2Fb'],
  ['k', 'k'],
])('finds the run of %s', (key, run) => {
  expect(runOfKey(key)).toBe(run);
});
