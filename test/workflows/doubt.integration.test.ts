import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Step } from '../../language/definition.ts';
import { startTemporalHost, type Answer, type HostedRun, type TemporalHost } from './temporal-host.ts';

/* Effects of unknown outcome, and runs and activities that somebody else ended, on a real server. */

let host: TemporalHost;
beforeAll(async () => {
  host = await startTemporalHost(inject('temporal'));
});
afterAll(() => host.stop());

const away: Answer = { error: { type: 'ReceiverUnavailable', message: '503', retryable: true, effect: 'unknown' } };
const refused: Answer = { error: { type: 'ResponseRefused', message: '400', effect: 'none' } };
const unsent: Answer = {
  error: { type: 'ReceiverUnavailable', message: 'ECONNREFUSED', retryable: true, effect: 'none' },
};
const url = 'https://shop.example/';
/** Otherwise an undo answers as its step. */
const undoWorks: Record<string, Answer[]> = { 'hold/undo': [{ value: null }] };
const hold = (more: object = {}): Step => ({
  id: 'hold',
  http: `${url}hold`,
  retry: { attempts: 1 },
  undo: { http: `${url}release`, query: { key: '{{step.idempotencyKey}}', inDoubt: '{{step.inDoubt}}' } },
  ...more,
});

async function failureOf({ handle }: HostedRun): Promise<unknown> {
  const error = await handle.result().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WorkflowFailedError);
  return (error as WorkflowFailedError).cause;
}

async function untilCalled(run: HostedRun, key: string): Promise<void> {
  await expect.poll(() => run.calls.map((call) => call.key)).toContain(key);
}

const keysOf = (run: HostedRun) => run.calls.map(({ key }) => key);

it('undoes what timed out, and says that it was in doubt', async () => {
  const first: Step = { id: 'first', http: `${url}first`, undo: { http: `${url}undo-first` } };
  const run = await host.start(
    { steps: [first, hold({ timeout: '300ms' })] },
    { answers: { hold: ['until canceled'], ...undoWorks } },
  );
  expect(await failureOf(run)).toMatchObject({
    type: 'TimedOut',
    details: [
      {
        stepId: 'hold',
        undone: { hold: { outcome: 'done', inDoubt: true }, first: { outcome: 'done', inDoubt: false } },
      },
    ],
  });
  expect(keysOf(run)).toEqual(['first', 'hold', 'hold/undo', 'first/undo']);
  expect(run.calls[2]?.input.query).toMatchObject({ inDoubt: true });
});

it.each([
  ['a server error', [away], 1, ['hold', 'hold/undo']],
  ['a refusal', [refused], 1, ['hold']],
  ['no connection', [unsent, unsent], 2, ['hold', 'hold']],
  ['a server error and then no connection', [away, unsent], 2, ['hold', 'hold', 'hold/undo']],
  ['a server error and then a refusal', [away, refused], 2, ['hold', 'hold', 'hold/undo']],
])('knows after %s whether the step is in doubt', async (_what, answers, attempts, keys) => {
  const run = await host.start(
    { steps: [hold({ retry: { attempts, first: '10ms' } })] },
    { answers: { hold: answers, ...undoWorks } },
  );
  await failureOf(run);
  expect(keysOf(run)).toEqual(keys);
});

it.each([
  ['timed out', { timeout: '100ms' }, 'until canceled'],
  ['failed', {}, away],
] as const)('undoes a local activity that %s if the author says so, in a replay too', async (_what, limits, answer) => {
  const undo = { http: `${url}release` };
  const local: Step = { id: 'hold', call: 'orders.create', ...limits, retry: { attempts: 1 }, undo, undoWhen: 'maybe' };
  const run = await host.start(
    { steps: [local] },
    { local: ['orders.create'], answers: { hold: [answer], ...undoWorks } },
  );
  expect(await failureOf(run)).toMatchObject({ details: [{ undone: { hold: { outcome: 'done', inDoubt: true } } }] });
});

it('undoes only what is done if the author says so', async () => {
  const run = await host.start({ steps: [hold({ undoWhen: 'done' })] }, { answers: { hold: [away], ...undoWorks } });
  await failureOf(run);
  expect(keysOf(run)).toEqual(['hold']);
});

it.each<[string, object, Step[], object]>([
  [
    'is in doubt and undone only if it was done',
    {},
    [hold({ method: 'POST', undoWhen: 'done' })],
    { hold: { outcome: 'left', inDoubt: true } },
  ],
  [
    'is in doubt without an undo',
    {},
    [{ id: 'hold', http: url, method: 'POST', retry: { attempts: 1 } }],
    { hold: { outcome: 'left', inDoubt: true } },
  ],
  [
    'stays by the definition’s onFail',
    { onFail: 'fail' },
    [{ id: 'first', http: url, undo: { http: url } }, hold()],
    { first: { outcome: 'left', inDoubt: false }, hold: { outcome: 'left', inDoubt: true } },
  ],
])('records that a step is left that %s', async (_what, definition, steps, undone) => {
  const run = await host.start({ ...definition, steps }, { answers: { hold: [away], ...undoWorks } });
  expect(await failureOf(run)).toMatchObject({ details: [{ stepId: 'hold', undone }] });
  const progress = await run.progress();
  expect(progress.hold).toMatchObject({ inDoubt: true, undone: { outcome: 'left', inDoubt: true } });
});

it('records that a step whose failure was handled is in doubt, until it is undone', async () => {
  const guarded: Step = {
    id: 'guarded',
    try: [hold()],
    catch: [{ do: [{ id: 'ask', approve: 'On?', timeout: '1h' }] }],
  };
  const run = await host.start({ steps: [guarded] }, { answers: { hold: [away], ...undoWorks } });
  await expect.poll(async () => (await run.progress()).ask?.status).toBe('running');
  expect((await run.progress()).hold).toMatchObject({ inDoubt: true, undone: null });
  await run.handle.executeUpdate('decide', { args: [{ step: 'ask', approved: false, by: 'ana' }] });
  await failureOf(run);
  expect((await run.progress()).hold).toMatchObject({ inDoubt: true, undone: { outcome: 'done', inDoubt: true } });
});

it('goes on undoing if a template of an undo needs the output that a step in doubt has not', async () => {
  const first: Step = { id: 'first', http: `${url}first`, undo: { http: `${url}undo-first` } };
  const needy = hold({ undo: { http: `${url}{{steps.hold.body.id}}` } });
  const run = await host.start({ steps: [first, needy] }, { answers: { hold: [away], ...undoWorks } });
  expect(await failureOf(run)).toMatchObject({
    message: 'Step "hold" (http.request) failed: 503. Undoing these steps failed: hold',
    details: [{ undone: { hold: { outcome: 'failed', inDoubt: true }, first: { outcome: 'done', inDoubt: false } } }],
  });
});

it('waits for the request under way of a canceled run, and undoes it as done', async () => {
  const slow: Answer = { value: { status: 200, body: {} }, afterMs: 2_000 };
  const run = await host.start(
    { steps: [hold({ heartbeat: '500ms' }), { id: 'next', http: `${url}next` }] },
    { answers: { hold: [slow], ...undoWorks } },
  );
  await untilCalled(run, 'hold');
  await run.handle.cancel();
  expect(await failureOf(run)).toMatchObject({ name: 'CancelledFailure' });
  expect(keysOf(run)).toEqual(['hold', 'hold/undo']);
  expect(run.calls[1]?.input.query).toMatchObject({ inDoubt: false });
});

it('makes no further attempt after a cancellation, and undoes the step in doubt', async () => {
  const run = await host.start(
    { steps: [hold({ heartbeat: '500ms', retry: { attempts: 5, first: '10ms' } })] },
    { answers: { hold: [{ ...away, afterMs: 2_000 }], ...undoWorks } },
  );
  await untilCalled(run, 'hold');
  await run.handle.cancel();
  expect(await failureOf(run)).toMatchObject({ name: 'CancelledFailure' });
  expect(keysOf(run)).toEqual(['hold', 'hold/undo']);
  expect(run.calls[1]?.input.query).toMatchObject({ inDoubt: true });
});

it('undoes a step as one in doubt if the run is canceled in the pause after an attempt, whatever that attempt did', async () => {
  const run = await host.start(
    { steps: [hold({ retry: { attempts: 5, first: '1m' } })] },
    { answers: { hold: [unsent], ...undoWorks } },
  );
  await untilCalled(run, 'hold');
  await run.handle.cancel();
  expect(await failureOf(run)).toMatchObject({ name: 'CancelledFailure' });
  expect(keysOf(run)).toEqual(['hold', 'hold/undo']);
  expect(run.calls[1]?.input.query).toMatchObject({ inDoubt: true });
});

it('undoes the losers of a race, those under way too', async () => {
  const branch = (id: string): Step => ({
    id,
    http: `${url}${id}`,
    heartbeat: '500ms',
    undo: { http: `${url}undo-${id}` },
  });
  const steps: Step[] = [{ id: 'supplier', join: 'first', parallel: [branch('near'), branch('far')] }];
  const answers: Record<string, Answer[]> = { far: [{ value: null, afterMs: 2_000 }], 'far/undo': [{ value: null }] };
  const run = await host.start({ steps, output: '{{steps.supplier}}' }, { answers });
  expect(await run.handle.result()).toEqual({ done: ['near'], failed: [] });
  expect(keysOf(run)).toEqual(['near', 'far', 'far/undo']);
});

it('runs finally to its end if the cancellation arrives while it is under way', async () => {
  const guarded: Step = {
    id: 'guarded',
    try: [{ id: 'inner', try: [{ id: 'lock', http: `${url}lock` }], finally: [{ id: 'one', http: `${url}one` }] }],
    finally: [
      { id: 'settle', http: `${url}settle`, heartbeat: '500ms' },
      { id: 'pause', wait: '100ms' },
      { id: 'unlock', http: `${url}unlock` },
    ],
  };
  const answers: Record<string, Answer[]> = { settle: [{ value: null, afterMs: 2_000 }] };
  const run = await host.start({ steps: [guarded, { id: 'next', http: `${url}next` }] }, { answers });
  await untilCalled(run, 'settle');
  await run.handle.cancel();
  expect(await failureOf(run)).toMatchObject({ name: 'CancelledFailure' });
  expect(keysOf(run)).toEqual(['lock', 'one', 'settle', 'unlock']);
});

it.each([
  ['canceled', 'ChildCanceled'],
  ['terminated', 'ChildTerminated'],
])('sees a child that somebody has %s as a failure of its step', async (how, type) => {
  const children = { ship: { steps: [{ id: 'long', wait: '7d' }] as Step[] } };
  const caught: Step = { id: 'caught', set: { type: '{{error.type}}' } };
  const steps: Step[] = [{ id: 'guarded', try: [{ id: 'send', run: 'ship' }], catch: [{ do: [caught] }] }];
  const run = await host.start({ steps, output: '{{vars.type}}' }, { children });
  const child = host.client.workflow.getHandle(`${run.handle.workflowId}/send`);
  await expect
    .poll(() =>
      child.describe().then(
        ({ status }) => status.name,
        () => '',
      ),
    )
    .toBe('RUNNING');
  await (how === 'canceled' ? child.cancel() : child.terminate());
  expect(await run.handle.result()).toBe(type);
});

it('undoes what a child has done, with the keys that the child would have used', async () => {
  const children = { ship: { steps: [hold()], output: 'shipped' } };
  const steps: Step[] = [
    { id: 'send', run: 'ship' },
    { id: 'bad', fail: 'no' },
  ];
  const run = await host.start({ steps }, { children });
  expect(await failureOf(run)).toMatchObject({
    details: [{ undone: { 'send/hold': { outcome: 'done', inDoubt: false } } }],
  });
  expect(keysOf(run)).toEqual(['send/hold', 'send/hold/undo']);
});

it('undoes a child by the undo of its step, if it has one', async () => {
  const children = { ship: { steps: [hold()], output: 'shipped' } };
  const steps: Step[] = [
    { id: 'send', run: 'ship', undo: { http: `${url}recall/{{steps.send}}` } },
    { id: 'bad', fail: 'no' },
  ];
  const run = await host.start({ steps }, { children });
  await failureOf(run);
  expect(run.calls.map(({ key, input }) => [key, input.url])).toEqual([
    ['send/hold', `${url}hold`],
    ['send/undo', `${url}recall/shipped`],
  ]);
});
