import { expect, it } from 'vitest';
import type { Definition, Step } from '../../language/definition.ts';
import type { Effects } from '../../workflows/effects.ts';
import { createInterpreter } from '../../workflows/interpreter.ts';
import { safeEffects } from '../../workflows/internal-error.ts';
import { RunError } from '../../workflows/run-error.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { fakeEffects } from './fake-effects.ts';

const order: Step = { id: 'order', call: 'orders.create', undo: { call: 'orders.cancel' } };
const pause: Step = { id: 'pause', wait: '1s' };

/** Runs the steps on effects of which one is broken. */
function run(steps: Step[], broken: Partial<Effects>, more: Partial<Definition> = {}) {
  const host = fakeEffects({ order: { id: 'ord_1' } });
  const definition: Definition = { name: 'demo', on: { event: 'payment.succeeded' }, steps, ...more };
  const input = { definition, definitionHash: 'hash', event: sampleEvent(), localActivities: [] };
  const effects = { ...host.effects, ...broken };
  const interpreter = createInterpreter({ input, runId: 'demo/stripe/evt_1', effects, observer: {} });
  const finished = interpreter.execute().catch((reason: unknown) => reason);
  return { ...host, finished };
}

const bug = () => {
  throw new TypeError('x is undefined');
};

it('undoes the run after a bug in a step, and says which step failed', async () => {
  const { finished, calls } = run([order, pause], { sleep: bug });
  const error = await finished;
  expect(error).toBeInstanceOf(RunError);
  expect(error).toMatchObject({
    type: 'InternalError',
    stepId: 'pause',
    message: 'Step "pause" failed inside Kait: TypeError: x is undefined',
    cause: new TypeError('x is undefined'),
  });
  expect(calls.map(({ key }) => key)).toEqual(['order', 'order/undo']);
});

it('lets the wait fail, and not the host that checks its condition', async () => {
  const { effects } = fakeEffects();
  const checked: boolean[] = [];
  const waitUntil: Effects['waitUntil'] = (holds) => {
    checked.push(holds());
    return Promise.resolve(true);
  };
  const safe = safeEffects({ ...effects, waitUntil });
  await expect(safe.waitUntil(bug, 1, '')).rejects.toThrow('x is undefined');
  expect(checked).toEqual([true]);
});

it.each<[string, string[] | undefined, string]>([
  ['is handled by a catch for all errors', undefined, 'note'],
  ['is handled by a catch that names it', ['InternalError'], 'note'],
  ['is not handled by a catch for others', ['CardDeclined'], 'order/undo'],
])('a bug in a step %s', async (_what, errors, last) => {
  const handler = { do: [{ id: 'note', call: 'mail.send' } as Step], ...(errors && { errors }) };
  const { finished, calls } = run([order, { id: 'guarded', try: [pause], catch: [handler] }], { sleep: bug });
  await finished;
  expect(calls.at(-1)?.key).toBe(last);
});
