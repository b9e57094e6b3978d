import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import type { Step } from '../../language/definition.ts';
import { startTemporalHost, type HostedRun, type TemporalHost } from './temporal-host.ts';

/* What operators command, on a real server. Every task replays. */

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

const away = { error: { type: 'ReceiverUnavailable', message: 'the shop is down', retryable: true } };
const declined = { error: { type: 'CardDeclined', message: 'no money' } };
/** The next attempt is an hour away. */
const retry = { attempts: 20, first: '1h', max: '1h' };
const pay: Step = { id: 'pay', call: 'orders.create', with: { amount: 5 }, retry };
const next: Step = { id: 'next', call: 'mail.send' };
const patience = { timeout: 30_000, interval: 50 };

const send = (run: HostedRun, verb: string, ...command: object[]) =>
  run.handle.executeUpdate<unknown, [object]>(verb, { args: command as [object] });

async function untilAttempted(run: HostedRun, key: string, attempts: number): Promise<void> {
  await vi.waitFor(() => {
    expect(run.calls.filter((call) => call.key === key)).toHaveLength(attempts);
  }, patience);
}

async function untilStatus(run: HostedRun, id: string, status: string): Promise<void> {
  await vi.waitFor(async () => expect((await run.progress())[id]?.status).toBe(status), patience);
}

/** A step that waits for an event looks for an earlier one first. Until it waits, it refuses commands. */
async function onceItWaits(give: () => Promise<unknown>): Promise<void> {
  await vi.waitFor(give, patience);
}

const keysOf = (run: HostedRun) => run.calls.map(({ key }) => key);

/** How often the run has said that it takes no answer any more. */
async function closings(run: HostedRun): Promise<number> {
  const { events } = await run.handle.fetchHistory();
  const details = (events ?? []).flatMap(({ markerRecordedEventAttributes: marker }) =>
    Object.values(marker?.details ?? {}),
  );
  const texts = details.flatMap(({ payloads }) => (payloads ?? []).map(({ data }) => String(Buffer.from(data ?? []))));
  return texts.filter((text) => text.includes('"activity_type":"outbound.close"')).length;
}

describe('a step that waits for an answer to its webhook', () => {
  const emitted = { value: { messageId: 'msg_1', deliveries: 1 } };
  const notYet = { error: { type: 'AnswerPending', message: 'not yet', retryable: true } };
  const answered = { value: { delivered: 1, failed: [], ack: { ok: true }, by: 'ep_1' } };
  const tell: Step = { id: 'tell', emit: 'order.created', await: { ack: '24h' } };
  const start = (...outcome: object[]) =>
    host.start(
      { steps: [tell], output: ['{{status.tell}}', '{{steps.tell}}'] },
      { local: ['outbound.emit'], answers: { tell: [emitted, emitted], 'tell/outcome': outcome } as never },
    );

  it('takes no answer once an operator has skipped it', async () => {
    const run = await start(...Array.from({ length: 100 }, () => notYet));
    await untilAttempted(run, 'tell/outcome', 1);
    await send(run, 'skip', { step: 'tell' });
    expect(await run.handle.result()).toEqual(['skipped', null]);
    expect(await closings(run)).toBe(1);
  });

  it('takes answers on while it is tried again, for as long again', async () => {
    const run = await start(notYet, answered);
    await untilAttempted(run, 'tell/outcome', 1);
    await send(run, 'retry', { step: 'tell' });
    expect(await run.handle.result()).toEqual(['done', { ...emitted.value, ...answered.value }]);
    expect(keysOf(run)).toEqual(['tell', 'tell/outcome', 'tell', 'tell/outcome']);
    expect(await closings(run)).toBe(0);
  });
});

describe('a step that Temporal retries', () => {
  const start = (more: object = {}, answers: object = { pay: [away, { value: 'paid' }] }) =>
    host.start(
      { steps: [pay, next], output: ['{{steps.pay}}', '{{status.pay}}'], ...more },
      { answers: answers as never },
    );

  it('is tried again now', async () => {
    const run = await start();
    await untilAttempted(run, 'pay', 1);
    await send(run, 'retry', { step: 'pay', by: 'ana', reason: 'the shop is back' });
    expect(await run.handle.result()).toEqual(['paid', 'done']);
    expect(keysOf(run)).toEqual(['pay', 'pay', 'next']);
    expect(recorded.at(-1)).toMatchObject({
      verb: 'retry',
      step: 'pay',
      by: 'ana',
      reason: 'the shop is back',
      origin: null,
    });
  });

  it('is skipped', async () => {
    const run = await start();
    await untilAttempted(run, 'pay', 1);
    await send(run, 'skip', { step: 'pay' });
    expect(await run.handle.result()).toEqual([null, 'skipped']);
    expect(keysOf(run)).toEqual(['pay', 'next']);
  });

  it('is done with the result that it is given', async () => {
    const run = await start();
    await untilAttempted(run, 'pay', 1);
    await send(run, 'setResult', { step: 'pay', result: { id: 'by hand' } });
    expect(await run.handle.result()).toEqual([{ id: 'by hand' }, 'done']);
  });

  it('is sent another input', async () => {
    const run = await start();
    await untilAttempted(run, 'pay', 1);
    await send(run, 'editInput', { step: 'pay', input: { amount: 7 } });
    expect(await run.handle.result()).toEqual(['paid', 'done']);
    expect(run.calls.map(({ key, input }) => [key, input])).toEqual([
      ['pay', { amount: 5 }],
      ['pay', { amount: 7 }],
      ['next', {}],
    ]);
  });

  it('is undone later if it was skipped in doubt and its undo says so', async () => {
    const undo = { call: 'orders.cancel' };
    const fails: Step = { id: 'fails', fail: 'no' };
    const answers = { pay: [away], 'pay/undo': [{ value: null }] };
    const run = await start({ steps: [{ ...pay, undo, undoWhen: 'maybe' }, fails] }, answers);
    await untilAttempted(run, 'pay', 1);
    await send(run, 'skip', { step: 'pay' });
    await expect(run.handle.result()).rejects.toThrow();
    expect(keysOf(run)).toEqual(['pay', 'pay/undo']);
  });

  it('takes one command of two at once', async () => {
    const run = await start();
    await untilAttempted(run, 'pay', 1);
    const outcomes = await Promise.allSettled([
      send(run, 'skip', { step: 'pay' }),
      send(run, 'setResult', { step: 'pay', result: 1 }),
    ]);
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await run.handle.result();
    expect(keysOf(run)).toEqual(['pay', 'next']);
  });

  it('counts as done if its attempt succeeds after all', async () => {
    const slow = { value: 'paid', afterMs: 2_000 };
    const run = await start({}, { pay: [slow] });
    await untilAttempted(run, 'pay', 1);
    await send(run, 'skip', { step: 'pay' });
    expect(await run.handle.result()).toEqual(['paid', 'done']);
    expect(keysOf(run)).toEqual(['pay', 'next']);
  });

  it('in a loop is named by its key', async () => {
    const run = await host.start(
      { steps: [{ id: 'all', forEach: { in: [1, 2], concurrency: 2 }, do: [pay] }], output: '{{steps.all.done}}' },
      { answers: { 'pay/0': [{ value: 1 }], 'pay/1': [away, { value: 2 }] } },
    );
    await untilAttempted(run, 'pay/1', 1);
    await expect(send(run, 'retry', { step: 'pay' })).rejects.toMatchObject({
      cause: { type: 'NotWaiting', message: expect.stringContaining('pay/1 (its activity is under way)') },
    });
    await send(run, 'retry', { step: 'pay/1' });
    expect(await run.handle.result()).toBe(2);
  });
});

describe('a parked step', () => {
  const parked = async (step: Step) => {
    const run = await host.start(
      { steps: [step, next], onFail: 'park', output: '{{steps.pay}}' },
      { answers: { pay: [declined, { value: 'paid' }] } },
    );
    await untilStatus(run, 'pay', 'parked');
    return run;
  };

  it('takes the corrected URL', async () => {
    const run = await parked({ id: 'pay', http: 'https://wrong.example/pay', body: { amount: 5 } });
    const input = { url: 'https://right.example/pay', method: 'POST', body: { amount: 5 } };
    await send(run, 'editInput', { step: 'pay', input });
    expect(await run.handle.result()).toBe('paid');
    expect(run.calls.filter(({ key }) => key === 'pay').map((call) => call.input.url)).toEqual([
      'https://wrong.example/pay',
      'https://right.example/pay',
    ]);
  });

  it.each<[what: string, step: Step, input: object, message: string]>([
    [
      'a secret of another step',
      { id: 'pay', http: 'https://a.example/', headers: { authorization: { secret: 'KAIT_SECRET_A' } } },
      { url: 'https://a.example/', headers: { authorization: { concat: ['Bearer ', { secret: 'KAIT_SECRET_B' }] } } },
      'the definition does not give it the secret KAIT_SECRET_B',
    ],
    ['a secret that it has not', pay, { with: { secret: 'KAIT_SECRET_B' } }, 'the secret KAIT_SECRET_B'],
    [
      'another type of event',
      { id: 'pay', emit: 'order.paid' },
      { type: 'order.refunded', data: {} },
      '"type" must stay "order.paid"',
    ],
  ])('is not sent %s', async (_what, step, input, message) => {
    const run = await parked(step);
    await expect(send(run, 'editInput', { step: 'pay', input })).rejects.toMatchObject({
      cause: { type: 'CommandRefused', message: expect.stringContaining(message) },
    });
    expect((await run.progress()).pay?.status).toBe('parked');
    await run.handle.terminate();
  });

  it('stays parked if the command is forged, and takes the next one', async () => {
    const run = await parked(pay);
    refusal = 'forged';
    const origin = { via: 'api', address: null, seal: 'a'.repeat(64) };
    await expect(send(run, 'skip', { step: 'pay', by: 'ana', origin })).rejects.toMatchObject({
      cause: { type: 'CommandRefused', details: [{ refusal: 'forged' }] },
    });
    refusal = null;
    expect((await run.progress()).pay?.status).toBe('parked');
    await send(run, 'retry', { step: 'pay' });
    expect(await run.handle.result()).toBe('paid');
  });
});

describe('a wait', () => {
  it('is ended by an operator', async () => {
    const wait: Step = { id: 'pause', wait: '1d' };
    const run = await host.start({ steps: [wait], output: '{{status.pause}}' });
    await untilStatus(run, 'pause', 'running');
    await expect(send(run, 'retry', { step: 'pause' })).rejects.toMatchObject({ cause: { type: 'CommandRefused' } });
    await send(run, 'skip', { step: 'pause' });
    expect(await run.handle.result()).toBe('skipped');
  });

  it('for an event is skipped, or given the event', async () => {
    const refund: Step = { id: 'refund', waitFor: 'payment.refunded', timeout: '1d', onTimeout: [next] };
    const steps = [pay, refund];
    const start = () =>
      host.start(
        { steps, output: ['{{steps.refund}}', '{{status.refund}}', '{{status.next}}'] },
        { answers: { pay: [{ value: 1 }] } },
      );
    const skipped = await start();
    await onceItWaits(() => send(skipped, 'skip', { step: 'refund' }));
    expect(await skipped.handle.result()).toEqual([null, 'skipped', 'skipped']);
    const given = await start();
    await onceItWaits(() => send(given, 'setResult', { step: 'refund', result: { id: 'by hand' } }));
    expect(await given.handle.result()).toEqual([{ id: 'by hand' }, 'done', 'skipped']);
  });
});

describe('a paused run', () => {
  const wait: Step = { id: 'pause', wait: '4s' };
  const first: Step = { id: 'first', call: 'orders.create' };
  const slow = { first: [{ value: 1, afterMs: 1_500 }] };

  it('finishes what is under way, and begins no step until it is resumed', async () => {
    const run = await host.start({ steps: [first, next], output: '{{steps.first}}' }, { answers: slow });
    await untilAttempted(run, 'first', 1);
    await send(run, 'pause', { by: 'ana', reason: 'incident 7' });
    await expect(send(run, 'pause')).rejects.toMatchObject({ cause: { details: [{ refusal: 'already-paused' }] } });
    await untilStatus(run, 'first', 'done');
    expect((await run.progress()).next?.status).toBe('pending');
    await send(run, 'resume');
    expect(await run.handle.result()).toBe(1);
    expect(keysOf(run)).toEqual(['first', 'next']);
  });

  it('is paused and resumed once by several commands at once, of which one is recorded', async () => {
    const run = await host.start({ steps: [wait, next] });
    await untilStatus(run, 'pause', 'running');
    const before = recorded.length;
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => send(run, 'pause')));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    const ends = await Promise.allSettled([1, 2, 3].map(() => send(run, 'resume')));
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    await run.handle.result();
    expect(recorded.slice(before).map(({ verb }) => verb)).toEqual(['pause', 'resume']);
  });

  it('waits on, and then holds', async () => {
    const run = await host.start({ steps: [wait, next] });
    await untilStatus(run, 'pause', 'running');
    await send(run, 'pause');
    await untilStatus(run, 'pause', 'done');
    expect(keysOf(run)).toEqual([]);
    await send(run, 'resume');
    await run.handle.result();
    expect(keysOf(run)).toEqual(['next']);
  });

  it('can be canceled, and then undoes', async () => {
    const undoable: Step = { ...first, undo: { call: 'orders.cancel' } };
    const run = await host.start({ steps: [undoable, next] }, { answers: slow });
    await untilAttempted(run, 'first', 1);
    await send(run, 'pause');
    await untilStatus(run, 'first', 'done');
    await run.handle.cancel();
    await expect(run.handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
    expect(keysOf(run)).toEqual(['first', 'first/undo']);
  });

  it('does not undo before it is resumed', async () => {
    const undoable: Step = { ...first, undo: { call: 'orders.cancel' } };
    const fails: Step = { id: 'fails', call: 'mail.send' };
    const run = await host.start(
      { steps: [undoable, fails] },
      { answers: { fails: [{ error: { type: 'MailRefused', message: 'no' }, afterMs: 1_500 }] } },
    );
    await untilAttempted(run, 'fails', 1);
    await send(run, 'pause');
    await untilStatus(run, 'fails', 'failed');
    expect(keysOf(run)).toEqual(['first', 'fails']);
    await send(run, 'resume');
    await expect(run.handle.result()).rejects.toThrow();
    expect(keysOf(run)).toEqual(['first', 'fails', 'first/undo']);
  });

  it('holds a step that is retried meanwhile', async () => {
    const run = await host.start({ steps: [pay] }, { answers: { pay: [away, { value: 1 }] } });
    await untilAttempted(run, 'pay', 1);
    await send(run, 'pause');
    await send(run, 'retry', { step: 'pay' });
    await untilStatus(run, 'pay', 'pending');
    await send(run, 'resume');
    await run.handle.result();
    expect(keysOf(run)).toEqual(['pay', 'pay']);
  });
});
