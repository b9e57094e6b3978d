import { expect, it } from 'vitest';
import type { Step } from '../../language/definition.ts';
import { createContinuation } from '../../workflows/continuation.ts';
import type { Effects } from '../../workflows/effects.ts';
import { createInterpreter } from '../../workflows/interpreter.ts';
import type { Workload } from '../../workflows/workload.ts';
import { RunError } from '../../workflows/run-error.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { Canceled, fakeEffects } from './fake-effects.ts';

/** Effects whose waits end only by their conditions, which `happen` checks in the order of the waits, as a workflow task does. */
function waitingEffects() {
  const open = new Set<{ holds: () => boolean; met: (held: boolean) => void }>();
  let long = false;
  const effects: Effects = {
    ...fakeEffects().effects,
    isLong: () => long,
    waitUntil: (holds) => new Promise((met) => void open.add({ holds, met })),
    cancelable(work) {
      let cancel: () => void = () => undefined;
      const canceled = new Promise<never>((_, reject) => (cancel = () => reject(new Canceled())));
      return { done: Promise.race([work(), canceled]), cancel };
    },
  };
  return {
    effects,
    happen: ({ isLong }: { isLong: boolean }): void => {
      long = isLong;
      for (const wait of [...open].filter(({ holds }) => holds())) {
        open.delete(wait);
        wait.met(true);
      }
    },
  };
}

const unhurried: Workload = { add: () => undefined, rest: () => undefined };
const forEver = () => new Promise<never>(() => undefined);
const settled = () => new Promise((resolve) => setImmediate(resolve));

it('continues as new while everything waits, once the run is long', async () => {
  const { effects, happen } = waitingEffects();
  const carried: string[] = [];
  const continuation = createContinuation(effects, unhurried, {
    carryOver: () => void carried.push('carried'),
    isPaused: () => false,
    isOwed: () => false,
  });
  continuation.watch();
  continuation.fork(2);
  void continuation.waiting(forEver);
  happen({ isLong: true });
  await settled();
  expect(carried).toEqual([]); // The other branch works.
  void continuation.waiting(forEver);
  happen({ isLong: false });
  await settled();
  expect(carried).toEqual([]);
  happen({ isLong: true });
  await settled();
  happen({ isLong: true });
  await settled();
  expect(carried).toEqual(['carried']);
});

it('does not continue as new while everything waits if a branch has to end first', async () => {
  const { effects, happen } = waitingEffects();
  const carried: string[] = [];
  const continuation = createContinuation(effects, unhurried, {
    carryOver: () => void carried.push('carried'),
    isPaused: () => false,
    isOwed: () => false,
  });
  continuation.watch();
  continuation.hold();
  void continuation.waiting(forEver);
  happen({ isLong: true });
  await settled();
  expect(carried).toEqual([]);
});

it('fails what waits if the run is too large to continue as new', async () => {
  const { effects, happen } = waitingEffects();
  const tooLarge = new RunError('TooLarge', null, 'too large');
  const continuation = createContinuation(effects, unhurried, {
    carryOver: () => tooLarge,
    isPaused: () => false,
    isOwed: () => false,
  });
  continuation.watch();
  const waiting = continuation.waiting(forEver);
  happen({ isLong: true });
  await expect(waiting).rejects.toBe(tooLarge);
});

it('carries an event once that arrives just when the run continues as new', async () => {
  const { effects, happen } = waitingEffects();
  const wait = (id: string): Step => ({ id, waitFor: 'payment.refunded', timeout: '1d', onTimeout: 'continue' });
  const event = sampleEvent();
  const input = {
    definition: { name: 'demo', on: { event: event.type }, steps: [wait('one'), wait('two')] },
    definitionHash: 'demo',
    event,
    localActivities: [],
  };
  const run = createInterpreter({ input, runId: 'demo', effects, observer: {} });
  const executed = run.execute();
  await settled();
  run.receive(sampleEvent({ id: 'refund', type: 'payment.refunded' }));
  happen({ isLong: true });
  const outcome = await executed;
  expect(outcome).toMatchObject({
    kind: 'continue',
    carried: {
      mail: { events: [], taken: ['stripe/refund'] },
      state: { status: { one: 'running', two: 'pending' }, cursors: { one: { found: { id: 'refund' } } } },
    },
  });
});

it('does not continue as new before a parked step has the command that was accepted for it', async () => {
  const { effects, happen } = waitingEffects();
  const input = {
    definition: {
      ...{ name: 'demo', on: { event: 'payment.succeeded' }, onFail: 'park' as const },
      steps: [{ id: 'pay', call: 'orders.create' }],
    },
    definitionHash: 'demo',
    event: sampleEvent(),
    localActivities: [],
  };
  const call = () => Promise.reject(new Error('no money'));
  const run = createInterpreter({ input, runId: 'demo', effects: { ...effects, call }, observer: {} });
  const executed = run.execute();
  await settled();
  const commanded = run.command({ verb: 'retry', step: 'pay', id: 'update-1' });
  await settled();
  await commanded;
  happen({ isLong: true });
  expect(await executed).toMatchObject({ kind: 'continue', carried: { state: { status: { pay: 'pending' } } } });
});

it('takes no command for a wait that was over when the run continued as new', async () => {
  const input = {
    definition: {
      ...{ name: 'demo', on: { event: 'payment.succeeded' } },
      steps: [
        { id: 'pause', wait: '1h' },
        { id: 'pay', call: 'orders.create' },
      ] satisfies Step[],
    },
    definitionHash: 'demo',
    event: sampleEvent(),
    localActivities: [],
  };
  const { effects, happen } = waitingEffects();
  const sleep = forEver;
  const first = createInterpreter({ input, runId: 'demo', effects: { ...effects, sleep }, observer: {} });
  const executed = first.execute();
  await settled();
  happen({ isLong: true });
  const { carried } = (await executed) as Extract<Awaited<typeof executed>, { kind: 'continue' }>;
  const later = { ...fakeEffects().effects, call: forEver, now: () => effects.now() + 3_600_001 };
  const next = createInterpreter({ input, runId: 'demo', effects: later, observer: {}, carried });
  void next.execute();
  await settled();
  await expect(next.command({ verb: 'skip', step: 'pause', id: 'update-1' })).rejects.toThrow('takes no command now');
});
