import { describe, expect, it } from 'vitest';
import { explainDefinition, type KnownSetting } from '../../authoring/explain-definition.ts';
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
const variable = (name: string) => `KAIT_SETTING_${name.toUpperCase()}`;
const settings: KnownSetting[] = [
  { name: 'shop', value: 'https://shop.example', variable: variable('shop'), from: 'environment' },
  { name: 'least', value: 100, variable: variable('least'), from: 'default' },
  { name: 'unset', value: null, variable: variable('unset'), from: 'nowhere' },
  { name: 'shopToken', value: null, variable: 'KAIT_SETTING_SHOP_TOKEN', from: 'environment' },
  { name: 'unused', value: true, variable: variable('unused'), from: 'default' },
];
const explain = (changed: Partial<Definition> = {}) =>
  explainDefinition({
    definition: { ...definition, ...changed },
    hash: 'abcdefabcdefabcdef',
    now: new Date('2026-11-28T00:30:00Z'),
    rules: runRules,
    settings,
  });

describe('an explanation', () => {
  it('is formatted for readers', () => {
    expect(formatExplanation(explain(), (text) => `# ${text}`)).toBe(
      `# paid: Fulfil an order
Starts on payment.succeeded or x:y from stripe, if event.payment.amount > 0. Runs are pinned to abcdefabcdef.

# Steps
  Each call, http and emit step: up to 3 attempts over about 3s, at most 30s each, unless noted.
  order
      calls orders.create
      undo, if it was done: sends DELETE https://shop.example with headers authorization = the secret SHOP
  mail: The receipt
      only if vars.x
      calls mail.send
      up to 3 attempts over about 3s, at most 1m each
  which
      takes the first case that is true
      if vars.y:
        one
            emits order.created
      default:
        two
            runs the definition other
  refund
      waits up to 1d for payment.refunded; if none arrives, it continues
  lines
      for each item of vars.lines, one at a time, until one fails
      do:
        line
            calls mail.send

# If a step fails and nothing handles it
  Steps are undone in reverse order, then the run fails. A step is in doubt if it failed but may have had its effect.
  order fails: nothing is undone
  mail or one or two or line fails: undoes order
  Not undone: mail, one, two, line.
  A canceled run is undone too.

# History in Temporal, if nothing fails
  10 to 30 events,
  6 more for each item of lines
  It continues as a new run between two items of lines, after 678 to 681 of them.

# Longest run
  1d of waiting and 6m 9s of failing attempts
  plus 1m 33s of failing attempts for each item of lines
  plus as long as a run of other takes

# Names
  activities  orders.create (database), mail.send (network)
  secrets     SHOP
  runs        other
  emits       order.created
  waits for   payment.refunded`,
    );
  });

  it('says that failures park the run and that only run steps start it', () => {
    const text = formatExplanation(explain({ on: 'run', onFail: 'park' }));
    expect(text).toContain('Starts on a run step of another definition.');
    expect(text).toContain(
      '\n  The run stays open at the step until an operator retries it, skips it or sets its result.\n  A canceled',
    );
    expect(text).toContain('\n  plus as long as an operator leaves it parked\n');
  });

  it('says where the activities run, and where the settings that it reads come from', () => {
    const on = {
      event: 'payment.succeeded',
      if: { '>': [{ var: 'event.payment.amount' }, { var: 'settings.least' }] },
    };
    const fields = { unset: '{{settings.unset}}', token: '{{settings.shopToken}}', note: 'my.settings.unused' };
    const text = formatExplanation(
      explain({ on, steps: [{ id: 'a', call: 'points.add', with: { ...fields, shop: '{{settings.shop}}/a' } }] }),
    );
    expect(text.split('\nNames\n')[1]).toBe(`  activities  points.add (task queue points-python)

Settings
  shop = "https://shop.example", from KAIT_SETTING_SHOP
  least = 100, the default; KAIT_SETTING_LEAST changes it
  unset is not set: KAIT_SETTING_UNSET must give it a value
  shopToken = hidden, because its name sounds like a secret, from KAIT_SETTING_SHOP_TOKEN`);
  });

  it('says what is undone in doubt', () => {
    const undo = { http: 'https://shop.example/release', method: 'POST' } as const;
    const hold: Step = { id: 'hold', http: 'https://shop.example/hold', method: 'POST', undo };
    const text = formatExplanation(explain({ steps: [hold, { ...hold, id: 'proven', undoWhen: 'done' }] }));
    expect(text).toContain('\n      undo, in doubt too: sends POST https://shop.example/release\n');
    expect(text).toContain('\n      undo, if it was done: sends POST https://shop.example/release\n');
    expect(text).toContain('\n  hold fails: undoes hold if it is in doubt\n  proven fails: undoes hold\n');
  });

  it('says that every failure is handled and that the run takes a moment', () => {
    const text = formatExplanation(explain({ steps: [{ id: 'a', set: { x: 1 } }] }));
    expect(text).toContain('\n  Every failure is handled.\n  A canceled run is not undone.\n');
    expect(text).toContain('\n  5 events\n  It never gets long enough to continue as a new run.\n');
    expect(text).toContain('Longest run\n  a moment\n');
  });

  it('tells the deadline of a run, what follows it, and what comes after undoing', () => {
    const text = formatExplanation(
      explain({
        deadline: '2d',
        onTimeout: [{ id: 'late', emit: 'order.late' }],
        steps: [{ id: 'a', fail: 'no' }],
        afterUndo: [{ id: 'sorry', emit: 'order.failed' }],
      }),
    );
    expect(text).toContain(
      '\nDeadline\n  A run has 2d. After that, what is under way is canceled, and it runs the steps below.\n  late\n      emits order.late\n',
    );
    expect(text).toContain('\n  After that, unless it was canceled:\n    sorry\n        emits order.failed\n');
  });

  it('tells when runs may start', () => {
    const text = formatExplanation(
      explain({
        key: '{{event.entity}}',
        limits: { perKey: 'latest', rate: { max: 10, per: '1m' }, concurrent: 50 },
        onPoison: 'block',
        steps: [{ id: 'a', fail: 'no' }],
      }),
    );
    expect(text).toContain(`
Turns
  Runs with the same {{event.entity}} go one at a time. Each keeps the key until it first waits for an event, a person, or longer than a minute.
  An event whose key is taken waits. Only the latest one does; others are merged into it.
  A run that fails keeps its key until an operator frees it or has its event run again.
  At most 10 runs start in any 1m.
  At most 50 runs are active at once.
`);
  });

  it('tells that runs wait for a pause between events', () => {
    const text = formatExplanation(
      explain({ key: '{{event.entity}}', hold: 'run', limits: { debounce: '30s' }, steps: [{ id: 'a', stop: 'x' }] }),
    );
    expect(text).toContain(`
Turns
  Runs with the same {{event.entity}} go one at a time. Each keeps the key to its end.
  The key of a run that fails goes to the next one.
  A run starts when its key has had no new event for 30s, or 10 times that after the first. Events before the last are merged into it.
`);
  });

  it('lets no text control the terminal', () => {
    const title = '\u001b[2J\u202eTitle';
    const text = formatExplanation(explain({ title, steps: [{ id: 'a', title, stop: 'x' }] }));
    expect(text).not.toMatch(/[^\P{C}\n]/u);
    expect(text).toContain('\n  a: \uFFFD[2J\uFFFDTitle\n');
  });

  it('describes each step as JSON', () => {
    const { steps, names, limits } = explain();
    expect(limits).toBe('up to 3 attempts over about 3s, at most 30s each');
    expect(steps[1]).toEqual({
      id: 'mail',
      title: 'The receipt',
      verb: 'call',
      when: 'vars.x',
      does: 'calls mail.send',
      limits: 'up to 3 attempts over about 3s, at most 1m each',
      undo: null,
      undoWhen: null,
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
