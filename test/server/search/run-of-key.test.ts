import { expect, it } from 'vitest';
import { runOfKey, runOfMessage } from '../../../server/search/run-of-key.ts';

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

it.each([
  ['kait-1/order/shop/evt_1/notify', 'kait-1/order/shop/evt_1'],
  ['kait:notice/7/operator', null],
  ['test/ep_1/8d0c0c8e', null],
])('finds the run that emitted the message %s', (key, run) => {
  expect(runOfMessage(key)).toBe(run);
});
