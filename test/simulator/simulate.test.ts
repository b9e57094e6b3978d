import { describe, expect, it } from 'vitest';
import type { Definition, Step } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';
import { activityTypes } from '../language/activity-types.ts';
import { linesOf, runDefinition } from './run-definition.ts';

const declined = { error: { type: 'CardDeclined', message: 'no money', retryable: false } };
const away = { error: { type: 'Away', message: 'later' } };
const pay: Step = { id: 'pay', call: 'orders.create' };

const attemptsOf = async (step: object, mock: Json) => {
  const { trace, error } = await runDefinition(
    { steps: [{ ...pay, ...step }] },
    { mocks: { pay: mock }, finalErrors: ['Refused'] },
  );
  return [...trace[0]!.attempts.map(({ at, endedAt, outcome }) => `${at} ${endedAt} ${outcome}`), error?.type];
};

describe('an activity', () => {
  it('is tried again after pauses that grow, in virtual time', async () => {
    expect(await attemptsOf({ retry: { first: '2s', factor: 3, max: '15s' } }, [away, away, away, away, 'ok'])).toEqual(
      [
        '+0s +0s Away: later',
        '+2s +2s Away: later',
        '+8s +8s Away: later',
        '+23s +23s Away: later',
        '+38s +38s done',
        undefined,
      ],
    );
  });

  it('ends after its attempts, repeating the last mock', async () => {
    expect(await attemptsOf({ retry: { attempts: 3 } }, [away])).toEqual([
      '+0s +0s Away: later',
      '+1s +1s Away: later',
      '+3s +3s Away: later',
      'Away',
    ]);
  });

  it('ends if the next attempt would begin after the deadline', async () => {
    expect(await attemptsOf({ deadline: '3s', retry: { factor: 1 } }, away)).toEqual([
      '+0s +0s Away: later',
      '+1s +1s Away: later',
      '+2s +2s Away: later',
      '+3s +3s Away: later',
      'TimedOut',
    ]);
  });

  it('takes as long as the mock says, up to its own limit', async () => {
    expect(
      await attemptsOf({ timeout: '10s' }, [
        { after: '11s', result: 1 },
        { after: '10s', result: 2 },
      ]),
    ).toEqual(['+0s +10s timedOut', '+11s +21s done', undefined]);
  });

  it('is cut off at the deadline', async () => {
    expect(await attemptsOf({ timeout: '1m', deadline: '5s' }, { after: '10s', result: 1 })).toEqual([
      '+0s +5s timedOut',
      'TimedOut',
    ]);
  });

  it('is not tried again once the deadline is over, not even without a pause', async () => {
    const step = { deadline: '5s', retry: { first: '0s', attempts: 9 } };
    expect(await attemptsOf(step, { after: '10s', result: 1 })).toEqual(['+0s +5s timedOut', 'TimedOut']);
  });

  it.each([
    ['a mock that says so', {}, declined, 'CardDeclined'],
    ['a type that the definition excepts', { retry: { except: ['Away'] } }, away, 'Away'],
    ['a type that is known to be final', {}, { error: { type: 'Refused' } }, 'Refused'],
  ])('is not tried again after %s', async (_what, step, mock, type) => {
    expect(await attemptsOf(step, [mock, 'ok'])).toEqual([expect.stringContaining(`+0s +0s ${type}: `), type]);
  });

  it('refuses input that the real one would refuse', async () => {
    const { error, trace } = await runDefinition(
      { steps: [{ ...pay, with: { reference: 'R', amount: -1, currency: 'IDR' } }] },
      { activities: activityTypes },
    );
    expect(error).toEqual({
      type: 'InputInvalid',
      message: 'Step "pay" (orders.create) failed: orders.create: `amount`: Too small: expected number to be >=0',
      step: 'pay',
    });
    expect(trace[0]!.attempts).toHaveLength(1);
  });

  it('makes up an output without a mock, and marks it', async () => {
    const steps = [{ ...pay, with: { reference: 'R-1', amount: 5, currency: 'IDR' } }];
    const { trace, output } = await runDefinition({ steps, output: '{{steps.pay}}' }, { activities: activityTypes });
    expect(output).toEqual({ id: 'pay-id', reference: 'R-1', created: true });
    expect(trace[0]!.madeUp).toBe(true);
  });

  it('answers a mock, what that leaves out being made up', async () => {
    const steps = [{ ...pay, with: { reference: 'R-1', amount: 5, currency: 'IDR' } }];
    const options = { activities: activityTypes, mocks: { pay: { id: 'ord_9' } } };
    const { trace, output } = await runDefinition({ steps, output: '{{steps.pay}}' }, options);
    expect(output).toEqual({ id: 'ord_9', reference: 'R-1', created: true });
    expect(trace[0]!.madeUp).toBeUndefined();
  });
});

it('records why each condition was true or false', async () => {
  const over = (limit: number) => ({ '>': [{ var: 'event.payment.amount' }, limit] });
  const { trace } = await runDefinition({
    steps: [
      { id: 'guarded', if: over(9_000_000), set: { a: 1 } },
      { id: 'either', if: over(1), then: [{ id: 'yes', set: { b: 1 } }], else: [{ id: 'no', set: { b: 2 } }] },
      {
        id: 'which',
        switch: [
          { when: over(5_000_000), do: [{ id: 'large', set: { c: 1 } }] },
          { when: over(2_000_000), do: [{ id: 'medium', set: { c: 2 } }] },
          { when: true, do: [{ id: 'small', set: { c: 3 } }] },
        ],
      },
    ],
  });
  const decisions = trace.flatMap(({ step, decisions }) => decisions.map((decision) => ({ step, ...decision })));
  const because = (limit: number) => `event.payment.amount (2500000) > ${limit}`;
  expect(decisions).toEqual([
    { step: 'guarded', position: 'if', value: false, because: because(9_000_000) },
    { step: 'either', position: 'if', value: true, because: because(1) },
    { step: 'which', position: 'case 1', value: false, because: because(5_000_000) },
    { step: 'which', position: 'case 2', value: true, because: because(2_000_000) },
  ]);
  expect(trace.map(({ path, status }) => `${path} ${status}`)).toEqual([
    'guarded skipped',
    'either done',
    'no skipped',
    'yes done',
    'which done',
    'large skipped',
    'small skipped',
    'medium done',
  ]);
});

it('leaves out what is below a skipped step', async () => {
  const inner: Step = { id: 'inner', do: [{ id: 'innermost', set: { a: 1 } }] };
  const simulation = await runDefinition({
    steps: [{ id: 'outer', if: false, forEach: { in: '{{event.data}}' }, do: [inner] }],
    output: '{{status.innermost}}',
  });
  expect(linesOf(simulation)).toEqual(['outer skipped +0s']);
  expect(simulation.output).toBe('skipped');
});

describe('time', () => {
  it('passes in waits, of a year too', async () => {
    const simulation = await runDefinition({
      steps: [
        { id: 'short', wait: '90s' },
        { id: 'instant', wait: { until: '2026-01-02T00:00:01Z' } },
        { id: 'long', wait: '365d' },
        { id: 'clock', set: { now: { now: [] } } },
      ],
      output: '{{vars.now}}',
    });
    expect(linesOf(simulation)).toEqual([
      'short done +1m 30s',
      'instant done +1d',
      'long done +366d',
      'clock done +366d',
    ]);
    expect(simulation.output).toBe('2027-01-02T00:00:01.000Z');
    expect(simulation.endedAt).toBe('+366d');
  });

  it('passes for branches at once, and for items so many at a time', async () => {
    const steps: Step[] = [
      {
        id: 'both',
        parallel: [
          { id: 'slow', wait: '2h' },
          { id: 'fast', wait: '1h' },
        ],
      },
      { id: 'items', forEach: { in: { literal: [1, 2, 3] }, concurrency: 2 }, do: [{ id: 'item', wait: '1m' }] },
    ];
    const simulation = await runDefinition({ steps, output: ['{{steps.both}}', '{{steps.items}}'] });
    expect(linesOf(simulation)).toEqual([
      'both done +2h',
      'slow done +2h',
      'fast done +1h',
      'items done +2h 2m',
      'item/0 done +2h 1m',
      'item/1 done +2h 1m',
      'item/2 done +2h 2m',
    ]);
    expect(simulation.output).toEqual([
      { done: ['fast', 'slow'], failed: [] },
      { count: 3, done: 3, failed: [], results: [] },
    ]);
  });
});

describe('loops', () => {
  it('give each item its own mock, or take one list for all', async () => {
    const each: Step = {
      id: 'each',
      forEach: { in: { literal: ['a', 'b', 'c'] }, collect: '{{steps.pay}}' },
      do: [{ ...pay, with: { item: '{{item}}' } }],
    };
    const { output, trace } = await runDefinition(
      { steps: [each], output: '{{steps.each.results}}' },
      { mocks: { pay: ['first', away, 'second'], 'pay/2': 'own' } },
    );
    expect(output).toEqual(['first', 'second', 'own']);
    expect(trace[2]).toMatchObject({ path: 'pay/1', depth: 1, input: { item: 'b' }, attempts: [{}, { at: '+1s' }] });
  });

  it('go on after an item that failed, or handle it', async () => {
    const each = (onItemError: 'continue' | Step[]): Definition['steps'] => [
      { id: 'each', forEach: { in: { literal: [1, 2] }, onItemError }, do: [pay] },
    ];
    const mocks = { 'pay/0': declined };
    const continued = await runDefinition({ steps: each('continue') }, { mocks });
    expect(linesOf(continued)).toEqual(['each done +0s', 'pay/0 failed +0s', 'pay/1 done +0s']);
    const handled = await runDefinition({ steps: each([{ id: 'note', set: { a: '{{error.type}}' } }]) }, { mocks });
    expect(linesOf(handled)).toEqual(['each done +0s', 'pay/0 failed +0s', 'note/0 done +0s', 'pay/1 done +0s']);
  });

  it('show what each iteration was decided from', async () => {
    const { trace, error } = await runDefinition({
      vars: { left: 2 },
      steps: [
        {
          id: 'loop',
          while: { '>': [{ var: 'vars.left' }, 0] },
          max: 2,
          do: [{ id: 'less', set: { left: { '-': [{ var: 'vars.left' }, 1] } } }],
        },
        { id: 'again', while: true, max: 1, do: [{ id: 'nothing', set: { a: 1 } }] },
      ],
    });
    expect(trace[0]).toMatchObject({
      path: 'loop',
      output: { iterations: 2 },
      decisions: [
        { position: 'while', value: true, because: 'vars.left (2) > 0' },
        { position: 'while', value: true, because: 'vars.left (1) > 0' },
        { position: 'while', value: false, because: 'vars.left (0) > 0' },
      ],
    });
    expect(error?.type).toBe('TooManyIterations');
  });
});

describe('joins', () => {
  const fast: Step = { id: 'fast', call: 'orders.create', undo: { call: 'orders.cancel' } };
  const slow: Step = { id: 'slow', call: 'orders.create', undo: { call: 'orders.cancel' } };

  it('of which the first wins cancel the others, but for an attempt under way', async () => {
    const race: Step = {
      id: 'race',
      join: 'first',
      parallel: [
        { id: 'losing', do: [fast, slow] },
        { id: 'winning', do: [{ id: 'moment', wait: '10s' }] },
      ],
    };
    const simulation = await runDefinition({ steps: [race] }, { mocks: { slow: { after: '20s', result: 1 } } });
    expect(simulation.status).toBe('completed');
    expect(linesOf(simulation)).toEqual([
      'race done +20s',
      'losing canceled +20s',
      'fast done +0s',
      'winning done +10s',
      'moment done +10s',
      'slow done +20s',
    ]);
    expect(simulation.undone.map(({ path, ok }) => ({ path, ok }))).toEqual([
      { path: 'slow', ok: true },
      { path: 'fast', ok: true },
    ]);
  });

  it('that settle run every branch to its end', async () => {
    const simulation = await runDefinition(
      {
        steps: [{ id: 'both', join: 'settle', parallel: [pay, { id: 'pause', wait: '1m' }] }],
        output: '{{steps.both}}',
      },
      { mocks: { pay: declined } },
    );
    expect(linesOf(simulation)).toEqual(['both done +1m', 'pay failed +0s', 'pause done +1m']);
    expect(simulation.output).toEqual({ done: ['pause'], failed: ['pay'] });
  });

  it('of all fail with the first failure', async () => {
    const simulation = await runDefinition(
      { steps: [{ id: 'both', parallel: [pay, { id: 'pause', wait: '1m' }] }] },
      { mocks: { pay: { after: '1s', ...declined } } },
    );
    expect(linesOf(simulation)).toEqual(['both failed +1s', 'pay failed +1s', 'pause canceled +1s']);
    expect(simulation).toMatchObject({
      status: 'failed',
      error: { type: 'CardDeclined', step: 'pay' },
      endedAt: '+1s',
    });
  });
});

describe('a later event', () => {
  const refund: Step = {
    id: 'refund',
    waitFor: 'payment.refunded',
    match: { 'event.payment.id': '{{event.payment.id}}' },
    where: { '>=': [{ var: 'signal.payment.amount' }, 100] },
    timeout: '24h',
  };
  const comes = (at: string, event: object = {}) => ({ at, event: { type: 'payment.refunded', ...event } });

  it('is taken if it matches, and the decision is recorded', async () => {
    const script = [
      comes('+1h', { payment: { id: 'pi_2' } }),
      comes('+2h', { payment: { amount: 99 } }),
      comes('+3h', { payment: { amount: 100 } }),
    ];
    const simulation = await runDefinition({ steps: [refund], output: '{{steps.refund}}' }, { script });
    expect(linesOf(simulation)).toEqual(['refund done +3h']);
    expect(simulation.trace[0]!.decisions).toEqual([
      { position: 'where', value: false, because: 'signal.payment.amount (99) >= 100' },
      { position: 'where', value: true, because: 'signal.payment.amount (100) >= 100' },
    ]);
    expect(simulation.output).toMatchObject({
      id: 'evt_1-later-3',
      nativeType: 'payment.refunded',
      receivedAt: '2026-01-01T03:00:01.000Z',
      payment: { id: 'pi_1', status: 'refunded', customer: { name: 'Sari' } },
    });
  });

  it('counts even if it arrived before the step began', async () => {
    const simulation = await runDefinition(
      { steps: [{ id: 'first', wait: '2h' }, refund] },
      { script: [comes('+0s')] },
    );
    expect(linesOf(simulation)).toEqual(['first done +2h', 'refund done +2h']);
  });

  it('counts in the very moment in which the time is over', async () => {
    expect(linesOf(await runDefinition({ steps: [refund] }, { script: [comes('+1d')] }))).toEqual(['refund done +1d']);
  });

  it('is missed forever after that', async () => {
    const late: Step = { ...refund, onTimeout: [{ id: 'note', wait: '1h' }] };
    const simulation = await runDefinition({ steps: [late] }, { script: [comes('+1d 1ms')] });
    expect(linesOf(simulation)).toEqual(['refund timedOut +1d 1h', 'note done +1d 1h']);
  });

  it('fails the step if none arrives', async () => {
    expect(await runDefinition({ steps: [refund] })).toMatchObject({
      status: 'failed',
      error: { type: 'TimedOut', message: 'Step "refund": no payment.refunded arrived within 24h', step: 'refund' },
    });
  });
});

describe('an earlier event', () => {
  const refund = (more: object = {}): Step => ({
    id: 'refund',
    waitFor: 'payment.refunded',
    timeout: '1h',
    onTimeout: 'continue',
    ...more,
  });
  const script = [
    { at: '-2h', event: { id: 'first', type: 'payment.refunded' } },
    { at: '-2d', event: { id: 'oldest', type: 'payment.refunded' } },
  ];
  const output = '{{steps.refund.id}}';

  it.each([
    ['no step that does not look back', refund(), null],
    ['none that does not look back so far', refund({ lookBack: '1h' }), null],
    ['a step that looks back', refund({ lookBack: '3h' }), 'first'],
    ['a step that looks back, the oldest first', refund({ lookBack: '7d' }), 'oldest'],
    ['a step that looks back, but not of another type', refund({ lookBack: '7d', waitFor: 'payment.failed' }), null],
  ])('is taken by %s', async (_what, step, taken) => {
    const steps: Step[] = [step, { id: 'which', set: { id: { var: ['steps.refund.id', null] } } }];
    expect(await runDefinition({ steps, output: '{{vars.id}}' }, { script })).toMatchObject({
      output: taken,
      refused: [],
    });
  });

  it('is taken by one step of a run only, and once by a run that continues as new', async () => {
    const steps: Step[] = [refund({ lookBack: '3h' }), refund({ id: 'again', lookBack: '3h' })];
    const simulation = await runDefinition({ steps, output }, { script, continueEvery: 1 });
    expect(linesOf(simulation)).toEqual(['refund done +0s', 'again timedOut +1h']);
  });
});

describe('an approval', () => {
  const ask: Step = { id: 'ok', approve: 'Refund {{event.payment.amount}}?', timeout: '2d', onReject: 'continue' };
  const answer = (at: string, approved: boolean, step = 'ok') => ({
    at,
    decide: { step, approved, by: 'ana', reason: 'seen' },
  });

  it('gives what a person said, and when', async () => {
    const options = { script: [answer('+1h', false)] };
    const { output } = await runDefinition({ steps: [ask], output: '{{steps.ok}}' }, options);
    expect(output).toEqual({
      approved: false,
      by: 'ana',
      reason: 'seen',
      at: '2026-01-01T01:00:01.000Z',
      answers: [{ approved: false, by: 'ana', reason: 'seen', at: '2026-01-01T01:00:01.000Z' }],
    });
  });

  it('fails if nobody answers', async () => {
    expect(await runDefinition({ steps: [ask] })).toMatchObject({
      endedAt: '+2d',
      error: { type: 'TimedOut', step: 'ok' },
    });
  });

  it('reports answers that no step waits for', async () => {
    const script = [answer('+1h', true, 'no'), answer('+1h', true), answer('+2h', true)];
    const { refused, endedAt } = await runDefinition({ steps: [ask] }, { script });
    expect(endedAt).toBe('+1h');
    expect(refused).toEqual([
      {
        at: '+1h',
        what: 'decide no',
        reason:
          'Step "no" is not waiting for approval, or was already answered. These steps are waiting for approval: ok.',
      },
      { at: '+2h', what: 'decide ok', reason: 'The run had ended by then.' },
    ]);
  });
});

describe('a run that fails', () => {
  const order: Step = {
    id: 'order',
    call: 'orders.create',
    undo: { call: 'orders.cancel', with: { id: '{{steps.order}}' } },
  };
  const mail: Step = { id: 'mail', emit: 'order.created', undo: { emit: 'order.canceled' } };

  it('undoes completed steps in reverse order, each with its own attempts', async () => {
    const simulation = await runDefinition(
      { steps: [order, mail, pay] },
      { mocks: { order: 'ord_1', pay: declined, 'order/undo': [away, null], 'mail/undo': declined } },
    );
    expect(simulation.undone).toEqual([
      {
        at: '+0s',
        path: 'mail',
        step: 'mail',
        definition: 'demo',
        what: 'outbound.emit',
        input: { type: 'order.canceled', data: {} },
        inDoubt: false,
        ok: false,
        error: { type: 'CardDeclined', message: 'no money' },
        attempts: [{ at: '+0s', endedAt: '+0s', outcome: 'CardDeclined: no money' }],
      },
      {
        at: '+1s',
        path: 'order',
        step: 'order',
        definition: 'demo',
        what: 'orders.cancel',
        input: { id: 'ord_1' },
        inDoubt: false,
        ok: true,
        attempts: [
          { at: '+0s', endedAt: '+0s', outcome: 'Away: later' },
          { at: '+1s', endedAt: '+1s', outcome: 'done' },
        ],
      },
    ]);
    expect(simulation.error).toEqual({
      type: 'CardDeclined',
      message: 'Step "pay" (orders.create) failed: no money. Undoing these steps failed: mail',
      step: 'pay',
    });
  });

  it('may handle it instead', async () => {
    const simulation = await runDefinition(
      {
        steps: [
          {
            id: 'careful',
            try: [order, pay, { id: 'never', set: { a: 1 } }],
            catch: [
              { errors: ['Other'], do: [{ id: 'other', set: { a: 1 } }] },
              { do: [{ id: 'note', set: { why: '{{error.message}}' } }] },
            ],
            finally: [{ id: 'always', set: { b: 1 } }],
          },
        ],
        output: '{{vars.why}}',
      },
      { mocks: { pay: declined } },
    );
    expect(linesOf(simulation)).toEqual([
      'careful done +0s',
      'order done +0s',
      'pay failed +0s',
      'never skipped +0s',
      'other skipped +0s',
      'note done +0s',
      'always done +0s',
    ]);
    expect(simulation).toMatchObject({ undone: [], output: 'Step "pay" (orders.create) failed: no money' });
  });

  it('fails by a step of its own, or stops', async () => {
    const stop: Step = { id: 'enough', if: { '>': [{ var: 'event.payment.amount' }, 1] }, stop: 'large' };
    const fail: Step = { id: 'no', fail: 'Not {{event.payment.currency}}', type: 'WrongCurrency' };
    expect(await runDefinition({ steps: [stop, fail], output: '{{status.no}}' })).toMatchObject({
      status: 'completed',
      output: 'skipped',
    });
    expect(await runDefinition({ steps: [fail] })).toMatchObject({
      status: 'failed',
      error: { type: 'WrongCurrency', message: 'Not IDR', step: 'no' },
    });
  });

  it('undoes on cancel as well, and is canceled at once', async () => {
    const simulation = await runDefinition(
      { steps: [order, { id: 'both', parallel: [{ id: 'pause', wait: '10d' }, pay] }] },
      { mocks: { pay: away }, script: [{ at: '+30s', cancel: true }] },
    );
    expect(simulation).toMatchObject({ status: 'canceled', endedAt: '+30s', error: null });
    expect(linesOf(simulation)).toEqual([
      'order done +0s',
      'both canceled +30s',
      'pause canceled +30s',
      'pay canceled +30s',
    ]);
    expect(simulation.undone.map(({ path }) => path)).toEqual(['order']);
  });

  it('keeps undoing when it is canceled meanwhile', async () => {
    const simulation = await runDefinition(
      { steps: [order, pay] },
      { mocks: { pay: declined, 'order/undo': { after: '10s' } }, script: [{ at: '+5s', cancel: true }] },
    );
    expect(simulation.undone).toMatchObject([{ at: '+10s', path: 'order', ok: true, attempts: [{ outcome: 'done' }] }]);
  });

  it('lets the attempt end that was under way when it was canceled', async () => {
    const { trace } = await runDefinition(
      { steps: [pay] },
      { mocks: { pay: { after: '20s', result: 1 } }, script: [{ at: '+5s', cancel: true }] },
    );
    expect(trace[0]!.attempts).toEqual([{ at: '+0s', endedAt: '+20s', outcome: 'done' }]);
  });
});

describe('a run that parks', () => {
  const steps: Step[] = [
    { ...pay, retry: { attempts: 1 } },
    { id: 'after', set: { paid: '{{steps.pay}}' } },
  ];
  const parked = (steer: { retry: string } | { skip: string } | { setResult: string; result: Json }) =>
    runDefinition(
      { onFail: 'park', steps, output: '{{vars.paid}}' },
      { mocks: { pay: [away, 'second'] }, script: [{ at: '+4h', steer }] },
    );

  it('retries, skips or sets the result as the operator commands', async () => {
    expect(await parked({ retry: 'pay' })).toMatchObject({ output: 'second', endedAt: '+4h' });
    expect(await parked({ skip: 'pay' })).toMatchObject({ output: null });
    expect(await parked({ setResult: 'pay', result: 'by hand' })).toMatchObject({ output: 'by hand' });
  });

  it('shows both tries', async () => {
    const { trace } = await parked({ retry: 'pay' });
    expect(trace[0]).toMatchObject({ status: 'done', attempts: [{ outcome: 'Away: later' }, { outcome: 'done' }] });
    expect(trace[0]).not.toHaveProperty('error');
  });

  it('is stuck at nothing that was canceled before', async () => {
    const asking: Step = { id: 'ask', approve: 'Sure?', timeout: '9d' };
    const race: Step = { id: 'race', join: 'first', parallel: [asking, { id: 'moment', wait: '1h' }] };
    expect(await runDefinition({ onFail: 'park', steps: [race, ...steps] }, { mocks: { pay: away } })).toMatchObject({
      status: 'stuck',
      stuckAt: ['parked: pay'],
      isCutOff: false,
      endedAt: '+1h',
    });
  });

  it('is stuck if no operator commands it, and reports where', async () => {
    expect(await runDefinition({ onFail: 'park', steps }, { mocks: { pay: away } })).toMatchObject({
      status: 'stuck',
      stuckAt: ['parked: pay'],
      isCutOff: false,
      trace: [{ path: 'pay', status: 'parked', endedAt: null, error: { type: 'Away', message: 'later' } }],
    });
  });
});

describe('another definition', () => {
  const ship: Definition = {
    name: 'ship',
    on: 'run',
    vars: { by: 'bike' },
    steps: [
      { id: 'parcel', call: 'http.request', with: { by: '{{vars.by}}' }, undo: { call: 'http.request' } },
      { id: 'seen', approve: 'Seen?', timeout: '1d' },
    ],
    output: { by: '{{vars.by}}', parcel: '{{steps.parcel}}' },
  };
  const children = { ship };
  const run = (more: object = {}): Step => ({ id: 'send', run: 'ship', with: { by: 'plane' }, ...more });
  const approval = { at: '+1h', decide: { step: 'send/seen', approved: true, by: 'ana' } };

  it('runs within, with paths of its own', async () => {
    const simulation = await runDefinition(
      { steps: [run()], output: '{{steps.send}}' },
      { children, mocks: { 'send/parcel': 'p_1', parcel: 'not this' }, script: [approval] },
    );
    expect(linesOf(simulation)).toEqual(['send done +1h', 'send/parcel done +0s', 'send/seen done +1h']);
    expect(simulation.output).toEqual({ by: 'plane', parcel: 'p_1' });
    expect(simulation.trace.map(({ definition, depth }) => [definition, depth])).toEqual([
      ['demo', 0],
      ['ship', 1],
      ['ship', 1],
    ]);
    expect(simulation.trace[0]!.input).toEqual({ by: 'plane' });
  });

  it('runs on its own if it is detached, and is followed to its end', async () => {
    const simulation = await runDefinition(
      { steps: [run({ detach: true })], output: '{{steps.send}}' },
      { children, script: [approval] },
    );
    expect(simulation).toMatchObject({ status: 'completed', endedAt: '+0s', refused: [] });
    expect(simulation.output).toEqual({ workflowId: 'demo/stripe/evt_1/send' });
    expect(linesOf(simulation)).toEqual(['send done +0s', 'send/parcel done +0s', 'send/seen done +1h']);
  });

  it('fails the step with its own error', async () => {
    expect(await runDefinition({ steps: [run()] }, { children, mocks: { 'send/parcel': declined } })).toMatchObject({
      error: { type: 'CardDeclined', message: 'Step "send" (run ship) failed: no money', step: 'send' },
    });
  });

  it('is canceled with the run that waits for it, and undoes what it did', async () => {
    const simulation = await runDefinition({ steps: [run()] }, { children, script: [{ at: '+1h', cancel: true }] });
    expect(linesOf(simulation)).toEqual(['send canceled +1h', 'send/parcel done +0s', 'send/seen canceled +1h']);
    expect(simulation.undone.map(({ path }) => path)).toEqual(['send/parcel']);
  });

  it('is canceled before it has begun', async () => {
    const race: Step = { id: 'race', join: 'first', parallel: [run(), { id: 'at-once', set: { a: 1 } }] };
    const simulation = await runDefinition({ steps: [race] }, { children });
    expect(simulation.status).toBe('completed');
    expect(linesOf(simulation)).toEqual([
      'race done +0s',
      'send canceled +0s',
      'at-once done +0s',
      'send/parcel canceled +0s',
    ]);
  });

  it('is started again if it failed and its step is retried', async () => {
    const simulation = await runDefinition(
      { onFail: 'park', steps: [run()] },
      {
        children,
        mocks: { 'send/parcel': declined },
        script: [
          { at: '+1h', steer: { retry: 'send' } },
          { at: '+2h', steer: { skip: 'send' } },
        ],
      },
    );
    expect(simulation).toMatchObject({ status: 'completed', endedAt: '+2h', refused: [] });
    expect(linesOf(simulation)).toEqual(['send skipped +2h', 'send/parcel failed +1h']);
  });

  it('accepts no answers for steps of a run that has ended', async () => {
    const script = [{ at: '+30m', decide: { ...approval.decide, step: 'ok' } }, approval];
    const { refused } = await runDefinition({ steps: [run({ detach: true })] }, { children, script });
    expect(refused).toEqual([{ at: '+30m', what: 'decide ok', reason: 'The run has ended.' }]);
  });

  it('may be a mock', async () => {
    const mocked = (mock: Json) =>
      runDefinition({ steps: [run()], output: '{{steps.send}}' }, { mocks: { send: mock } });
    expect(await mocked({ after: '2h', result: { parcel: 1 } })).toMatchObject({
      output: { parcel: 1 },
      endedAt: '+2h',
    });
    expect(await mocked(declined)).toMatchObject({ error: { type: 'CardDeclined' } });
  });

  it('sees events that arrive while it runs and before it began', async () => {
    const waiting: Definition = {
      name: 'wait',
      on: 'run',
      steps: [{ id: 'paid', waitFor: 'payment.failed', timeout: '1d' }],
    };
    const simulation = await runDefinition(
      {
        steps: [
          { id: 'pause', wait: '2h' },
          { id: 'sub', run: 'wait' },
        ],
      },
      { children: { wait: waiting }, script: [{ at: '+1h', event: { type: 'payment.failed' } }] },
    );
    expect(linesOf(simulation)).toEqual(['pause done +2h', 'sub done +2h', 'sub/paid done +2h']);
    const meanwhile = await runDefinition(
      { steps: [{ id: 'sub', run: 'wait' }] },
      {
        children: { wait: waiting },
        script: [
          { at: '+1h', event: { type: 'payment.failed' } },
          { at: '+9d', event: { type: 'payment.failed' } },
        ],
      },
    );
    expect(linesOf(meanwhile)).toEqual(['sub done +1h', 'sub/paid done +1h']);
    expect(meanwhile.refused).toEqual([]);
  });

  it('must exist', async () => {
    expect((await runDefinition({ steps: [run()] })).error).toEqual({
      type: 'DefinitionUnknown',
      message:
        'Step "send" (run ship) failed: There is no definition "ship". Mock "send", or put the definition beside this one',
      step: 'send',
    });
  });
});

describe('a simulation ends', () => {
  it('if a run waits too long', async () => {
    expect(
      await runDefinition({
        steps: [
          { id: 'a', wait: '300d' },
          { id: 'b', wait: '101d' },
        ],
      }),
    ).toMatchObject({
      status: 'stuck',
      stuckAt: ['more than 400 days'],
      isCutOff: true,
      endedAt: '+300d',
    });
  });

  it('if loops never wait', async () => {
    const nothing: Step = { id: 'nothing', set: { a: 1 } };
    const inner: Step = { id: 'inner', while: true, max: 10_000, do: [nothing] };
    const steps: Step[] = [
      {
        id: 'outer',
        while: true,
        max: 10_000,
        do: [{ id: 'again', try: [inner], catch: [{ do: [{ id: 'note', set: { b: 1 } }] }] }],
      },
    ];
    const order: Step = { id: 'order', call: 'orders.create', undo: { call: 'orders.cancel' } };
    const simulation = await runDefinition({ steps: [order, ...steps] }, { limits: { steps: 500 } });
    expect(simulation).toMatchObject({
      status: 'stuck',
      stuckAt: ['more than 500 steps'],
      isCutOff: true,
      trace: [{ path: 'order', status: 'done' }, { path: 'outer', status: 'running' }, ...simulation.trace.slice(2)],
      undone: [],
    });
  });

  it('if loops skip all their steps', async () => {
    const nothing: Step = { id: 'nothing', if: false, set: { a: 1 } };
    const inner: Step = { id: 'inner', while: true, max: 10_000, do: [nothing] };
    const steps: Step[] = [{ id: 'outer', while: true, max: 10_000, do: [inner] }];
    expect((await runDefinition({ steps }, { limits: { steps: 500 } })).stuckAt).toEqual(['more than 500 steps']);
  });

  it('if definitions start each other without end', async () => {
    const self: Definition = {
      name: 'self',
      on: 'run',
      steps: [
        { id: 'on', set: { a: 1 } },
        { id: 'again', run: 'self' },
      ],
    };
    expect(
      await runDefinition({ steps: [{ id: 'sub', run: 'self' }] }, { children: { self }, limits: { steps: 500 } }),
    ).toMatchObject({
      status: 'stuck',
      stuckAt: ['more than 500 steps'],
      isCutOff: true,
    });
  });

  it('if too much happens', async () => {
    const loop: Step = { id: 'loop', while: true, max: 10_000, do: [{ id: 'tick', wait: '1ms' }] };
    expect(await runDefinition({ steps: [loop] }, { limits: { turns: 100 } })).toMatchObject({
      status: 'stuck',
      stuckAt: ['more than 100 timers and conditions'],
      isCutOff: true,
    });
  });
});
