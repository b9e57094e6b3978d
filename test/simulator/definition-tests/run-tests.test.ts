import { expect, it } from 'vitest';
import type { Definition } from '../../../language/definition.ts';
import type { ProjectSettings } from '../../../language/project-settings.ts';
import type { DefinitionTest } from '../../../simulator/definition-tests/definition-test.ts';
import { formatResults } from '../../../simulator/definition-tests/format-results.ts';
import { runTest } from '../../../simulator/definition-tests/run-tests.ts';
import { activityTypes } from '../../language/activity-types.ts';

const definition: Definition = {
  name: 'demo',
  on: { event: 'payment.succeeded', if: { '>': [{ var: 'event.payment.amount' }, 0] } },
  steps: [
    {
      id: 'order',
      call: 'orders.create',
      with: { reference: '{{event.payment.orderId}}', amount: '{{event.payment.amount}}', currency: 'IDR' },
      undo: {
        call: 'orders.cancel',
        with: { orderId: '{{steps.order.id}}' },
        timeout: '1s',
        retry: { attempts: 1 },
      },
    },
    { id: 'large', if: { '>': [{ var: 'event.payment.amount' }, 100] }, set: { large: true } },
    { id: 'mail', call: 'mail.send', with: { to: 'ana@shop.example' } },
  ],
  output: { orderId: '{{steps.order.id}}' },
};

/** What a person reads about the test, without its heading. */
async function report(test: Omit<DefinitionTest, 'name'>, of: Definition = definition): Promise<string[]> {
  const result = await runTest({ name: 'a test', ...test }, { definition: of, activities: activityTypes });
  const text = formatResults({ file: 'x', results: [result], coverage: { covered: 0, total: 0, missing: [] } });
  return text.split('\n').slice(1);
}

const mailRefused = { mail: { error: { type: 'MailRefused', message: 'no', retryable: false } } };

it.each<[string, Omit<DefinitionTest, 'name'>]>([
  ['nothing but that it completes', { expect: {} }],
  ['that there is no run', { event: { payment: { amount: 0 } }, expect: { triggered: false } }],
  ['a part of the output', { mocks: { order: { id: 'ord_1' } }, expect: { output: { orderId: 'ord_1' } } }],
  ['a trace', { expect: { trace: ['order done', 'large done +0s', 'mail done'] } }],
  [
    'a failure and what is undone',
    {
      mocks: { ...mailRefused, 'order/undo': { after: '1m' } },
      expect: {
        error: { type: 'MailRefused', step: 'mail' },
        steps: { mail: { status: 'failed', attempts: 1, error: { message: 'no' }, endedAt: '+0s' } },
        undo: ['order failed'],
      },
    },
  ],
  [
    'a cancellation',
    {
      mocks: { mail: { after: '20s' } },
      events: [{ at: '+10s', cancel: true }],
      expect: { status: 'canceled', undo: ['order'], steps: { mail: { endedAt: '+20000ms' } } },
    },
  ],
])('passes if it expects %s and gets it', async (_what, test) => {
  expect(await report(test)).toEqual(['  ✔ a test']);
});

it.each<[string, Omit<DefinitionTest, 'name'>, string[]]>([
  [
    'a run that is not started',
    { event: { payment: { amount: 0 } }, expect: {} },
    ['trigger', '  expected  a run', '  got       no run: if is false: event.payment.amount (0) > 0'],
  ],
  [
    'a run that is',
    { expect: { triggered: false } },
    ['trigger', '  expected  no run', '  got       a run: if is true: event.payment.amount (2500000) > 0'],
  ],
  [
    'another status, and why it is so',
    { mocks: mailRefused, expect: { output: { orderId: 1 } } },
    ['status', '  expected  completed', '  got       failed (MailRefused: Step "mail" (mail.send) failed: no)'],
  ],
  [
    'a run that should have failed',
    { expect: { error: { type: 'X' } } },
    ['status', '  expected  failed', '  got       completed'],
  ],
  [
    'another error',
    { mocks: mailRefused, expect: { error: { type: 'X', step: 'mail' } } },
    ['error.type', '  expected  X', '  got       MailRefused'],
  ],
  [
    'another output',
    { expect: { output: { orderId: 'ord_1' } } },
    ['output.orderId', '  expected  ord_1', '  got       order-id'],
  ],
  [
    'another trace, and why a step went another way',
    { event: { payment: { amount: 5 } }, expect: { trace: ['order done +1s', 'large done', 'mail done'] } },
    [
      'trace',
      '  - order done +1s',
      '  - large done',
      '  + order done +0s',
      '  + large skipped +0s  if is false: event.payment.amount (5) > 100',
      '    mail done +0s',
    ],
  ],
  [
    'a step that failed',
    { mocks: mailRefused, expect: { status: 'failed', trace: ['order done', 'large done', 'mail done'] } },
    ['trace', '    order done +0s', '    large done +0s', '  - mail done', '  + mail failed +0s  MailRefused: no'],
  ],
  [
    'what steps did',
    {
      expect: {
        steps: {
          order: { input: { amount: 1 }, attempts: 2, endedAt: '+60s', error: { type: 'X' } },
          'mail/1': { status: 'done' },
        },
      },
    },
    [
      'steps.order.input.amount',
      '  expected  1',
      '  got       2500000',
      'steps.order.attempts',
      '  expected  2',
      '  got       1',
      'steps.order.error',
      '  expected  {"type":"X"}',
      '  got       nothing',
      'steps.order.endedAt',
      '  expected  +1m',
      '  got       +0s',
      'steps.mail/1',
      '  expected  {"status":"done"}',
      '  got       nothing',
    ],
  ],
  [
    'what is undone',
    { mocks: mailRefused, expect: { status: 'failed', undo: ['order failed', 'mail'] } },
    ['undo', '  - order failed', '  - mail', '  + order'],
  ],
  [
    'an answer that nobody waited for',
    { events: [{ at: '+1h', steer: { retry: 'mail' } }], expect: {} },
    ['+1h steer mail: The run had ended by then.'],
  ],
])('fails with the expected and the actual values: %s', async (_what, test, lines) => {
  expect(await report(test)).toEqual(['  ✘ a test', ...lines.map((line) => `      ${line}`)]);
});

it('reports what a run is stuck at', async () => {
  const parked: Definition = { ...definition, onFail: 'park' };
  expect(await report({ mocks: mailRefused, expect: {} }, parked)).toContain('        got       stuck (parked: mail)');
});

it('starts what only a run step starts, with variables', async () => {
  const child: Definition = { ...definition, on: 'run', vars: { limit: 1 }, output: '{{vars.limit}}' };
  expect(await report({ vars: { limit: 7 }, expect: { output: 7 } }, child)).toEqual(['  ✔ a test']);
});

it('runs with the defaults of the settings, or with what the test gives them', async () => {
  const reading: Definition = {
    ...{ name: 'demo', on: { event: 'payment.succeeded', if: { var: 'settings.isOpen' } } },
    ...{ steps: [{ id: 'city', set: { city: '{{settings.city}}' } }], output: '{{vars.city}}' },
  };
  const settings: ProjectSettings = {
    types: { isOpen: 'boolean', city: 'text' },
    values: { isOpen: true, city: 'Bogor' },
  };
  const run = async (test: Omit<DefinitionTest, 'name'>) => {
    return (await runTest({ name: 'a test', ...test }, { definition: reading, settings })).differences;
  };
  expect(await run({ expect: { output: 'Bogor' } })).toEqual([]);
  expect(await run({ settings: { city: 'Depok' }, expect: { output: 'Depok' } })).toEqual([]);
  expect(await run({ settings: { isOpen: false }, expect: { triggered: false } })).toEqual([]);
});
