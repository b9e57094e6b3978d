import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { Step } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';
import type { StepCommand } from '../../workflows/commands.ts';
import type { ApprovalDecision } from '../../workflows/mailbox.ts';
import { sampleEvent } from '../server/sample-event.ts';
import {
  startTemporalHost,
  type HostedDefinition,
  type HostedRun,
  type RunOptions,
  type TemporalHost,
} from './temporal-host.ts';

/* The simulator's behaviour again on a real server, where every task replays. */

let host: TemporalHost;
beforeAll(async () => {
  host = await startTemporalHost(inject('temporal'));
});
afterAll(() => host.stop());

const declined = { error: { type: 'CardDeclined', message: 'no money' } };
const value = (it: Json) => [{ value: it }];

async function resultOf(steps: Step[], output: Json, options: RunOptions = {}): Promise<unknown> {
  const { handle } = await host.start({ steps, output }, options);
  return handle.result();
}

/** The failure of a run that fails. */
async function failureOf({ handle }: HostedRun): Promise<unknown> {
  const error = await handle.result().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return (error as WorkflowFailedError).cause;
}

async function untilStatus(run: HostedRun, id: string, status: string): Promise<void> {
  while ((await run.progress())[id]?.status !== status);
}

const decide = (run: HostedRun, decision: ApprovalDecision) => run.handle.executeUpdate('decide', { args: [decision] });
const steer = (run: HostedRun, { verb, ...command }: StepCommand) =>
  run.handle.executeUpdate(verb, { args: [command] });

it('sends an HTTP request with everything filled in but the secret', async () => {
  const run = await host.start({
    steps: [
      {
        id: 'ask',
        http: 'https://api.example/orders/{{event.payment.orderId}}',
        method: 'PUT',
        headers: { authorization: { secret: 'KAIT_SECRET_SHOP' } },
        query: { amount: '{{event.payment.amount}}' },
        body: { total: { '+': [1, 2] } },
        expect: [200, 404],
      },
    ],
  });
  await run.handle.result();
  expect(run.calls).toEqual([
    {
      activity: 'http.request',
      key: 'ask',
      input: {
        url: 'https://api.example/orders/ORDER-1',
        method: 'PUT',
        headers: { authorization: { secret: 'KAIT_SECRET_SHOP' } },
        query: { amount: 2_500_000 },
        body: { total: 3 },
        expect: [200, 404],
      },
    },
  ]);
});

it('does not retry an error that the definition excepts', async () => {
  const retry = { attempts: 5, first: '10ms', except: ['CardDeclined'] };
  const run = await host.start(
    { steps: [{ id: 'pay', call: 'orders.create', retry }] },
    { answers: { pay: [{ error: { ...declined.error, retryable: true } }] } },
  );
  expect(await failureOf(run)).toMatchObject({ type: 'CardDeclined', details: [{ stepId: 'pay' }] });
  expect(run.calls).toHaveLength(1);
});

it('does not retry a timeout if the definition excepts it', async () => {
  const retry = { attempts: 5, first: '10ms', except: ['TimedOut'] };
  const run = await host.start(
    { steps: [{ id: 'pay', call: 'orders.create', timeout: '300ms', retry }] },
    { answers: { pay: ['until canceled'] } },
  );
  expect(await failureOf(run)).toMatchObject({ type: 'TimedOut' });
  expect(run.calls).toHaveLength(1);
});

it('ends all attempts at the deadline', async () => {
  const step: Step = {
    id: 'pay',
    call: 'orders.create',
    deadline: '300ms',
    retry: { attempts: 1000, first: '100ms', factor: 1 },
  };
  const run = await host.start(
    { steps: [step] },
    { answers: { pay: [{ error: { type: 'Away', message: 'later', retryable: true } }] } },
  );
  await failureOf(run);
  expect(run.calls.length).toBeLessThan(5);
});

it.each([
  ['an ordinary', []],
  ['a local', ['shop.close']],
])(
  'fails %s activity that no worker has as ActivityUnknown, which no catch for ExpressionFailed handles',
  async (_kind, local) => {
    const lost: Step = { id: 'lost', call: 'shop.close', retry: { attempts: 1 } };
    const handler = { errors: ['ExpressionFailed'], do: [{ id: 'caught', set: { caught: true } }] };
    const run = await host.start({ steps: [{ id: 'guarded', try: [lost], catch: [handler] }] }, { local });
    expect(await failureOf(run)).toMatchObject({
      type: 'ActivityUnknown',
      message: 'Step "lost" (shop.close) failed: The worker has no activity shop.close',
      details: [{ stepId: 'lost' }],
    });
  },
);

const elsewhere = { error: { type: 'ActivityElsewhere', message: 'not here', effect: 'none' as const } };

it.each([
  ['an ordinary', []],
  ['a local', ['orders.create']],
])('waits for a worker that has %s activity, which counts as no attempt', async (_kind, local) => {
  const step: Step = { id: 'pay', call: 'orders.create', retry: { attempts: 1 } };
  const answers = { pay: [elsewhere, elsewhere, { value: 'paid' }] };
  expect(await resultOf([step], '{{steps.pay}}', { answers, local })).toBe('paid');
});

it('waits for a worker that has an activity until the deadline', async () => {
  const step: Step = { id: 'pay', call: 'orders.create', deadline: '2s', retry: { attempts: 1 } };
  const run = await host.start({ steps: [step] }, { answers: { pay: [elsewhere] } });
  expect(await failureOf(run)).toMatchObject({
    type: 'TimedOut',
    message: 'No worker with the activity orders.create was there before the deadline',
  });
});

it('has nothing in doubt if a run is canceled while it waits for a worker that has the activity', async () => {
  const undo = { call: 'orders.cancel', with: {} };
  const step: Step = { id: 'pay', call: 'orders.create', undo, undoWhen: 'maybe' };
  const run = await host.start({ steps: [step] }, { answers: { pay: [elsewhere] } });
  await expect.poll(() => run.calls.length).toBeGreaterThan(1);
  await run.handle.cancel();
  await failureOf(run);
  expect(run.calls.filter(({ activity }) => activity === 'orders.cancel')).toEqual([]);
});

it('lets a catch handle an activity that no worker has', async () => {
  const lost: Step = { id: 'lost', call: 'shop.close', retry: { attempts: 2, first: '10ms' } };
  const handler = { errors: ['ActivityUnknown'], do: [{ id: 'caught', set: { caught: '{{error.step}}' } }] };
  expect(await resultOf([{ id: 'guarded', try: [lost], catch: [handler] }], '{{vars.caught}}')).toBe('lost');
});

describe('waitFor', () => {
  const wait = (more: object = {}): Step => ({
    id: 'refund',
    waitFor: 'payment.refunded',
    match: { 'event.payment.id': '{{event.payment.id}}' },
    timeout: '1h',
    ...more,
  });
  const refund = (id: string, paymentId: string) => {
    const event = sampleEvent({ id, type: 'payment.refunded' });
    return { ...event, payment: event.payment === null ? null : { ...event.payment, id: paymentId } };
  };
  const payment = sampleEvent().payment?.id ?? '';

  it('takes the event that matches, and no other', async () => {
    const run = await host.start({ steps: [wait()], output: '{{steps.refund.id}}' });
    await run.handle.signal('event', refund('evt_other', 'pi_other'));
    await run.handle.signal('event', { ...refund('evt_type', payment), type: 'payment.failed', nativeType: 'x' });
    await run.handle.signal('event', refund('evt_right', payment));
    expect(await run.handle.result()).toBe('evt_right');
  });

  it('does not miss an event that arrives before the step begins, nor take one twice', async () => {
    const steps: Step[] = [
      { id: 'first', call: 'orders.create' },
      wait(),
      wait({ id: 'second', timeout: '300ms', onTimeout: 'continue' }),
    ];
    const run = await host.start(
      { steps, output: ['{{steps.refund.id}}', '{{status.second}}'] },
      { answers: { first: [{ error: { type: 'Away', message: 'later', retryable: true } }, { value: null }] } },
    );
    await run.handle.signal('event', refund('evt_early', payment));
    await run.handle.signal('event', refund('evt_early', payment));
    expect(await run.handle.result()).toEqual(['evt_early', 'timedOut']);
  });

  it('evaluates "where" for each event', async () => {
    const step = wait({ where: { '>': [{ var: 'signal.payment.amount' }, 100] } });
    const run = await host.start({ steps: [step], output: '{{steps.refund.id}}' });
    const small = refund('evt_small', payment);
    await run.handle.signal('event', { ...small, payment: { ...small.payment, amount: 100 } });
    await run.handle.signal('event', refund('evt_large', payment));
    expect(await run.handle.result()).toBe('evt_large');
  });

  it('fails, goes on, or runs its own steps after the timeout', async () => {
    const late = { timeout: '50ms' };
    expect(await failureOf(await host.start({ steps: [wait(late)] }))).toMatchObject({
      type: 'TimedOut',
      message: 'Step "refund": no payment.refunded arrived within 50ms',
    });
    expect(await resultOf([wait({ ...late, onTimeout: 'continue' })], '{{status.refund}}')).toBe('timedOut');
    const steps = [wait({ ...late, onTimeout: [{ id: 'note', set: { late: true } }] })];
    expect(await resultOf(steps, ['{{vars.late}}', '{{steps.refund}}'])).toEqual([true, null]);
  });
});

describe('approve', () => {
  const ask = (more: object = {}): Step => ({
    id: 'ok',
    approve: 'Refund {{event.payment.amount}}?',
    timeout: '1h',
    ...more,
  });

  it('goes on when approved, and refuses answers that no step waits for', async () => {
    const run = await host.start({ steps: [ask()], output: '{{steps.ok}}' });
    await untilStatus(run, 'ok', 'running');
    await expect(decide(run, { step: 'other', approved: true, by: 'ana' })).rejects.toMatchObject({
      cause: { type: 'NotWaiting', message: expect.stringContaining('These steps are waiting for approval: ok.') },
    });
    await decide(run, { step: 'ok', approved: true, by: 'ana', reason: 'fine' });
    expect(await run.handle.result()).toEqual({
      approved: true,
      by: 'ana',
      reason: 'fine',
      at: expect.stringMatching(/^20\d\d-.*Z$/),
      answers: [{ approved: true, by: 'ana', reason: 'fine', at: expect.stringMatching(/^20\d\d-.*Z$/) }],
    });
  });

  it('fails when rejected, unless the definition handles that', async () => {
    const refused = await host.start({ steps: [ask()] });
    await untilStatus(refused, 'ok', 'running');
    await decide(refused, { step: 'ok', approved: false, by: 'ana', reason: 'fraud' });
    expect(await failureOf(refused)).toMatchObject({ type: 'Rejected', message: 'Step "ok": ana rejected it: fraud' });
    const handled = await host.start({
      steps: [ask({ onReject: [{ id: 'note', set: { no: '{{steps.ok.by}} said no' } }] })],
      output: ['{{vars.no}}', '{{steps.ok.approved}}'],
    });
    await untilStatus(handled, 'ok', 'running');
    await decide(handled, { step: 'ok', approved: false, by: 'ana' });
    expect(await handled.handle.result()).toEqual(['ana said no', false]);
  });

  it('fails when nobody answers in time', async () => {
    const run = await host.start({ steps: [ask({ timeout: '50ms' })] });
    expect(await failureOf(run)).toMatchObject({ type: 'TimedOut', message: 'Step "ok": nobody answered within 50ms' });
  });
});

describe('parallel', () => {
  it('settles: every branch runs to its end and no failure fails the step', async () => {
    const steps: Step[] = [
      {
        id: 'both',
        join: 'settle',
        parallel: [
          { id: 'bad', call: 'mail.send' },
          { id: 'good', call: 'orders.create' },
        ],
      },
    ];
    const output = await resultOf(steps, ['{{steps.both}}', '{{status.bad}}'], { answers: { bad: [declined] } });
    expect(output).toEqual([{ done: ['good'], failed: ['bad'] }, 'failed']);
  });

  it('takes the first to succeed, cancels the others, and undoes their effects', async () => {
    const steps: Step[] = [
      {
        id: 'race',
        join: 'first',
        parallel: [
          {
            id: 'slow',
            do: [
              { id: 'reserve', call: 'orders.create', undo: { call: 'orders.cancel', with: { of: 'slow' } } },
              { id: 'hang', call: 'http.request', heartbeat: '300ms' },
            ],
          },
          { id: 'broken', call: 'mail.send' },
          {
            id: 'fast',
            do: [
              { id: 'moment', wait: '400ms' },
              { id: 'win', call: 'orders.create' },
            ],
          },
        ],
      },
    ];
    const run = await host.start(
      { steps, output: ['{{steps.race}}', '{{status.hang}}'] },
      { answers: { hang: ['until canceled'], broken: [declined] } },
    );
    expect(await run.handle.result()).toEqual([{ done: ['fast'], failed: ['broken'] }, 'canceled']);
    expect(run.calls.at(-1)).toMatchObject({ activity: 'orders.cancel', key: 'reserve/undo', input: { of: 'slow' } });
  });

  it('fails if all branches of a race fail', async () => {
    const steps: Step[] = [{ id: 'race', join: 'first', parallel: [{ id: 'only', call: 'mail.send' }] }];
    const run = await host.start({ steps }, { answers: { only: [declined] } });
    expect(await failureOf(run)).toMatchObject({ type: 'AllFailed', message: 'Step "race": all 1 branches failed' });
  });
});

describe('forEach', () => {
  const lines = (count: number) => Array.from({ length: count }, (_, index) => ({ sku: `s${index}` }));
  const pay = (more: object, settings: object = {}): Step => ({
    id: 'lines',
    forEach: { in: { literal: lines(4) }, as: 'line', ...settings },
    do: [{ id: 'pay', call: 'orders.create', with: { sku: '{{line.sku}}', position: '{{index}}' } }],
    ...more,
  });

  it('gives each item its own key, its own outputs and its index', async () => {
    const answers = { 'pay/0': value('a'), 'pay/1': value('b'), 'pay/2': value('c'), 'pay/3': value('d') };
    const run = await host.start(
      { steps: [pay({}, { concurrency: 2, collect: '{{item.sku}}={{steps.pay}}' })], output: '{{steps.lines}}' },
      { answers },
    );
    expect(await run.handle.result()).toEqual({
      count: 4,
      done: 4,
      failed: [],
      results: ['s0=a', 's1=b', 's2=c', 's3=d'],
    });
    expect(run.calls.map(({ key, input }) => [key, input.sku, input.position]).sort()).toEqual([
      ['pay/0', 's0', 0],
      ['pay/1', 's1', 1],
      ['pay/2', 's2', 2],
      ['pay/3', 's3', 3],
    ]);
    expect((await run.progress()).lines).toMatchObject({ items: { count: 4, done: 4, failed: 0 } });
  });

  it('fails with the first item that fails, or goes on, or handles it', async () => {
    const answers = { 'pay/1': [declined] };
    const failing = await host.start({ steps: [pay({})] }, { answers });
    expect(await failureOf(failing)).toMatchObject({ type: 'CardDeclined' });
    expect(failing.calls.map(({ key }) => key)).toEqual(['pay/0', 'pay/1']);
    const error = { type: 'CardDeclined', message: 'Step "pay" (orders.create) failed: no money', step: 'pay' };
    expect(await resultOf([pay({}, { onItemError: 'continue' })], '{{steps.lines}}', { answers })).toEqual({
      count: 4,
      done: 3,
      failed: [{ index: 1, error }],
      results: [],
    });
    const handler: Step = { id: 'tell', call: 'mail.send', with: { of: '{{line.sku}}', why: '{{error.type}}' } };
    const handled = await host.start(
      { steps: [pay({}, { onItemError: [handler] })], output: '{{steps.lines.done}}' },
      { answers },
    );
    expect(await handled.handle.result()).toBe(4);
    expect(handled.calls).toContainEqual({
      activity: 'mail.send',
      key: 'tell/1',
      input: { of: 's1', why: 'CardDeclined' },
    });
  });

  it('nests, with the outer item by its name', async () => {
    const inner: Step = {
      id: 'inner',
      forEach: { in: [1, 2], collect: '{{line.sku}}{{item}}' },
      do: [{ id: 'pay', call: 'orders.create' }],
    };
    const run = await host.start({
      steps: [pay({ do: [inner] }, { in: { literal: lines(2) }, collect: '{{steps.inner.results}}' })],
      output: '{{steps.lines.results}}',
    });
    expect(await run.handle.result()).toEqual([
      ['s01', 's02'],
      ['s11', 's12'],
    ]);
    expect(run.calls.map(({ key }) => key)).toEqual(['pay/0/0', 'pay/0/1', 'pay/1/0', 'pay/1/1']);
  });

  it('does nothing for an empty list, and fails if it is not a list', async () => {
    expect(await resultOf([pay({}, { in: [] })], '{{steps.lines}}')).toEqual({
      count: 0,
      done: 0,
      failed: [],
      results: [],
    });
    const run = await host.start({ steps: [pay({}, { in: '{{event.id}}' })] });
    expect(await failureOf(run)).toMatchObject({ type: 'ExpressionFailed', details: [{ stepId: 'lines' }] });
  });
});

describe('while', () => {
  const poll = (max: number): Step => ({
    id: 'loop',
    while: { '!=': [{ var: ['steps.poll.state', null] }, 'ready'] },
    max,
    do: [{ id: 'poll', call: 'http.request' }],
  });
  const answers = {
    'poll/0': value({ state: 'busy' }),
    'poll/1': value({ state: 'busy' }),
    'poll/2': value({ state: 'ready' }),
  };

  it('repeats until the condition no longer holds', async () => {
    expect(await resultOf([poll(5)], '{{steps.loop}}', { answers })).toEqual({ iterations: 3 });
  });

  it('fails if the condition still holds after the last iteration', async () => {
    const run = await host.start({ steps: [poll(2)] }, { answers });
    expect(await failureOf(run)).toMatchObject({
      type: 'TooManyIterations',
      message: 'Step "loop": the condition still holds after 2 iterations',
    });
  });
});

it('takes the first case that holds, or the default', async () => {
  const choose = (amount: number): Step[] => [
    {
      id: 'size',
      switch: [
        { when: { '<': [amount, 10] }, do: [{ id: 'small', set: { size: 'small' } }] },
        { when: { '<': [amount, 100] }, do: [{ id: 'medium', set: { size: 'medium' } }] },
      ],
      default: [{ id: 'large', set: { size: 'large' } }],
    },
  ];
  const output = ['{{vars.size}}', '{{status.small}}', '{{status.large}}'];
  expect(await resultOf(choose(5), output)).toEqual(['small', 'done', 'skipped']);
  expect(await resultOf(choose(50), output)).toEqual(['medium', 'skipped', 'skipped']);
  expect(await resultOf(choose(500), output)).toEqual(['large', 'skipped', 'done']);
});

describe('try', () => {
  const attempt = (more: object = {}): Step => ({
    id: 'guarded',
    try: [
      { id: 'pay', call: 'orders.create' },
      { id: 'after', set: { after: true } },
    ],
    catch: [
      { errors: ['OutOfStock'], do: [{ id: 'stock', set: { caught: 'stock' } }] },
      { errors: ['CardDeclined'], do: [{ id: 'card', set: { caught: '{{error.type}} of {{error.step}}' } }] },
    ],
    finally: [{ id: 'always', call: 'mail.send' }],
    ...more,
  });

  it('handles the error by its type, and always runs finally', async () => {
    const run = await host.start(
      { steps: [attempt()], output: ['{{vars.caught}}', '{{status.stock}}', '{{status.after}}', '{{status.pay}}'] },
      { answers: { pay: [declined] } },
    );
    expect(await run.handle.result()).toEqual(['CardDeclined of pay', 'skipped', 'skipped', 'failed']);
    expect(run.calls.map(({ key }) => key)).toEqual(['pay', 'always']);
  });

  it('lets other errors through after finally', async () => {
    const run = await host.start({ steps: [attempt({ catch: undefined })] }, { answers: { pay: [declined] } });
    expect(await failureOf(run)).toMatchObject({ type: 'CardDeclined', details: [{ stepId: 'pay' }] });
    expect(run.calls.map(({ key }) => key)).toEqual(['pay', 'always']);
  });

  it('runs finally when the run is canceled', async () => {
    const run = await host.start(
      { steps: [attempt({ try: [{ id: 'pay', call: 'orders.create', heartbeat: '300ms' }] })] },
      { answers: { pay: ['until canceled'] } },
    );
    await untilStatus(run, 'pay', 'running');
    await run.handle.cancel();
    await expect(run.handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(run.calls.map(({ key }) => key)).toEqual(['pay', 'always']);
    expect((await run.handle.describe()).status.name).toBe('CANCELLED');
  });
});

describe('run', () => {
  const children = {
    greet: {
      vars: { name: 'nobody' },
      steps: [{ id: 'hello', call: 'mail.send', with: { to: '{{vars.name}}' } }],
      output: 'hello {{vars.name}}',
    },
    broken: { steps: [{ id: 'stop', fail: 'it is broken', type: 'Broken' }] },
  } satisfies RunOptions['children'];

  it('runs another definition and returns its output', async () => {
    const run = await host.start(
      { steps: [{ id: 'greeting', run: 'greet', with: { name: 'ana' } }], output: '{{steps.greeting}}' },
      { children },
    );
    expect(await run.handle.result()).toBe('hello ana');
    expect(run.calls).toEqual([{ activity: 'mail.send', key: 'greeting/hello', input: { to: 'ana' } }]);
  });

  it('fails with the type of the other run’s failure', async () => {
    const run = await host.start({ steps: [{ id: 'other', run: 'broken' }] }, { children });
    expect(await failureOf(run)).toMatchObject({
      type: 'Broken',
      message: 'Step "other" (run broken) failed: it is broken',
    });
  });

  it('starts another run in place of the failed one when its parked step is retried', async () => {
    const flaky = { steps: [{ id: 'pay', call: 'orders.create' }], output: '{{steps.pay}}' } satisfies HostedDefinition;
    const run = await host.start(
      { onFail: 'park', steps: [{ id: 'other', run: 'flaky' }], output: '{{steps.other}}' },
      { children: { flaky }, answers: { 'other/pay': [declined, { value: 'paid' }] } },
    );
    await untilStatus(run, 'other', 'parked');
    await steer(run, { step: 'other', verb: 'retry' });
    expect(await run.handle.result()).toBe('paid');
  });

  it('does not wait for a detached run', async () => {
    const run = await host.start(
      { steps: [{ id: 'other', run: 'broken', detach: true }], output: '{{steps.other}}' },
      { children },
    );
    expect(await run.handle.result()).toEqual({ workflowId: `${run.handle.workflowId}/other` });
    const other = host.client.workflow.getHandle(`${run.handle.workflowId}/other`);
    await expect(other.result()).rejects.toMatchObject({ cause: { type: 'Broken' } });
  });
});

it('completes at a stop, even inside branches; steps that have not run count as skipped', async () => {
  const steps: Step[] = [
    {
      id: 'both',
      parallel: [
        { id: 'long', wait: '1h' },
        { id: 'enough', stop: 'nothing to do' },
      ],
    },
    { id: 'later', call: 'orders.create' },
  ];
  expect(await resultOf(steps, ['{{status.long}}', '{{status.later}}', '{{steps.later}}'])).toEqual([
    'canceled',
    'skipped',
    null,
  ]);
});

describe('undo', () => {
  const reserve = (id: string): Step => ({
    id,
    call: 'orders.create',
    undo: { call: 'orders.cancel', with: { id: `{{steps.${id}.id}}` }, retry: { attempts: 2, first: '10ms' } },
  });
  const steps: Step[] = [reserve('one'), reserve('two'), { id: 'pay', call: 'mail.send', heartbeat: '300ms' }];
  const made = { one: value({ id: 'o1' }), two: value({ id: 'o2' }) };

  it('undoes the steps, last first, and then fails with the original error', async () => {
    const run = await host.start({ steps }, { answers: { ...made, pay: [declined] } });
    expect(await failureOf(run)).toMatchObject({
      type: 'CardDeclined',
      details: [{ undone: { one: { outcome: 'done', inDoubt: false }, two: { outcome: 'done', inDoubt: false } } }],
    });
    expect(run.calls.slice(3)).toEqual([
      { activity: 'orders.cancel', key: 'two/undo', input: { id: 'o2' } },
      { activity: 'orders.cancel', key: 'one/undo', input: { id: 'o1' } },
    ]);
  });

  it('undoes them on a cancellation', async () => {
    const run = await host.start({ steps }, { answers: { ...made, pay: ['until canceled'] } });
    await untilStatus(run, 'pay', 'running');
    await run.handle.cancel();
    await expect(run.handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(run.calls.map(({ key }) => key).filter((key) => key.endsWith('/undo'))).toEqual(['two/undo', 'one/undo']);
  });

  it('goes on if one step cannot be undone, and says so', async () => {
    const run = await host.start({ steps }, { answers: { ...made, pay: [declined], 'two/undo': [declined] } });
    expect(await failureOf(run)).toMatchObject({
      message: 'Step "pay" (mail.send) failed: no money. Undoing these steps failed: two',
    });
    expect(run.calls.map(({ key }) => key)).toEqual(['one', 'two', 'pay', 'two/undo', 'one/undo']);
  });

  it('undoes nothing if the definition says "fail"', async () => {
    const run = await host.start({ steps, onFail: 'fail' }, { answers: { ...made, pay: [declined] } });
    await failureOf(run);
    expect(run.calls).toHaveLength(3);
  });
});

describe('park', () => {
  const steps: Step[] = [
    { id: 'pay', call: 'orders.create' },
    { id: 'next', call: 'mail.send' },
  ];
  const start = () =>
    host.start(
      { steps, onFail: 'park', output: ['{{steps.pay}}', '{{status.pay}}'] },
      { answers: { pay: [declined, { value: 'paid' }] } },
    );

  it('retries the step', async () => {
    const run = await start();
    await untilStatus(run, 'pay', 'parked');
    expect((await run.progress()).pay).toMatchObject({ error: 'no money' });
    await steer(run, { step: 'pay', verb: 'retry' });
    expect(await run.handle.result()).toEqual(['paid', 'done']);
  });

  it("skips the step, or takes an operator's result for it", async () => {
    const skipped = await start();
    await untilStatus(skipped, 'pay', 'parked');
    await expect(steer(skipped, { step: 'next', verb: 'skip' })).rejects.toMatchObject({
      cause: { type: 'NotWaiting' },
    });
    await steer(skipped, { step: 'pay', verb: 'skip' });
    expect(await skipped.handle.result()).toEqual([null, 'skipped']);
    const given = await start();
    await untilStatus(given, 'pay', 'parked');
    await steer(given, { step: 'pay', verb: 'setResult', result: 'by hand' });
    expect(await given.handle.result()).toEqual(['by hand', 'done']);
  });

  it('lets a child run that ended well stand if the loop around it is retried, and undoes it once', async () => {
    const loop: Step = { id: 'loop', while: true, max: 1, do: [{ id: 'ship', run: 'child' }] };
    const child: HostedDefinition = {
      steps: [{ id: 'order', call: 'orders.create', undo: { call: 'orders.cancel' } }],
    };
    const run = await host.start({ steps: [loop], onFail: 'park' }, { children: { child } });
    await untilStatus(run, 'loop', 'parked');
    const { startedAt } = (await run.progress()).ship ?? {};
    await steer(run, { step: 'loop', verb: 'retry' });
    await vi.waitFor(async () => {
      const progress = await run.progress();
      expect([progress.loop?.status, progress.ship?.startedAt === startedAt]).toEqual(['parked', false]);
    }, 30_000);
    await run.handle.cancel();
    await expect(run.handle.result()).rejects.toThrow(WorkflowFailedError);
    expect(run.calls.map(({ key }) => key)).toEqual(['ship/0/order', 'ship/0/order/undo']);
  });

  it('says again why a child run’s undo cannot be told, when its step is retried', async () => {
    const undo = { call: 'orders.cancel', with: { orderId: '{{steps.ship.none}}' } };
    const run = await host.start(
      { steps: [{ id: 'ship', run: 'child', undo }], onFail: 'park' },
      { children: { child: { steps: [{ id: 'order', call: 'orders.create' }], output: { id: 1 } } } },
    );
    await untilStatus(run, 'ship', 'parked');
    const { error, startedAt } = (await run.progress()).ship ?? {};
    await steer(run, { step: 'ship', verb: 'retry' });
    await vi.waitFor(async () => {
      const { ship } = await run.progress();
      expect([ship?.status, ship?.error, ship?.startedAt]).toEqual(['parked', error, startedAt]);
    }, 30_000);
    await steer(run, { step: 'ship', verb: 'skip' });
    await run.handle.result();
    expect(error).toContain('steps.ship.none');
    expect(run.calls.map(({ key }) => key)).toEqual(['ship/order']);
  });

  it('does not park a handled failure', async () => {
    const run = await host.start(
      {
        steps: [
          {
            id: 'guarded',
            try: [{ id: 'pay', call: 'orders.create' }],
            catch: [{ do: [{ id: 'note', set: { a: 1 } }] }],
          },
        ],
        onFail: 'park',
        output: '{{status.pay}}',
      },
      { answers: { pay: [declined] } },
    );
    expect(await run.handle.result()).toBe('failed');
  });
});
