import { expect, it } from 'vitest';
import { openPrefixProblem, prefixProblem } from '../../language/definition-prefix.ts';
import type { Definition, EmitStep, Step, StepStatus } from '../../language/definition.ts';

const definitionOf = (...steps: Step[]): Definition => ({ name: 'pay', on: { event: 'payment.succeeded' }, steps });
const http = (id: string, url = 'https://shop.example/'): Step => ({ id, http: url });
const before = definitionOf(http('order'), http('ship'), http('tell'));

/** `order` is done, and `ship` is to run again. */
const status: Record<string, StepStatus> = { order: 'done', ship: 'pending', tell: 'pending' };
const hasBegun = (id: string) => id === 'order' || id === 'ship';
const problem = (after: Definition) => prefixProblem(before, after, status, hasBegun);

it('lets a run go on if the step that failed was corrected, and whatever comes after it', () => {
  expect(
    problem(definitionOf(http('order'), http('ship', 'https://other.example/'), http('thank'), http('tell'))),
  ).toBeNull();
});

it('lets no run go on if what has ended was changed, moved or removed', () => {
  expect(problem(definitionOf(http('order', 'https://other.example/'), http('ship')))).toBe(
    'the step "order" has ended, and was changed',
  );
  expect(problem(definitionOf(http('first'), http('order'), http('ship')))).toBe(
    'the step "order" has run, and is not at its place any more',
  );
  expect(problem(definitionOf())).toBe('the step "order" has run, and is not at its place any more');
});

it('lets no run go on if the step that failed is gone or does something else', () => {
  expect(problem(definitionOf(http('order'), http('tell')))).toBe(
    'the step "ship" has run, and is not at its place any more',
  );
  expect(problem(definitionOf(http('order'), { id: 'ship', wait: '1h' }))).toBe(
    'the step "ship" has begun, and does something else now',
  );
});

it('lets no run go on under another definition', () => {
  expect(problem({ ...before, name: 'other' })).toBe('it is another definition: other');
});

it('looks into the steps that are under way, and leaves their own properties as they are', () => {
  const loop = (inList: string, ...steps: Step[]): Step => ({ id: 'lines', forEach: { in: inList }, do: steps });
  const inLoop = (after: Definition) => {
    const began = ['lines', 'order', 'ship'];
    return prefixProblem(definitionOf(loop('{{event.data.lines}}', http('order'), http('ship'))), after, status, (id) =>
      began.includes(id),
    );
  };
  expect(
    inLoop(definitionOf(loop('{{event.data.lines}}', http('order'), http('ship', 'https://b.example/')))),
  ).toBeNull();
  expect(inLoop(definitionOf(loop('{{event.data.items}}', http('order'), http('ship'))))).toBe(
    'the step "lines" is under way, and was changed',
  );
  expect(inLoop(definitionOf(loop('{{event.data.lines}}', http('ship'))))).toBe(
    'the step "order" has run, and is not at its place any more',
  );
});

it('compares what stands although a step before it was undone, or skipped, and is to run again', () => {
  const undone: Record<string, StepStatus> = { order: 'pending', gift: 'pending', mail: 'done', ship: 'pending' };
  const began = (id: string) => ['order', 'mail', 'ship'].includes(id);
  const old = definitionOf(http('order'), http('gift'), http('mail'), http('ship'));
  const after = (...steps: Step[]) => prefixProblem(old, definitionOf(...steps), undone, began);
  const corrected = http('ship', 'https://other.example/');
  expect(after(http('order'), http('gift'), http('mail'), corrected, http('tell'))).toBeNull();
  expect(after(http('order'), http('gift'), http('mail', 'https://other.example/'), corrected)).toBe(
    'the step "mail" has ended, and was changed',
  );
  expect(after(http('order'), http('gift'), http('mail2'), corrected)).toBe(
    'the step "mail" has run, and is not at its place any more',
  );
  expect(after(http('order'), http('mail'), corrected)).toBe(
    'the step "gift" comes before one that has run, and is not at its place any more',
  );
});

const tell = (more: Partial<EmitStep>): Step => ({ id: 'tell', emit: 'order.created', ...more });
const sorry: Step = { id: 'sorry', set: { told: false } };

it.each<[string, Partial<EmitStep>, Partial<EmitStep>, string | null]>([
  ['reacts differently', { await: { ack: '1h' } }, { await: { ack: '1h' }, onTimeout: 'continue' }, null],
  ['reacts to failures now', { await: { ack: '1h' } }, { await: { ack: '1h' }, onExhausted: [sorry] }, null],
  ['says how it waits', { onExhausted: [sorry] }, { onExhausted: [sorry], await: { delivered: '7d' } }, 'changed'],
  ['waits longer', { await: { ack: '1h' } }, { await: { ack: '2h' } }, 'changed'],
  ['waits for something else', { await: { delivered: '1h' } }, { await: { ack: '1h' } }, 'changed'],
  ['waits no more', { await: 'delivered' }, {}, 'changed'],
  ['implied that it waits', { onExhausted: [sorry] }, {}, 'changed'],
  ['emits something else', { await: 'delivered' }, { await: 'delivered', with: { a: 1 } }, 'changed'],
])('lets a run that waits for its webhook go on unless it would wait for another: %s', (_what, one, other, refusal) => {
  const place = { status: { tell: 'running' as const }, items: {} };
  expect(openPrefixProblem(definitionOf(tell(one)), definitionOf(tell(other)), place)).toBe(
    refusal && 'the step "tell" waits, and was changed',
  );
});
