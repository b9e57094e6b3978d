import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventTypePattern } from '../../../activities/engine-activities.ts';
import {
  forwardedType,
  isEventPattern,
  patternTakes,
  patternsThatMayTake,
} from '../../../activities/outbound/message-types.ts';

it.each([
  ['order.created', 'order.created', true],
  ['order.created', 'order.created.again', false],
  ['order.*', 'order.created', true],
  ['order.*', 'orders.created', false],
  ['order.*', 'order', false],
  ['*', 'order.created', true],
  ['*', 'forwarding.began', true],
])('says whether %s matches %s', (pattern, type, taken) => {
  expect(patternTakes(pattern, type)).toBe(taken);
});

it.each([
  ['forward.*', true],
  ['forward.stripe.*', true],
  ['forward.stripe.payment.*', true],
  ['forward.stripe.payment.succeeded', true],
  ['forward.stripe-eu.*', false],
  ['*', false],
])('lets %s match a forwarded request only if it asks for one: %s', (pattern, taken) => {
  expect(isEventPattern(pattern)).toBe(true);
  expect(patternTakes(pattern, 'forward.stripe.payment.succeeded')).toBe(taken);
});

it.each([
  ['kait.*', true],
  ['kait.endpoint.*', true],
  ['kait.endpoint.failing', true],
  ['kait.endpoint.disabled', false],
  ['kaits.*', false],
  ['*', false],
])('lets %s match what Kait says about itself only if it asks for that: %s', (pattern, taken) => {
  expect(isEventPattern(pattern)).toBe(true);
  expect(patternTakes(pattern, 'kait.endpoint.failing')).toBe(taken);
});

it.each(['kait.*', 'kait.test', '*'])('lets %s match no test of another endpoint', (pattern) => {
  expect(patternTakes(pattern, 'kait.test')).toBe(false);
});

it.each([
  ['payment.succeeded', 'forward.shop-eu.payment.succeeded'],
  [
    'stripe:payment_intent.amount_capturable_updated',
    'forward.shop-eu.stripe_payment_intent.amount_capturable_updated',
  ],
  ['adyen:REPORT_AVAILABLE', 'forward.shop-eu.adyen_REPORT_AVAILABLE'],
  ['wise:transfers#state-change', 'forward.shop-eu.wise_transfers_state-change'],
  ['doku:VA paid / 100 %', 'forward.shop-eu.doku_VA_paid___100__'],
  ['x:.a..b.', 'forward.shop-eu.x_.a._.b._'],
  ['x:é*', 'forward.shop-eu.x___'],
])('makes of %s the type %s, which a pattern can name', (eventType, type) => {
  expect(forwardedType('shop-eu', eventType)).toBe(type);
  expect(type).toMatch(eventTypePattern);
});

it('names every pattern that may take a type', () => {
  expect(patternsThatMayTake('order.paid.late')).toEqual(['order.paid.late', 'order.*', 'order.paid.*', '*']);
  expect(patternsThatMayTake('order')).toEqual(['order', '*']);
});

it('names every pattern that takes a type, whatever both are', () => {
  const words = fc
    .array(fc.constantFrom('a', 'b', 'ab', ''), { minLength: 1, maxLength: 4 })
    .map((all) => all.join('.'));
  const patterns = fc.oneof(
    words,
    words.map((text) => `${text}.*`),
    fc.constant('*'),
  );
  fc.assert(
    fc.property(patterns, words, (pattern, type) => {
      expect(patternTakes(pattern, type) && !patternsThatMayTake(type).includes(pattern)).toBe(false);
    }),
  );
});
