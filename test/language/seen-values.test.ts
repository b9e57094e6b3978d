import { expect, it } from 'vitest';
import { explainCondition } from '../../language/explain-condition.ts';
import type { Json } from '../../language/json.ts';
import type { Scope } from '../../language/scope.ts';
import { scopeSeen, seenBy } from '../../language/seen-values.ts';

const scopeOf = (): Scope => ({
  event: { payment: { amount: 5 } },
  steps: { order: { id: 'ord_1', lines: [{ sku: 'tea' }], total: 7 } },
  status: { order: 'done' },
  vars: { tries: 1 },
  run: { id: 'run', definition: 'demo' },
  line: { count: 2 },
});

it.each<[string, Json, string]>([
  ['outputs of steps', { '==': [{ var: 'steps.order.id' }, 'ord_1'] }, 'steps.order.id ("ord_1") == "ord_1"'],
  ['items of lists', { '!!': { var: 'steps.order.lines.0.sku' } }, 'steps.order.lines.0.sku ("tea") is set'],
  [
    'variables and statuses',
    { and: [{ var: 'vars.tries' }, { var: 'status.order' }] },
    'vars.tries (1) and status.order ("done")',
  ],
  ['items of loops by their names', { '>': [{ var: 'line.count' }, 1] }, 'line.count (2) > 1'],
  ['what is missing', { '!!': { var: ['steps.none.id', 0] } }, 'steps.none.id (missing, so 0) is set'],
  ['the event', { '>': [{ var: 'event.payment.amount' }, 1] }, 'event.payment.amount (5) > 1'],
])('keeps %s for an explanation after they have changed', (_what, logic, expected) => {
  const scope = scopeOf();
  const seen = seenBy(logic, scope);
  Object.assign(scope, { steps: {}, status: {}, vars: {}, line: null });
  expect(explainCondition(logic, { scope: scopeSeen(seen!, scope), nowMs: 0 })).toBe(expected);
});

it.each<[string, Json]>([
  ['an object', { '!!': { var: 'steps.order' } }],
  ['a whole root', { '!!': { var: 'vars' } }],
  ['a computed path', { var: { cat: ['steps.', 'order'] } }],
])('does not keep %s', (_what, logic) => {
  expect(seenBy(logic, scopeOf())).toBeNull();
});

it('never writes to a prototype', () => {
  const scope = { ...scopeOf(), vars: JSON.parse('{"__proto__":{"x":1},"constructor":{"name":"x"}}') as Scope['vars'] };
  expect(seenBy({ var: 'vars.__proto__.x' }, scope)).toBeNull();
  expect(seenBy({ var: 'vars.constructor.name' }, scope)).toEqual({ vars: { constructor: { name: 'x' } } });
  expect(Object.hasOwn(Object.prototype, 'x')).toBe(false);
});

it('takes hostile texts for what they are', () => {
  const logic = {
    in: ['{{', ['{{ }} {{__proto__.x}}', '__proto__.x', "steps['", 'x'.repeat(100_000), 'constructor.name']],
  };
  expect(seenBy(logic, scopeOf())).toEqual({});
});
