import { expect, it } from 'vitest';
import type { Definition, Step } from '../../../language/definition.ts';
import type { Json } from '../../../language/json.ts';
import { measureCoverage } from '../../../simulator/definition-tests/coverage.ts';
import type { DefinitionTest } from '../../../simulator/definition-tests/definition-test.ts';
import { runTest } from '../../../simulator/definition-tests/run-tests.ts';

const amountOver = (amount: number) => ({ '>': [{ var: 'event.payment.amount' }, amount] });
const set = (id: string): Step => ({ id, set: { [id]: 1 } });
const declined = { error: { type: 'CardDeclined', retryable: false } };

/** What the tests leave out, with the line in the definition written with one member a line. */
async function missing(steps: Step[], tests: Omit<DefinitionTest, 'name'>[], more: Partial<Definition> = {}) {
  const definition: Definition = { name: 'demo', on: { event: 'payment.succeeded' }, steps, ...more };
  const results = [];
  for (const test of tests) results.push(await runTest({ name: 'a test', ...test }, { definition }));
  const coverage = measureCoverage({ definition, text: JSON.stringify(definition, null, 2) }, results);
  expect(coverage.total - coverage.covered).toBe(coverage.missing.length);
  return coverage.missing.map(({ step, what }) => `${step} ${what}`);
}

const plain = { expect: {} };
const of = (amount: number) => ({ event: { payment: { amount } }, expect: {} });
const comes = { events: [{ at: '+1h', event: { type: 'payment.refunded' } }], expect: {} };
const answered = (approved: boolean) => ({
  events: [{ at: '+1h', decide: { step: 'ask', approved, by: 'ana' } }],
  expect: {},
});

const wait = (more: object = {}): Step => ({ id: 'wait', waitFor: 'payment.refunded', timeout: '1d', ...more });
const ask = (more: object = {}): Step => ({ id: 'ask', approve: 'Sure?', timeout: '1d', ...more });
const each = (onItemError: 'continue' | Step[] | 'fail', items: string): Step => ({
  id: 'each',
  forEach: { in: items, onItemError },
  do: [{ id: 'pay', call: 'orders.create' }],
});
const tell: Step = { id: 'tell', emit: 'order.created', await: { ack: '1d' }, onTimeout: 'continue' };
const refusal = { endpoint: 'ep_2', state: 'refused', status: 410 };
const outcome = (mock: Json) => ({ mocks: { 'tell/outcome': mock }, expect: {} });
const items = (list: number[]) => ({ event: { data: { list } }, expect: {} });

it.each<[string, Step, Omit<DefinitionTest, 'name'>[], string[]]>([
  ['guards', { ...set('a'), if: amountOver(10) }, [of(20)], ['a if false']],
  ['guards', { ...set('a'), if: amountOver(10) }, [of(5)], ['a if true']],
  ['guards', { ...set('a'), if: amountOver(10) }, [of(5), of(20)], []],
  ['branches', { id: 'b', if: amountOver(10), then: [set('x')] }, [of(20)], ['b else']],
  ['branches', { id: 'b', if: amountOver(10), then: [set('x')], else: [set('y')] }, [of(5)], ['b then']],
  [
    'cases',
    {
      id: 's',
      switch: [
        { when: amountOver(10), do: [set('x')] },
        { when: amountOver(5), do: [set('y')] },
      ],
    },
    [of(20)],
    ['s case 2', 's default'],
  ],
  [
    'cases',
    { id: 's', switch: [{ when: amountOver(10), do: [set('x')] }], default: [set('y')] },
    [of(5)],
    ['s case 1'],
  ],
  ['whiles', { id: 'w', while: { '<': [{ var: 'index' }, 2] }, max: 5, do: [set('x')] }, [plain], ['w no iterations']],
  ['whiles', { id: 'w', while: amountOver(10), max: 5, do: [set('x')] }, [of(5)], ['w iterations']],
  ['answers', tell, [outcome({ failed: [] })], ['tell all deliveries failed', 'tell timed out']],
  ['answers', tell, [outcome({ failed: [refusal], by: 'ep_1' })], ['tell all deliveries failed', 'tell timed out']],
  ['answers', tell, [outcome({ failed: [refusal], by: null })], ['tell answered', 'tell timed out']],
  ['answers', tell, [outcome({ error: { type: 'AnswerLate' } })], ['tell answered', 'tell all deliveries failed']],
  ['answers', tell, [outcome({ result: {}, after: '25h' })], ['tell answered', 'tell all deliveries failed']],
  ['loops', each('fail', '{{event.data.list}}'), [items([])], ['each items']],
  ['loops', each('fail', '{{event.data.list}}'), [items([1])], ['each no items']],
  ['loops', each('fail', '{{event.data.list}}'), [items([]), items([1])], []],
  ['failing items', each('continue', '{{event.data.list}}'), [items([]), items([1])], ['each item failed']],
  [
    'failing items',
    each('continue', '{{event.data.list}}'),
    [items([]), { ...items([1]), mocks: { pay: declined } }],
    [],
  ],
  ['failing items', each([set('note')], '{{event.data.list}}'), [items([]), items([1])], ['each item failed']],
  [
    'failing items',
    each([{ ...set('note'), if: amountOver(9_000_000) }], '{{event.data.list}}'),
    [items([]), { ...items([1]), mocks: { pay: declined } }],
    ['note if true'],
  ],
  ['waits', wait(), [comes], ['wait timed out']],
  ['waits', wait(), [plain], ['wait event arrived']],
  ['waits', wait({ onTimeout: 'continue' }), [plain, comes], []],
  ['waits', wait({ onTimeout: [{ id: 'no', fail: 'late' }] }), [plain, comes], []],
  [
    'waits',
    wait({ where: { '>': [{ var: 'signal.payment.amount' }, 9] } }),
    [comes],
    ['wait timed out', 'wait where false'],
  ],
  ['approvals', ask(), [answered(true)], ['ask rejected', 'ask timed out']],
  ['approvals', ask(), [answered(false), plain], ['ask approved']],
  ['approvals', ask({ onReject: 'continue' }), [answered(false), plain, answered(true)], []],
  ['approvals', ask({ onReject: [{ id: 'no', fail: 'no' }] }), [answered(false)], ['ask approved', 'ask timed out']],
  [
    'handlers',
    {
      id: 't',
      try: [{ id: 'pay', call: 'orders.create' }],
      catch: [{ errors: ['CardDeclined', 'CardExpired'], do: [set('x')] }, { do: [set('y')] }],
    },
    [plain],
    ['t catch CardDeclined, CardExpired', 't catch'],
  ],
  [
    'handlers',
    {
      id: 't',
      try: [{ id: 'pay', call: 'orders.create' }],
      catch: [{ errors: ['CardDeclined'], do: [set('x')] }, { do: [set('y')] }],
    },
    [{ mocks: { pay: declined }, expect: {} }],
    ['t catch'],
  ],
])('reports which %s no test covers', async (_what, step, tests, expected) => {
  expect(await missing([step], tests)).toEqual(expected);
});

it('counts undone steps and the results of the trigger', async () => {
  const steps: Step[] = [
    { id: 'order', call: 'orders.create', undo: { call: 'orders.cancel' } },
    { id: 'pay', call: 'orders.create' },
  ];
  const on = { event: 'payment.succeeded', if: amountOver(0) };
  expect(await missing(steps, [plain], { on })).toEqual(['on if false', 'order undo']);
  const failing = { mocks: { pay: declined }, expect: {} };
  expect(await missing(steps, [failing, of(0)], { on })).toEqual([]);
  expect(await missing(steps, [failing, { event: { type: 'payment.failed' }, expect: {} }], { on })).toEqual([
    'on if false',
  ]);
});

it('does not count steps of another definition by the same id', async () => {
  const definition: Definition = {
    name: 'demo',
    on: { event: 'payment.succeeded' },
    steps: [
      { ...set('a'), if: amountOver(10) },
      { id: 'sub', run: 'other' },
    ],
  };
  const other: Definition = { name: 'other', on: 'run', steps: [{ ...set('a'), if: amountOver(999) }] };
  const result = await runTest({ name: 'a', ...of(20) }, { definition, children: { other } });
  const { missing: left } = measureCoverage({ definition, text: '{}' }, [result]);
  expect(left).toEqual([{ step: 'a', what: 'if false', line: 1 }]);
});

it('reports the line of the definition', () => {
  const text = `{
  "name": "demo", "on": { "event": "payment.succeeded" },
  "steps": [
    // A comment.
    { "id": "b", "if": true,
      "then": [{ "id": "x", "set": { "a": 1 } }],
      "else": [
        { "id": "y", "set": { "a": 1 } }
      ] }
  ]
}`;
  const steps: Step[] = [{ id: 'b', if: true, then: [set('x')], else: [set('y')] }];
  const definition: Definition = { name: 'demo', on: { event: 'payment.succeeded' }, steps };
  const { missing: left } = measureCoverage({ definition, text }, []);
  expect(left).toEqual([
    { step: 'b', what: 'then', line: 6 },
    { step: 'b', what: 'else', line: 7 },
  ]);
});

it('lists deadlines, and no time limit that a deadline around it never lets end', async () => {
  const group: Step = { id: 'group', deadline: '1h', onTimeout: 'continue', do: [wait({ timeout: '1h' })] };
  const short: Step = { ...group, do: [wait({ timeout: '30m' })] };
  expect(await missing([group], [comes])).toEqual(['group timed out']);
  expect(await missing([group], [plain])).toEqual(['wait event arrived']);
  expect(await missing([short], [plain])).toEqual(['group timed out', 'wait event arrived']);
});

it('lists the deadline of the run and what comes after undoing', async () => {
  const more: Partial<Definition> = { deadline: '1h', onTimeout: [set('late')], afterUndo: [set('told')] };
  const steps: Step[] = [{ id: 'pay', call: 'orders.create' }, wait({ onTimeout: 'continue' })];
  const failing = { mocks: { pay: declined }, expect: {} };
  expect(await missing(steps, [failing], more)).toEqual(['wait event arrived', 'run timed out']);
  expect(await missing(steps, [plain], more)).toEqual(['wait event arrived', 'run after undoing']);
});
