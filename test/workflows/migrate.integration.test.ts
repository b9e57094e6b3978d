import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { Definition, Step } from '../../language/definition.ts';
import type { NewDefinition, OpenAnswer } from '../../language/migration.ts';
import { chainOf } from './chain-of.ts';
import { startTemporalHost, type HostedRun, type RunOptions, type TemporalHost, hostedHash } from './temporal-host.ts';

/* Runs under way that take another definition, on a real server. Every task replays. */

let host: TemporalHost;
const recorded: Record<string, unknown>[] = [];
let refusal: 'forged' | null = null;
beforeAll(async () => {
  host = await startTemporalHost(inject('temporal'), {
    commands: (input) => {
      recorded.push(input);
      return Promise.resolve({ refusal });
    },
  });
});
afterAll(() => host.stop());

const patience = { timeout: 30_000, interval: 50 };
const definitionOf = (steps: Step[], more: Partial<Definition> = {}): Definition => ({
  ...{ name: 'hosted', on: { event: 'payment.succeeded' }, steps },
  ...more,
});
const call = (id: string, input = {}): Step => ({ id, call: 'mail.send', with: input });
const origin = { via: 'cli', address: null, seal: 'a'.repeat(64) };
const newHash = 'b'.repeat(64);
const toOf = (definition: Definition, hash = newHash): NewDefinition => ({
  ...{ definition, definitionHash: hash, localActivities: [] },
});
const messageOf = (definition: Definition, from: string) => ({
  ...{ from, to: toOf(definition), seal: 'c'.repeat(64), origin, by: 'ana', reason: 'a new text' },
});

async function started(definition: Definition, options: RunOptions = {}): Promise<HostedRun> {
  const run = await host.start(definition, options);
  await untilStill(run, definition);
  return run;
}

/** Resolves once the run would take a definition with another output. */
async function untilStill(run: HostedRun, definition: Definition): Promise<void> {
  const to = toOf({ ...definition, output: 'still' }, 'f'.repeat(64));
  await vi.waitFor(async () => expect((await openOf(run, to)).problem).toBeNull(), patience);
}

const openOf = (run: HostedRun, to: NewDefinition) => run.handle.query<OpenAnswer, [object]>('open', { to });
const send = (run: HostedRun, definition: Definition, from: string) =>
  run.handle.executeUpdate<unknown, [object]>('migrate', { args: [messageOf(definition, from)] });
/** A task that is repeated on a busy machine may bring the command before what it is about. */
const migrate = (run: HostedRun, definition: Definition, from = hostedHash) =>
  vi
    .waitFor(async () => {
      const [outcome] = await Promise.allSettled([send(run, definition, from)]);
      expect(outcome).not.toMatchObject({ reason: { cause: { type: 'NotWaiting' } } });
      return outcome;
    }, patience)
    .then((outcome) => (outcome.status === 'rejected' ? Promise.reject(outcome.reason as Error) : outcome.value));
const keysOf = (run: HostedRun) => run.calls.map(({ key }) => key);

describe('a run that waits', () => {
  it('for a time goes on with another definition when that is over, and waits for what is left', async () => {
    const rest: Step = { id: 'rest', wait: '1d' };
    const run = await started(definitionOf([call('first'), rest, call('next')], { output: 'old' }));
    await migrate(run, definitionOf([call('first'), { ...rest, title: 'Rest' }, call('other')], { output: 'new' }));
    await vi.waitFor(async () => expect(await chainOf(host, run)).toHaveLength(2), patience);
    const handle = host.client.workflow.getHandle(run.handle.workflowId);
    await handle.executeUpdate('skip', { args: [{ step: 'rest' }] });
    expect(await handle.result()).toBe('new');
    expect(keysOf(run)).toEqual(['first', 'other']);
    const { events } = await handle.fetchHistory();
    const timer = events?.find((event) => event.timerStartedEventAttributes)?.timerStartedEventAttributes;
    expect(Number(timer?.startToFireTimeout?.seconds)).toBeLessThan(86_400);
    expect(recorded.at(-2)).toMatchObject({ verb: 'migrate', definition: newHash, by: 'ana', reason: 'a new text' });
  });

  it('for people keeps the answers that it has', async () => {
    const ask: Step = { id: 'ask', approve: 'Pay?', by: { min: 2 }, timeout: '1d' };
    const definition = definitionOf([ask], { output: '{{steps.ask.answers}}' });
    const run = await started(definition);
    const decide = (by: string) =>
      run.handle.executeUpdate('decide', { args: [{ step: 'ask', approved: true, by }] as [object] });
    await decide('ana');
    await untilStill(run, definition);
    await migrate(run, { ...definition, steps: [{ ...ask, onReject: [call('told')] }, call('paid')] });
    await decide('ben');
    expect(await run.handle.result()).toMatchObject([{ by: 'ana' }, { by: 'ben' }]);
    expect(keysOf(run)).toEqual(['paid']);
  });

  it('for an answer to its webhook asks on, for what is left of the time', async () => {
    const tell: Step = { id: 'tell', emit: 'order.created', await: { ack: '1d' } };
    const emitted = { messageId: 'msg_1', deliveries: 1 };
    const answered = { delivered: 1, failed: [], ack: { ok: true }, by: 'ep_1' };
    const notYet = { error: { type: 'AnswerPending', message: 'not yet', retryable: true } };
    const definition = definitionOf([tell], { output: 'old' });
    const run = await started(definition, {
      ...{ local: ['outbound.emit'] },
      answers: { tell: [{ value: emitted }], 'tell/outcome': [notYet, notYet, notYet, notYet, { value: answered }] },
    });
    await vi.waitFor(() => expect(keysOf(run)).toContain('tell/outcome'), patience);
    await migrate(run, definitionOf([{ ...tell, onTimeout: 'continue' }], { output: '{{steps.tell.ack}}' }));
    expect(await run.handle.result()).toEqual({ ok: true });
    expect(keysOf(run)).toEqual(['tell', ...Array.from({ length: 5 }, () => 'tell/outcome')]);
    expect(await chainOf(host, run)).toHaveLength(2);
  });

  it('in branches and items goes on in each, and new steps in what was passed over count as skipped', async () => {
    const steps = (text: string, more: Step[]): Step[] => [
      {
        id: 'both',
        parallel: [
          {
            id: 'choice',
            if: true,
            then: [{ id: 'rest', wait: '1d' }, call('after', { text })],
            else: [call('never'), ...more],
          },
          {
            id: 'all',
            forEach: { in: [1, 2], concurrency: 2 },
            do: [{ id: 'nap', wait: '1d' }, call('item', { text })],
          },
        ],
      },
      ...more.map((step) => ({ id: 'last', set: { never: `{{status.${step.id}}}` } })),
    ];
    const run = await started(definitionOf(steps('old', [])));
    await migrate(run, definitionOf(steps('new', [call('added')]), { vars: { never: '' }, output: '{{vars.never}}' }));
    for (const step of ['rest', 'nap/0', 'nap/1']) await run.handle.executeUpdate('skip', { args: [{ step }] });
    expect(await run.handle.result()).toBe('skipped');
    expect(run.calls.map(({ key, input }) => [key, input.text]).sort()).toEqual([
      ['after', 'new'],
      ['item/0', 'new'],
      ['item/1', 'new'],
    ]);
  });

  it('and is canceled afterwards undoes what it did before', async () => {
    const order: Step = { ...call('order'), undo: { call: 'orders.cancel' } };
    const rest: Step = { id: 'rest', wait: '1d' };
    const run = await started(definitionOf([order, rest]));
    await migrate(run, definitionOf([order, rest, call('next')]));
    await host.client.workflow.getHandle(run.handle.workflowId).cancel();
    await expect(run.handle.result()).rejects.toThrow();
    expect(keysOf(run)).toEqual(['order', 'order/undo']);
  });
});

it('lets a paused run, and a parked step, go on as the new definition says', async () => {
  const declined = { error: { type: 'CardDeclined', message: 'no money' } };
  const steps = (to: string): Step[] => [
    { id: 'loop', forEach: { in: [1, 2] }, do: [call('before'), call('pay', { to }), call('after')] },
  ];
  const old = definitionOf(steps('wrong'), { onFail: 'park' });
  const run = await started(old, { answers: { 'pay/1': [declined, { value: 'paid' }] } });
  await run.handle.executeUpdate('pause');
  await migrate(run, definitionOf(steps('right'), { onFail: 'park', output: '{{steps.loop.done}}' }));
  await run.handle.executeUpdate('resume');
  await run.handle.executeUpdate('retry', { args: [{ step: 'pay/1' }] });
  expect(await run.handle.result()).toBe(2);
  expect(run.calls.map(({ key, input }) => [key, input.to])).toEqual([
    ...[['before/0'], ['pay/0', 'wrong'], ['after/0'], ['before/1'], ['pay/1', 'wrong']].map(([key, to]) => [key, to]),
    ...[
      ['pay/1', 'right'],
      ['after/1', undefined],
    ],
  ]);
});

describe('a definition is refused', () => {
  const rest: Step = { id: 'rest', wait: '1d' };
  const old = definitionOf([call('first'), rest]);

  it.each<[why: string, definition: Definition, message: string]>([
    [
      'whose finished steps differ',
      definitionOf([call('first', { a: 1 }), rest]),
      'the step "first" has ended, and was changed',
    ],
    ['without them', definitionOf([rest]), 'the step "first" has run, and is not at its place any more'],
    [
      'whose wait differs',
      definitionOf([call('first'), { id: 'rest', wait: '2d' }]),
      'the step "rest" waits, and was changed',
    ],
    ['of another name', { ...old, name: 'other' }, 'it is another definition: other'],
    ['whose variables fail', { ...old, vars: { a: { '+': ['x'] } } }, 'its "vars"'],
  ])('%s', async (_why, definition, message) => {
    const run = await started(old);
    await expect(migrate(run, definition)).rejects.toMatchObject({
      cause: { message: expect.stringContaining(message) as unknown },
    });
    expect((await openOf(run, toOf(definition))).problem?.message).toContain(message);
    await run.handle.executeUpdate('skip', { args: [{ step: 'rest' }] });
    await run.handle.result();
    expect(await chainOf(host, run)).toHaveLength(1);
  });

  it('that is none', async () => {
    const run = await started(old);
    await expect(send(run, { name: 'hosted' } as Definition, hostedHash)).rejects.toMatchObject({
      cause: { type: expect.any(String) as unknown },
    });
    await run.handle.executeUpdate('skip', { args: [{ step: 'rest' }] });
    await run.handle.result();
    expect(await chainOf(host, run)).toHaveLength(1);
  });

  it('if it comes from anybody but Kait', async () => {
    const run = await started(old);
    const unsealed: object = { ...messageOf(old, hostedHash), origin: undefined };
    const garbage = [[], [null], ['x'], [{}], [{ to: 1 }], [unsealed], [{ ...messageOf(old, hostedHash), more: 1 }]];
    const sent = garbage.map((args) => run.handle.executeUpdate('migrate', { args: args as [object] }));
    const outcomes = await Promise.allSettled(sent);
    const refused = { type: 'MessageInvalid', message: expect.stringContaining('use "kait runs migrate"') as unknown };
    expect(outcomes).toMatchObject(garbage.map(() => ({ status: 'rejected', reason: { cause: refused } })));
    refusal = 'forged';
    await expect(migrate(run, { ...old, output: 1 })).rejects.toMatchObject({
      cause: { details: [{ refusal: 'forged' }] },
    });
    refusal = null;
    await migrate(run, { ...old, output: 1 });
    await run.handle.executeUpdate('skip', { args: [{ step: 'rest' }] });
    expect(await run.handle.result()).toBe(1);
  });

  it('the second time, at once and later', async () => {
    const run = await started(old);
    const both = await Promise.allSettled([migrate(run, { ...old, output: 1 }), migrate(run, { ...old, output: 1 })]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(migrate(run, { ...old, output: 1 })).rejects.toMatchObject({
      cause: { details: [{ refusal: 'already-migrated' }] },
    });
    expect(await chainOf(host, run)).toHaveLength(2);
    await run.handle.terminate();
    await expect(migrate(run, old)).rejects.toMatchObject({ name: 'WorkflowNotFoundError' });
  });

  it('while a step is at work', async () => {
    const busy = definitionOf([call('slow')]);
    const run = await host.start(busy, { answers: { slow: [{ value: 1, afterMs: 3_000 }] } });
    await vi.waitFor(() => expect(run.calls).toHaveLength(1), patience);
    await expect(send(run, { ...busy, output: 1 }, hostedHash)).rejects.toMatchObject({
      cause: { type: 'NotWaiting', message: expect.stringContaining('It is at work on "slow"') as unknown },
    });
    expect(await run.handle.result()).toBeNull();
  });

  it('by a child run, and while the run undoes', async () => {
    const child = { steps: [rest], output: 1 };
    const parent = await started(definitionOf([{ id: 'sub', run: 'child' }]), { children: { child } });
    const handle = host.client.workflow.getHandle(`${parent.handle.workflowId}/sub`);
    const message = messageOf({ ...child, name: 'child', on: 'run' }, '0'.repeat(64));
    await vi.waitFor(async () => {
      const { problem } = await handle.query<OpenAnswer, [object]>('open', { to: message.to });
      expect(problem).toEqual({
        refusal: 'not-possible',
        message: 'A child run keeps the definition with which it was started',
      });
    }, patience);
    await parent.handle.terminate();
    const undoable = { ...call('order'), undo: { call: 'orders.cancel' } } as Step;
    const failing = definitionOf([undoable, { id: 'no', fail: 'no' }]);
    const run = await host.start(failing, { answers: { 'order/undo': [{ value: null, afterMs: 3_000 }] } });
    await vi.waitFor(() => expect(keysOf(run)).toContain('order/undo'), patience);
    expect((await openOf(run, toOf({ ...failing, output: 1 }))).problem?.message).toBe(
      'The run has failed, and is undoing what it did',
    );
  });
});
