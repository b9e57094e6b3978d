import fc from 'fast-check';
import { expect, it } from 'vitest';
import { correlationOf, correlationsOf, pathListOf } from '../../language/correlation.ts';
import { isEqual } from '../../language/operators/comparison.ts';
import { sampleEvent } from '../server/sample-event.ts';

const scalar = fc.oneof(
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.string(),
  fc.integer().map(String),
  fc.constantFrom('1001', '1001.0', '01001', '+1001', '1e3', 'true', '', '-0', '9007199254740993'),
);

it('is the same for any two values that == takes for equal', () => {
  fc.assert(
    fc.property(scalar, scalar, (a, b) => {
      const same = correlationOf('t', { path: a }) === correlationOf('t', { path: b });
      return same || !isEqual(a, b);
    }),
    { numRuns: 5_000 },
  );
});

it.each([
  ['1001', 1001, true],
  ['1001.0', 1001, true],
  ['1e3', 1000, true],
  ['true', true, false],
  ['a', 'A', false],
  ['9007199254740993', 9_007_199_254_740_992, false],
])('of %j and %j: the same is %s', (a, b, same) => {
  expect(correlationOf('t', { path: a }) === correlationOf('t', { path: b })).toBe(same);
});

it.each([
  ['a null', { 'event.payment.id': null }],
  ['a list', { 'event.payment.id': ['pi_1'] }],
])('is nothing that an event has for %s', (_what, match) => {
  expect(correlationOf('payment.succeeded', match)).toBeNull();
});

const match = { 'event.payment.orderId': 'ORDER-1', 'event.payment.id': 'pi_1' };
const shape = (type: string) => ({ type, paths: JSON.parse(pathListOf(match)) as string[] });

it('of an event is that of a match for its values, by its canonical and its native type', () => {
  const shapes = [shape('payment.succeeded'), shape('payment_intent.succeeded'), shape('payment.failed')];
  expect(correlationsOf(sampleEvent(), shapes)).toEqual([
    correlationOf('payment.succeeded', match),
    correlationOf('payment_intent.succeeded', match),
  ]);
});

it('of an event is nothing where it lacks a value, or has a list there', () => {
  const shapes = ['event.payment.nothing', 'event.data', 'event.refund.id', `event.${'a'.repeat(300)}`].map((path) => ({
    type: 'payment.succeeded',
    paths: [path],
  }));
  expect(correlationsOf(sampleEvent(), shapes)).toEqual([]);
});
