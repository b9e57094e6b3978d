import { expect, it } from 'vitest';
import type { Definition, RunInput, Step } from '../../language/definition.ts';
import { effectiveSteps } from '../../language/plan.ts';
import type { Json } from '../../language/json.ts';
import { createInterpreter } from '../../workflows/interpreter.ts';
import { createProgressView } from '../../workflows/progress.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { fakeEffects } from './fake-effects.ts';

const ask: Step = { id: 'kait:confirm', call: 'gateway.confirm', with: { source: '{{event.source}}' } };
const order: Step = {
  id: 'order',
  call: 'orders.create',
  with: { reference: '{{event.payment.orderId}}' },
  undo: { call: 'orders.cancel', with: {} },
};

class Unconfirmed extends Error {
  override name = 'Unconfirmed';
}

function run(changes: Partial<Definition>, results: Record<string, Json | Error>) {
  const host = fakeEffects(results);
  const definition: Definition = { name: 'demo', on: { event: 'payment.succeeded' }, steps: [order], ...changes };
  const input: RunInput = {
    definition,
    definitionHash: 'hash',
    event: sampleEvent(),
    localActivities: [],
    first: [ask],
  };
  const interpreter = createInterpreter({ input, runId: 'demo/stripe/evt_1', effects: host.effects, observer: {} });
  const finished = interpreter.execute().then((outcome) => (outcome.kind === 'completed' ? outcome.output : outcome));
  const progress = () =>
    createProgressView(effectiveSteps(input))
      .steps(interpreter.state)
      .map(({ id, what, status }) => `${id} ${what} ${status}`);
  return { ...host, ...interpreter, finished, progress };
}

it('runs what was put first before the steps of the definition, which see its output', async () => {
  const { finished, calls, progress } = run(
    { output: { asked: '{{steps.kait:confirm.confirmed}}', order: '{{steps.order}}' } },
    { 'kait:confirm': { confirmed: true }, order: 'ord_1' },
  );
  expect(await finished).toEqual({ asked: true, order: 'ord_1' });
  expect(calls.map(({ key, input }) => ({ key, input }))).toEqual([
    { key: 'kait:confirm', input: { source: 'stripe' } },
    { key: 'order', input: { reference: 'ORDER-1' } },
  ]);
  expect(progress()).toEqual(['kait:confirm gateway.confirm done', 'order orders.create done']);
});

it('fails the run before any step of the definition when what was put first fails', async () => {
  const { finished, calls, progress } = run({}, { 'kait:confirm': new Unconfirmed('the gateway says pending') });
  await expect(finished).rejects.toMatchObject({
    type: 'Unconfirmed',
    stepId: 'kait:confirm',
    message: 'Step "kait:confirm" (gateway.confirm) failed: the gateway says pending',
  });
  expect(calls.map(({ key }) => key)).toEqual(['kait:confirm']);
  expect(progress()).toEqual(['kait:confirm gateway.confirm failed', 'order orders.create pending']);
});

it('parks what was put first like any other step, and goes on if an operator skips it', async () => {
  const waiting: (() => void)[] = [];
  const { finished, calls, effects, state, ...interpreter } = run(
    { onFail: 'park' },
    { 'kait:confirm': new Unconfirmed('the gateway says pending') },
  );
  effects.waitUntil = (holds) => new Promise((resolve) => waiting.push(() => resolve(holds())));
  await expect.poll(() => state.status['kait:confirm']).toBe('parked');
  await interpreter.command({ step: 'kait:confirm', verb: 'skip', id: 'update-1' });
  waiting.forEach((look) => look());
  expect(await finished).toBeNull();
  expect(calls.map(({ key }) => key)).toEqual(['kait:confirm', 'order']);
  expect(state.status).toMatchObject({ 'kait:confirm': 'skipped', order: 'done' });
});

it('counts what was put first as skipped if a stop ends the run before it', async () => {
  const { finished, state } = run({ steps: [{ id: 'end', stop: 'enough' }, order] }, { 'kait:confirm': null });
  expect(await finished).toBeNull();
  expect(state.status).toMatchObject({ 'kait:confirm': 'done', end: 'done', order: 'skipped' });
});
