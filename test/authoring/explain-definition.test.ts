import { describe, expect, it } from 'vitest';
import { explainDefinition } from '../../authoring/explain-definition.ts';
import { formatExplanation } from '../../authoring/format-explanation.ts';
import type { Definition, Step } from '../../language/definition.ts';
import { runRules } from './run-rules.ts';

const definition: Definition = {
  name: 'paid',
  title: 'Fulfil an order',
  on: { event: ['payment.succeeded', 'x:y'], source: 'stripe', if: { '>': [{ var: 'event.payment.amount' }, 0] } },
  defaults: { retry: { attempts: 3 } },
  steps: [
    {
      id: 'order',
      call: 'orders.create',
      undo: { http: 'https://shop.example', method: 'DELETE', headers: { authorization: { secret: 'SHOP' } } },
    },
    { id: 'mail', title: 'The receipt', if: { var: 'vars.x' }, call: 'mail.send', timeout: '1m' },
    {
      id: 'which',
      switch: [{ when: { var: 'vars.y' }, do: [{ id: 'one', emit: 'order.created' }] }],
      default: [{ id: 'two', run: 'other' }],
    },
    { id: 'refund', waitFor: 'payment.refunded', timeout: '1d', onTimeout: 'continue' },
    { id: 'lines', forEach: { in: '{{vars.lines}}' }, do: [{ id: 'line', call: 'mail.send' }] },
  ],
};
const explain = (changed: Partial<Definition> = {}) =>
  explainDefinition({ definition: { ...definition, ...changed }, hash: 'abcdefabcdefabcdef', rules: runRules });

describe('an explanation', () => {
  it('reads like this', () => {
    expect(formatExplanation(explain(), (text) => `# ${text}`)).toBe(
      `# paid: Fulfil an order
Starts on payment.succeeded or x:y from stripe, if event.payment.amount > 0. Runs are pinned to abcdefabcdef.

# Steps
  Each call, http and emit: up to 3 attempts over about 3s, 30s each at most, unless it says otherwise.
  order
      calls orders.create
      undo: sends DELETE https://shop.example with headers authorization = the secret SHOP
  mail: The receipt
      only if vars.x
      calls mail.send
      up to 3 attempts over about 3s, 1m each at most
  which
      takes the first case that holds
      if vars.y:
        one
            emits order.created
      default:
        two
            runs the definition other
  refund
      waits up to 1d for payment.refunded; if none comes, it goes on
  lines
      for each item of vars.lines, one by one, until one fails
      do:
        line
            calls mail.send

# When a step fails and nothing handles it
  What was done is undone, the last first, then the run fails.
  order fails: nothing is undone
  mail or one or two or line fails: undoes order
  Not undone: mail, one, two, line.
  A run that is canceled is undone too.

# History in Temporal, where nothing fails
  11 to 27 events,
  6 more for each item of lines
  It goes on as a new run between two items of lines, after 679 to 681 of them.

# Open for at most
  1d of waits and 6m 9s of attempts that fail
  and 1m 33s of attempts that fail for each item of lines
  and as long as a run of other takes

# Names
  activities  orders.create, mail.send
  secrets     SHOP
  runs        other
  emits       order.created
  waits for   payment.refunded`,
    );
  });

  it('says what parks, and what only run steps start', () => {
    const text = formatExplanation(explain({ on: 'run', onFail: 'park' }));
    expect(text).toContain('Starts on run steps of other definitions.');
    expect(text).toContain(
      '\n  The run stays open at the step until an operator retries it, skips it or gives its result.\n  A run',
    );
    expect(text).toContain('\n  and for as long as an operator leaves it parked\n');
  });

  it('says where no failure is left unhandled, nothing takes time and nothing stays', () => {
    const text = formatExplanation(explain({ steps: [{ id: 'a', set: { x: 1 } }] }));
    expect(text).toContain('\n  Every failure is handled.\n  A run that is canceled stays as it is.\n');
    expect(text).toContain('\n  5 events\n  It never becomes so long that it goes on as a new run.\n');
    expect(text).toContain('Open for at most\n  a moment\n');
  });

  it('lets no text steer the terminal', () => {
    const title = '\u001b[2J\u202eTitle';
    const text = formatExplanation(explain({ title, steps: [{ id: 'a', title, stop: 'x' }] }));
    expect(text).not.toMatch(/[^\P{C}\n]/u);
    expect(text).toContain('\n  a: \uFFFD[2J\uFFFDTitle\n');
  });

  it('is JSON, in which each step has its own words', () => {
    const { steps, names, limits } = explain();
    expect(limits).toBe('up to 3 attempts over about 3s, 30s each at most');
    expect(steps[1]).toEqual({
      id: 'mail',
      title: 'The receipt',
      verb: 'call',
      when: 'vars.x',
      does: 'calls mail.send',
      limits: 'up to 3 attempts over about 3s, 1m each at most',
      undo: null,
      branches: [],
    });
    expect(names.secrets).toEqual(['SHOP']);
  });
});

it('gathers the names of all steps and of what undoes them, each once', () => {
  const header = { authorization: { secret: 'SHOP' } };
  const inside: Step[] = [
    { id: 'b', emit: 'order.created', undo: { call: 'orders.cancel' } },
    { id: 'c', waitFor: ['x.y', 'x.z'], timeout: '1h', onTimeout: [{ id: 'd', run: 'other' }] },
    { id: 'e', http: 'https://x.example', headers: header, undo: { http: 'https://x.example', headers: header } },
    { id: 'f', call: 'http.request', with: { headers: { key: { secret: 'KEY' } } }, undo: { emit: 'order.canceled' } },
  ];
  const steps: Step[] = [
    { id: 'a', parallel: inside },
    { id: 'g', waitFor: 'x.y', timeout: '1h' },
    { id: 'h', run: 'other' },
  ];
  expect(explain({ on: 'run', steps }).names).toEqual({
    activities: ['orders.cancel', 'http.request'],
    secrets: ['SHOP', 'KEY'],
    definitions: ['other'],
    emits: ['order.created', 'order.canceled'],
    waitsFor: ['x.y', 'x.z'],
  });
});
