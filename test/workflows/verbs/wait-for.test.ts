import { expect, it } from 'vitest';
import type { Json } from '../../../language/json.ts';
import type { Definition, Step } from '../../../language/definition.ts';
import type { CanonicalEvent } from '../../../language/event.ts';
import { createInterpreter } from '../../../workflows/interpreter.ts';
import { sampleEvent } from '../../server/sample-event.ts';
import { fakeEffects } from '../fake-effects.ts';

/** Runs a `waitFor` for the first of the events that matches; the output is its id. Time passes at once. */
async function wait(step: object, events: Partial<CanonicalEvent>[], own: Partial<CanonicalEvent> = {}) {
  const waiting: Step = { id: 'refund', waitFor: 'payment.refunded', timeout: '1h', onTimeout: 'continue', ...step };
  const definition: Definition = {
    name: 'demo',
    on: { event: 'payment.succeeded' },
    vars: { nothing: null },
    steps: [waiting],
    output: { get: [{ coalesce: [{ var: 'steps.refund' }, { literal: { id: 'none' } }] }, 'id'] },
  };
  const noted: string[] = [];
  const input = { definition, definitionHash: 'hash', event: sampleEvent(own), localActivities: [] };
  const observer = { noted: (note: string) => noted.push(note) };
  const run = createInterpreter({ input, runId: 'demo/stripe/evt_1', effects: fakeEffects().effects, observer });
  for (const [index, event] of events.entries()) {
    run.receive(sampleEvent({ id: `evt_${index + 2}`, type: 'payment.refunded', ...event }));
  }
  const outcome = await run.execute();
  return { taken: outcome.kind === 'completed' ? outcome.output : null, noted };
}

const payment = (orderId: string | null) => ({
  payment: { ...sampleEvent().payment, orderId } as CanonicalEvent['payment'],
});

it.each<[what: string, where: Json, foreign: Partial<CanonicalEvent>, noted: string]>([
  [
    'lacks the field',
    { '===': [{ var: 'signal.data.order' }, 'A1'] },
    { data: {} },
    'signal.data.order is missing: signal.data has no "order". It is empty.',
  ],
  [
    'has null in its place',
    { '>': [{ var: 'signal.payment.amount' }, 100] },
    { payment: null },
    'signal.payment.amount is missing: signal.payment is null, so it has no "amount".',
  ],
  [
    'has another type',
    { '>': [{ var: 'signal.data.amount' }, 100] },
    { data: { amount: '5' } },
    '">" compares two numbers or two texts, got a string and a number.',
  ],
  [
    'lacks it in a list',
    { some: [{ var: 'signal.data.lines' }, { '===': [{ var: 'sku' }, 'tea'] }] },
    { data: { lines: [{}] } },
    'sku is missing: the data here has no "sku". It is empty.',
  ],
  [
    'is too large for the condition',
    { some: [{ var: 'signal.data.lines' }, { '===': [{ var: '' }, 'tea'] }] },
    { data: { lines: Array<Json>(30_000).fill(1) } },
    'The expression is too expensive: it takes more than 20000 operations.',
  ],
  [
    'names a path that is too long',
    { get: [{ literal: {} }, { var: 'signal.data.order' }, true] },
    { data: { order: 'a'.repeat(257) } },
    `The path ${'a'.repeat(59)}… is longer than 256 characters.`,
  ],
  [
    'names a pattern that is none',
    { formatDate: ['2026-01-01T00:00:00Z', { var: 'signal.data.order' }] },
    { data: { order: 'YYYY' } },
    '"formatDate" does not know "YYYY" in a pattern. It knows: yyyy MMMM MMM MM M dd d EEEE EEE HH H mm ss SSS. Put other words between \'.',
  ],
])('does not take a foreign event that %s, notes that, and takes the next', async (_what, where, foreign, noted) => {
  const ours = { data: { order: 'A1', amount: 500, lines: [{ sku: 'tea' }, 'tea'] } };
  const result = await wait({ where: { or: [{ '===': [{ var: 'signal.entity' }, 'ours'] }, where] } }, [
    foreign,
    { ...ours, entity: 'ours' },
  ]);
  expect(result).toEqual({ taken: 'evt_3', noted: [`Step "refund" did not take the event evt_2: ${noted}`] });
});

it.each<[what: string, where: Json, message: string]>([
  [
    'a path that its own event lacks',
    { '===': [{ var: 'signal.entity' }, { var: 'event.data.nothing' }] },
    'event.data.nothing is missing',
  ],
  ['a comparison of its own values', { '<': [{ var: 'vars.nothing' }, 5] }, '"<" compares two numbers or two texts'],
  ['an unknown operator', { flor: [{ var: 'signal.entity' }] }, 'Unknown operator "flor"'],
])('fails on %s, whatever the event is', async (_what, where, message) => {
  await expect(wait({ where }, [{}])).rejects.toMatchObject({
    type: 'ExpressionFailed',
    stepId: 'refund',
    message: expect.stringContaining(message),
  });
});

it.each<[coming: Json, wanted: Json, taken: string]>([
  ['1001', 1001, 'evt_2'],
  [1001, '1001', 'evt_2'],
  ['1001.0', 1001, 'evt_2'],
  ['a', 'a', 'evt_2'],
  [true, true, 'evt_2'],
  ['true', true, 'none'],
  [1, true, 'none'],
  ['', 0, 'none'],
  [null, 0, 'none'],
  [null, 'null', 'none'],
  [['a'], 'a', 'none'],
  ['9007199254740993', '9007199254740993', 'evt_2'],
  ['9007199254740993', 9_007_199_254_740_992, 'none'],
  ['A', 'a', 'none'],
])('matches %j against %j as == does, and takes %s', async (coming, wanted, taken) => {
  const result = await wait({ match: { 'event.data.order': wanted } }, [{ data: { order: coming } }]);
  expect(result).toEqual({ taken, noted: [] });
});

it.each<[string, Json, string]>([
  ['null', '{{event.payment.orderId}}', 'null'],
  ['a list', [1], 'a list'],
  ['an object', '{{event.payment.customer}}', 'an object'],
])('fails at once if a match is for %s, which no event has', async (_what, wanted, named) => {
  await expect(
    wait({ match: { 'event.payment.orderId': wanted } }, [payment(null)], payment(null)),
  ).rejects.toMatchObject({
    type: 'ExpressionFailed',
    message: `Step "refund": no event matches, because "event.payment.orderId" is to be ${named}`,
  });
});

it('notes and drops an event that no step of the run waits for', async () => {
  const result = await wait({}, [{ type: 'payment.disputed' }, { source: 'paypal' }]);
  expect(result).toEqual({
    taken: 'none',
    noted: [
      'Dropped the event evt_2 (payment.disputed from stripe): no step waits for such events',
      'Dropped the event evt_3 (payment.refunded from paypal): no step waits for such events',
    ],
  });
});
