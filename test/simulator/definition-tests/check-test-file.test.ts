import { readFileSync } from 'node:fs';
import Ajv from 'ajv';
import { expect, it } from 'vitest';
import type { Definition } from '../../../language/definition.ts';
import { checkTestFile } from '../../../simulator/definition-tests/check-test-file.ts';
import { testFileJsonSchema } from '../../../simulator/definition-tests/test-file-schema.ts';
import { activityTypes } from '../../language/activity-types.ts';

const definition: Definition = {
  name: 'demo',
  on: { event: 'payment.succeeded' },
  steps: [
    { id: 'order', call: 'orders.create', undo: { call: 'orders.cancel' } },
    { id: 'note', set: { a: 1 } },
    { id: 'ok', approve: 'Sure?', timeout: '1d' },
    { id: 'ask', http: 'https://shop.example' },
    { id: 'tell', emit: 'order.created', await: { ack: '1d' } },
  ],
};
const check = (test: object) =>
  checkTestFile({
    text: JSON.stringify({ tests: [{ name: 'a', expect: {}, ...test }] }),
    file: 'demo.test.json',
    definition,
    children: {},
    activities: activityTypes,
  });

const whole = {
  event: { type: 'payment.succeeded', payment: { amount: 5, customer: { email: null } }, data: { any: [1] } },
  vars: { limit: 5 },
  mocks: {
    order: [
      { error: { type: 'Away', message: 'later', retryable: true } },
      { result: { id: 'a' }, after: '2m' },
      { id: 'b' },
    ],
    'order/undo': { error: { type: 'OrderUnknown' } },
    ask: { status: 404, body: [1] },
    tell: { deliveries: 2 },
    'tell/outcome': { ack: { ok: true }, by: 'ep_1' },
  },
  events: [
    { at: '+1h', event: { type: 'payment.refunded', payment: null } },
    { at: '+2h', decide: { step: 'ok', approved: true, by: 'ana' } },
    { at: '+3h', steer: { setResult: 'order', result: null } },
    { at: '+1d 4h', cancel: true },
  ],
  expect: {
    status: 'failed',
    output: [1],
    error: { type: 'X', step: null, message: 'm' },
    trace: ['order done', 'ok timedOut +24h'],
    steps: { order: { status: 'done', endedAt: '+1h', input: {}, output: {}, attempts: 2, error: { type: 'X' } } },
    undo: ['order', 'order failed'],
  },
};

it('accepts a test that uses everything', () => {
  const { tests, findings } = check(whole);
  expect(findings).toEqual([]);
  expect(tests).toEqual([{ name: 'a', ...whole }]);
});

it.each<[string, object, string, string, string | undefined]>([
  ['a misspelt key', { moks: {} }, '/tests/0/moks', '"moks" is not a property of this test.', 'Did you mean "mocks"?'],
  [
    'a misspelt member of the event',
    { event: { payment: { amout: 1 } } },
    '/tests/0/event/payment/amout',
    '"amout" is not a property of the payment.',
    'Did you mean "amount"?',
  ],
  [
    'a misspelt member of a refund',
    { event: { refund: { totalRefund: 1 } } },
    '/tests/0/event/refund/totalRefund',
    '"totalRefund" is not a property of the refund.',
    'Did you mean "totalRefunded"?',
  ],
  [
    'a misspelt member of a subscription’s customer, in a later event',
    { events: [{ at: '+1h', event: { subscription: { customer: { emial: null } } } }] },
    '/tests/0/events/0/event/subscription/customer/emial',
    '"emial" is not a property of the customer.',
    'Did you mean "email"?',
  ],
  [
    'a status that no payout has',
    { event: { payout: { status: 'paid' } } },
    '/tests/0/event/payout/status',
    '"status" does not allow "paid".',
    'Expected one of: pending, succeeded, failed, canceled.',
  ],
  [
    'a mock of no step',
    { mocks: { ordr: 1 } },
    '/tests/0/mocks/ordr',
    'The definition "demo" has no step "ordr".',
    'Did you mean "order"?',
  ],
  [
    'a mock of what calls nobody',
    { mocks: { note: 1 } },
    '/tests/0/mocks/note',
    'Step "note" calls nothing, so a mock would have no effect.',
    'Only call, http, emit and run steps can have a mock.',
  ],
  [
    'a result that the activity never gives',
    { mocks: { order: { idd: 'a' } } },
    '/tests/0/mocks/order/idd',
    '"idd" is not a property of the output of orders.create.',
    'Did you mean "id"?',
  ],
  [
    'a result of a wrong type',
    { mocks: { order: [{ result: { id: 1 } }] } },
    '/tests/0/mocks/order/0/result/id',
    '"id" must be a text, got a number.',
    undefined,
  ],
  [
    'a result that is no object',
    { mocks: { order: 'ord_1' } },
    '/tests/0/mocks/order',
    'The output of orders.create must be an object, got a text.',
    undefined,
  ],
  [
    'an answer of an HTTP step',
    { mocks: { ask: { staus: 1 } } },
    '/tests/0/mocks/ask/staus',
    '"staus" is not a property of the output of http.request.',
    'Did you mean "status"?',
  ],
  [
    'an answer of undoing',
    { mocks: { 'order/undo': { status: 'x' } } },
    '/tests/0/mocks/order~1undo/status',
    '"status" does not allow "x".',
    'Expected one of: canceled.',
  ],
  [
    'an error without a type',
    { mocks: { order: { error: {} } } },
    '/tests/0/mocks/order/error/type',
    '"type" is missing from the error.',
    undefined,
  ],
  [
    'a result and an error',
    { mocks: { order: { error: { type: 'A' }, result: {} } } },
    '/tests/0/mocks/order/error',
    'An answer is either a result or an error, not both.',
    undefined,
  ],
  [
    'a bad duration',
    { mocks: { order: { after: '2 minutes' } } },
    '/tests/0/mocks/order/after',
    '"2 minutes" is not a duration. Write a whole number and a unit: 500ms, 30s, 5m, 24h or 7d.',
    'Write a duration, for example 2m.',
  ],
  [
    'a duration of no text',
    { mocks: { order: { after: 2 } } },
    '/tests/0/mocks/order/after',
    '"after" must be a text.',
    'Write a duration, for example 2m.',
  ],
  ['no answers', { mocks: { order: [] } }, '/tests/0/mocks/order', 'The list of answers is empty.', undefined],
  [
    'a bad time',
    { events: [{ at: '2h', cancel: true }] },
    '/tests/0/events/0/at',
    '"2h" is not a time since the run began.',
    'Write a plus sign and durations: +2h, +1h 30m.',
  ],
  [
    'a cancellation before the run',
    { events: [{ at: '-2h', cancel: true }] },
    '/tests/0/events/0/at',
    '"-2h" is not a time since the run began.',
    'Write a plus sign and durations: +2h, +1h 30m.',
  ],
  [
    'an entry of nothing',
    { events: [{ at: '+2h' }] },
    '/tests/0/events/0',
    'Exactly one of these is required: event, decide, steer, cancel.',
    undefined,
  ],
  [
    'an entry of two things',
    { events: [{ at: '+2h', event: {}, cancel: true }] },
    '/tests/0/events/0/cancel',
    '"cancel" cannot stand beside "event".',
    'Put it in its own entry.',
  ],
  [
    'two ways of steering',
    { events: [{ at: '+2h', steer: { retry: 'order', skip: 'order' } }] },
    '/tests/0/events/0/steer/skip',
    '"skip" cannot stand beside "retry".',
    'Put it in its own entry.',
  ],
  [
    'steering of no step',
    { events: [{ at: '+2h', steer: { skip: 'oder' } }] },
    '/tests/0/events/0/steer/skip',
    'The definition "demo" has no step "oder".',
    'Did you mean "order"?',
  ],
  [
    'an answer to what asks nobody',
    { events: [{ at: '+2h', decide: { step: 'note', approved: true, by: 'a' } }] },
    '/tests/0/events/0/decide/step',
    'Step "note" is not an approve step, so it cannot be answered.',
    undefined,
  ],
  [
    'a line of no trace',
    { expect: { trace: ['order'] } },
    '/tests/0/expect/trace/0',
    '"order" is not a trace line.',
    'Write "<step> <status>" or "<step> <status> <time>", such as "refund timedOut +24h".',
  ],
  [
    'a trace of no step',
    { expect: { trace: ['order done', 'nott done'] } },
    '/tests/0/expect/trace/1',
    'The definition "demo" has no step "nott".',
    'Did you mean "note"?',
  ],
  [
    'an expected step that is not there',
    { expect: { steps: { orde: {} } } },
    '/tests/0/expect/steps/orde',
    'The definition "demo" has no step "orde".',
    'Did you mean "order"?',
  ],
  [
    'an expected time',
    { expect: { steps: { ok: { endedAt: '1d' } } } },
    '/tests/0/expect/steps/ok/endedAt',
    '"1d" is not a time since the run began.',
    'Write a plus sign and durations: +2h, +1h 30m.',
  ],
  [
    'undoing of what has no undo',
    { expect: { undo: ['order', 'note failed'] } },
    '/tests/0/expect/undo/1',
    'Step "note" has no "undo", so it is never undone.',
    undefined,
  ],
  [
    'the error of no step',
    { expect: { error: { step: 'oder' } } },
    '/tests/0/expect/error/step',
    'The definition "demo" has no step "oder".',
    'Did you mean "order"?',
  ],
  [
    'expectations where there is no run',
    { expect: { triggered: false, output: 1 } },
    '/tests/0/expect/output',
    'If no run is expected, nothing else can be.',
    undefined,
  ],
])('finds %s', (_what, test, pointer, message, hint) => {
  const { tests, findings } = check(test);
  expect(tests).toBeNull();
  expect(findings).toEqual([expect.objectContaining({ pointer, message, ...(hint === undefined ? {} : { hint }) })]);
  expect(findings[0]!.hint).toBe(hint);
});

it('finds tests of the same name, and text that is not JSON', () => {
  const file = (text: string) => checkTestFile({ text, file: 'a', definition, children: {}, activities: {} }).findings;
  const twice = '{ "tests": [{ "name": "a", "expect": {} }, { "name": "a", "expect": {} }] }';
  expect(file(twice)).toMatchObject([{ line: 1, column: 54, message: 'Another test already has this name.' }]);
  expect(file('{ "tests": ')).toMatchObject([{ code: 'KAIT1001' }]);
  expect(file('[]')).toMatchObject([{ code: 'KAIT1103' }]);
});

it('has an up-to-date JSON Schema for editors that accepts what the checker accepts', () => {
  const schema = testFileJsonSchema();
  const file = new URL('../../../schemas/workflow-test.schema.json', import.meta.url);
  expect(readFileSync(file, 'utf8'), 'run "npm run schemas"').toBe(schema);
  const validate = new Ajv().compile(JSON.parse(schema) as object);
  expect(validate({ tests: [{ name: 'a', ...whole }] }), JSON.stringify(validate.errors)).toBe(true);
  expect(validate({ tests: [{ name: 'a', expect: { triggred: false } }] })).toBe(false);
});

it.each([
  [{ city: 5 }, 'KAIT1603 The setting "city" must be a text of at most 4,000 characters.'],
  [{ city: 'Bogor', citty: 'Depok' }, 'KAIT1601 There is no setting "citty".'],
  [{}, 'KAIT1102 The definition reads the setting "city", which has no default.'],
])('reports settings of a test that do not fit: %j', (settings, expected) => {
  const { findings } = checkTestFile({
    text: JSON.stringify({ tests: [{ name: 'a', expect: {}, settings }] }),
    file: 'demo.test.json',
    definition: { ...definition, output: 'In {{settings.city}}' },
    children: {},
    activities: activityTypes,
    settings: { types: { city: 'text' }, values: {} },
  });
  expect(findings.map(({ code, message }) => `${code} ${message}`)).toEqual([expected]);
});
