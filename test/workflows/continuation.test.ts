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
  const continuation = createContinuation(effects, unhurried, { carryOver: () => tooLarge, isPaused: () => false });
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
