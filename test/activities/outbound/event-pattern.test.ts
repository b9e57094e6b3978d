import { expect, it } from 'vitest';
import { isEventPattern, patternTakes } from '../../../activities/outbound/event-pattern.ts';

it.each([
  ['order.created', 'order.created', true],
  ['order.created', 'order.created.again', false],
  ['order.*', 'order.created', true],
  ['order.*', 'orders.created', false],
  ['order.*', 'order', false],
  ['*', 'order.created', true],
  ['*', 'forwarding.began', true],
])('tells whether %s takes %s', (pattern, type, taken) => {
  expect(patternTakes(pattern, type)).toBe(taken);
});

it.each([
  ['forward.*', true],
  ['forward.stripe.*', true],
  ['forward.stripe.payment.*', true],
  ['forward.stripe.payment.succeeded', true],
  ['forward.stripe-eu.*', false],
  ['*', false],
])('lets %s take a forwarded request only where it asks for such: %s', (pattern, taken) => {
  expect(isEventPattern(pattern)).toBe(true);
  expect(patternTakes(pattern, 'forward.stripe.payment.succeeded')).toBe(taken);
});
