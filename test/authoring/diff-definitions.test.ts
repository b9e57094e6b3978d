import { describe, expect, it } from 'vitest';
import { diffDefinitions } from '../../authoring/diff-definitions.ts';
import { formatDiff } from '../../authoring/format-diff.ts';
import type { Definition, Step } from '../../language/definition.ts';
import { runRules } from './run-rules.ts';

const order: Step = {
  id: 'order',
  call: 'orders.create',
  with: { reference: '{{event.payment.orderId}}', amount: '{{event.payment.amount}}' },
  undo: { call: 'orders.cancel', with: { orderId: '{{steps.order.id}}' } },
};
const cashback: Step = {
  id: 'cashback',
  if: { '>=': [{ var: 'event.payment.amount' }, 1000000] },
  call: 'cashback.grant',
  with: { amount: { floor: { '*': [{ var: 'event.payment.amount' }, 0.05] } } },
};
const receipt: Step = { id: 'receipt', call: 'mail.send', with: { template: 'receipt' } };
const webhook: Step = { id: 'webhook', emit: 'order.created' };
const notify: Step = { id: 'notify', parallel: [receipt, webhook] };
const refund: Step = { id: 'refund', waitFor: 'payment.refunded', timeout: '24h', onTimeout: 'continue' };

const definition = (steps: Step[], rest: Partial<Definition> = {}): Definition => ({
  name: 'paid',
  on: { event: 'payment.succeeded' },
  ...rest,
  steps,
});
const side = { file: 'a.json', text: '', definition: { name: 'paid' }, hash: 'aaaaaaaaaaaaaaaa' };
/** The lines of changes, of a diff of two definitions. */
const changes = (before: Definition, after: Definition) => {
  const found = diffDefinitions(before, after, runRules.localActivities);
  const all = formatDiff({ before: side, after: side, changes: found }).split('\n');
  return found.length === 0 ? [] : all.slice(2, -2).map((line) => line.replaceAll(/ +/g, ' '));
};
const between = (before: Step[], after: Step[]) => changes(definition(before), definition(after));

it('compares the deadline of a run, and the steps for it and after undoing', () => {
  const before = definition([order], { onTimeout: [receipt], deadline: '1d' });
  const after = definition([order], { deadline: '2d', onTimeout: [receipt], afterUndo: [webhook] });
  expect(changes(before, after)).toEqual([
    '~ (definition) deadline 1d → 2d',
    '~ (definition) afterUndo added: 1 step',
    '+ webhook emit order.created, first in afterUndo',
  ]);
  expect(changes(after, definition([order, webhook], { deadline: '2d', onTimeout: [receipt] }))).toEqual([
    '~ (definition) afterUndo removed: 1 step',
    '> webhook moved: after order, was first in afterUndo',
  ]);
});

describe('what is the same', () => {
  it('is two definitions of which only the keys are in another order', () => {
    const { with: fields, ...rest } = order;
    expect(
      between([order], [{ with: { amount: fields?.amount ?? 0, reference: fields?.reference ?? 0 }, ...rest }]),
    ).toEqual([]);
  });

  it('is said so, and what is the reason', () => {
    const text = (after: string) => formatDiff({ before: side, after: { ...side, text: after }, changes: [] });
    expect(text('')).toBe('The same definition, aaaaaaaaaaaa. The files are identical.');
    expect(text(' ')).toBe('The same definition, aaaaaaaaaaaa. Only comments or layout differ.');
  });
});

describe('a change of a step', () => {
  it.each<[string, Step, Step, string[]]>([
    [
      'its guard',
      cashback,
      { ...cashback, if: { '>=': [{ var: 'event.payment.amount' }, 800000] } },
      ['~ cashback if event.payment.amount >= 1000000 → 800000'],
    ],
    [
      'its input, member by member',
      order,
      { ...order, with: { reference: '{{event.payment.id}}', currency: 'IDR' } },
      [
        '~ order with.reference event.payment.orderId → event.payment.id',
        '~ order with.amount removed: event.payment.amount',
        '~ order with.currency added: "IDR"',
      ],
    ],
    [
      'an expression in its input',
      cashback,
      { ...cashback, with: { amount: { floor: { '*': [{ var: 'event.payment.amount' }, 0.04] } } } },
      ['~ cashback with.amount floor(event.payment.amount * (0.05 → 0.04))'],
    ],
    [
      'its whole input, in which no name is an operator',
      webhook,
      { ...webhook, with: { max: '{{event.id}}' } },
      ['~ webhook with added: { max: event.id }'],
    ],
    ['its time limit', refund, { ...refund, timeout: '48h' }, ['~ refund timeout 24h → 48h']],
    [
      'its limits',
      receipt,
      { ...receipt, retry: { attempts: 3, max: '1m' } },
      ['~ receipt retry added: { attempts: 3, max: "1m" }'],
    ],
    [
      'what undoes it',
      order,
      { ...order, undo: { http: 'https://shop.example/cancel', method: 'DELETE' } },
      [
        '~ order undo.call removed: orders.cancel',
        '~ order undo.http added: https://shop.example/cancel',
        '~ order undo.method added: DELETE',
        '~ order undo.with removed: { orderId: steps.order.id }',
      ],
    ],
    ['when it is undone, written down', order, { ...order, undoWhen: 'maybe' }, ['~ order undoWhen done → maybe']],
    [
      'nothing of when it is undone, but the hash',
      order,
      { ...order, undoWhen: 'done' },
      ['~ order undoWhen added: done, as by default'],
    ],
    [
      'when it is undone, by another activity',
      order,
      { ...order, call: 'http.request' },
      ['~ order call orders.create → http.request', '~ order undoWhen done → maybe, by default'],
    ],
    [
      'its verb',
      receipt,
      { id: 'receipt', emit: 'mail.due', with: { template: 'receipt' } },
      ['~ receipt verb call mail.send → emit mail.due'],
    ],
    [
      'a word that becomes steps',
      refund,
      { ...refund, onTimeout: [{ id: 'late', stop: 'Nobody wants it back' }] },
      ['~ refund onTimeout continue → 1 step', '+ late stop Nobody wants it back, first in refund / onTimeout'],
    ],
    [
      'a case',
      { id: 's', switch: [{ when: { '>': [{ var: 'vars.a' }, 1] }, do: [receipt] }] },
      {
        id: 's',
        switch: [
          { when: { '>': [{ var: 'vars.a' }, 2] }, do: [receipt] },
          { when: true, do: [webhook] },
        ],
      },
      [
        '~ s switch[0].when vars.a > 1 → 2',
        '~ s switch[1] added: true',
        '+ webhook emit order.created, first in s / case 2',
      ],
    ],
    [
      'a handler',
      { id: 't', try: [receipt], catch: [{ errors: ['A', 'B'], do: [webhook] }] },
      { id: 't', try: [receipt], catch: [{ errors: ['A', 'C'], do: [webhook] }] },
      [
        '~ t catch[0].errors ["A", ("B" → "C")]',
        '> webhook moved: first in t / catch A, C, was first in t / catch A, B',
      ],
    ],
    [
      'a loop',
      { id: 'l', forEach: { in: '{{vars.lines}}', concurrency: 2 }, do: [receipt] },
      { id: 'l', forEach: { in: '{{vars.rows}}', concurrency: 3 }, do: [receipt] },
      ['~ l forEach.in vars.lines → vars.rows', '~ l forEach.concurrency 2 → 3'],
    ],
  ])('names %s', (_what, before, after, expected) => {
    expect(between([before], [after])).toEqual(expected);
  });
});

describe('an added, removed or moved step', () => {
  it('is reported with its position', () => {
    expect(between([order, cashback], [order, refund, cashback])).toEqual([
      '+ refund waitFor payment.refunded within 24h, after order',
    ]);
    expect(between([order, cashback], [cashback])).toEqual(['- order call orders.create, was first']);
  });

  it('includes the steps inside it, except those that stay in the definition', () => {
    expect(between([order], [order, notify])).toEqual(['+ notify parallel, after order; with receipt, webhook']);
    expect(between([order, notify], [order, receipt])).toEqual([
      '> receipt moved: after order, was first in notify / parallel',
      '- notify parallel, was after order; with webhook',
    ]);
  });

  it('is reported inside a step that stays', () => {
    expect(between([notify], [{ id: 'notify', parallel: [webhook] }])).toEqual([
      '- receipt call mail.send, was first in notify / parallel',
    ]);
  });

  it('is the one that was put elsewhere, not those that it passed', () => {
    expect(between([order, cashback, receipt, refund], [cashback, receipt, refund, order])).toEqual([
      '> order moved: after refund, was first',
    ]);
    expect(between([order, cashback, receipt, refund], [cashback, receipt, order, refund])).toEqual([
      '> order moved: after receipt, was first',
    ]);
    expect(between([order, cashback, receipt], [receipt, order, cashback])).toEqual([
      '> receipt moved: first, was after cashback',
    ]);
  });

  it('may have changed as well', () => {
    expect(between([order, cashback, refund], [{ ...refund, timeout: '1h' }, order, cashback])).toEqual([
      '> refund moved: first, was after cashback',
      '~ refund timeout 24h → 1h',
    ]);
  });
});

describe('a change of the definition itself', () => {
  it('is listed first', () => {
    const before = definition([order], {
      title: 'Paid',
      onFail: 'undo',
      vars: { a: 1 },
      output: { id: '{{steps.order.id}}' },
    });
    const after = definition([order], {
      title: 'Paid',
      on: { event: ['payment.succeeded', 'payment.pending'], if: { '>': [{ var: 'event.payment.amount' }, 0] } },
      onFail: 'park',
      defaults: { timeout: '1m' },
      vars: { max: 1 },
      output: { id: '{{steps.order.id}}', at: { now: [] } },
    });
    expect(changes(before, after)).toEqual([
      '~ (definition) on.event payment.succeeded → ["payment.succeeded", "payment.pending"]',
      '~ (definition) on.if added: event.payment.amount > 0',
      '~ (definition) defaults added: { timeout: "1m" }',
      '~ (definition) onFail undo → park',
      '~ (definition) vars.a removed: 1',
      '~ (definition) vars.max added: 1',
      '~ (definition) output.at added: now()',
    ]);
  });

  it('from a trigger to none is reported', () => {
    expect(changes(definition([order]), definition([order], { on: 'run' }))).toEqual([
      '~ (definition) on { event: "payment.succeeded" } → run',
    ]);
  });
});

it('explains what it means for runs, and for another name', () => {
  const found = diffDefinitions(
    definition([order]),
    definition([receipt], { name: 'settled' }),
    runRules.localActivities,
  );
  const after = { file: 'b.json', text: '', definition: { name: 'settled' }, hash: 'bbbbbbbbbbbbbbbb' };
  expect(formatDiff({ before: side, after, changes: found }, (kind, text) => `<${kind}>${text}`)).toBe(
    [
      'a.json → b.json',
      '',
      '<other>~ (definition)  name paid → settled',
      '<added>+ receipt       call mail.send, first',
      '<removed>- order         call orders.create, was first',
      '',
      'Runs that have started keep aaaaaaaaaaaa. New runs use bbbbbbbbbbbb.',
      'A new name makes it another definition. An event that "paid" has already handled runs once more as "settled" if it is dispatched again.',
    ].join('\n'),
  );
});
