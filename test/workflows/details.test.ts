import { expect, it } from 'vitest';
import type { Definition, Step } from '../../language/definition.ts';
import type { Json } from '../../language/json.ts';
import { runDetails } from '../../workflows/details.ts';
import { createInterpreter } from '../../workflows/interpreter.ts';
import { createRunMemory } from '../../workflows/run-memory.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { fakeEffects } from './fake-effects.ts';

async function detailsOf(definition: Omit<Definition, 'name' | 'on'>, results: Record<string, Json | Error> = {}) {
  const input = {
    definition: { name: 'demo', on: { event: 'payment.succeeded' }, ...definition },
    definitionHash: 'hash',
    event: sampleEvent(),
    localActivities: [],
  };
  const { effects } = fakeEffects(results);
  const memory = createRunMemory(() => effects.now());
  const observer = { decided: memory.decided, requested: memory.requested };
  const run = createInterpreter({ input, runId: 'demo/stripe/evt_1', effects, observer });
  await run.execute().catch(() => undefined);
  return runDetails({ input, run, memory, continuedAt: null });
}

const order: Step = { id: 'order', call: 'orders.create', with: { amount: '{{event.payment.amount}}' } };
const at = '2026-01-01T00:00:00.000Z';

it('shows steps with their times, inputs and outputs', async () => {
  const { steps, failure, definitionHash } = await detailsOf({ steps: [order] }, { order: { id: 'ord_1' } });
  expect(steps).toEqual([
    {
      ...{ id: 'order', verb: 'call', title: 'order', what: 'orders.create', status: 'done' },
      ...{ startedAt: at, endedAt: at, until: null, error: null, items: null, inDoubt: false, undone: null },
      child: null,
      input: { value: { amount: 2_500_000 } },
      output: { value: { id: 'ord_1' } },
      open: [],
      branches: [],
    },
  ]);
  expect(failure).toBeNull();
  expect(definitionHash).toBe('hash');
});

it('shows why a run failed, and where', async () => {
  const { steps, failure } = await detailsOf({ steps: [order] }, { order: new Error('the shop is down') });
  expect(steps[0]).toMatchObject({ status: 'failed', error: 'the shop is down', output: null });
  expect(failure).toEqual({
    type: 'Error',
    message: 'Step "order" (orders.create) failed: the shop is down',
    step: 'order',
  });
});

it('says why conditions decided as they did, with the values of then', async () => {
  const { steps, decisions } = await detailsOf({
    vars: { tries: 0 },
    steps: [
      { id: 'large', if: { '>': [{ var: 'event.payment.amount' }, 9e9] }, then: [order] },
      { ...order, id: 'guarded', if: { '==': [{ var: 'vars.tries' }, 1] } },
      {
        id: 'loop',
        while: { '<': [{ var: 'vars.tries' }, 2] },
        max: 5,
        do: [{ id: 'more', set: { tries: { '+': [{ var: 'vars.tries' }, 1] } } }],
      },
    ] as Step[],
  });
  expect(decisions.map(({ key, position, value, because }) => [key, position, value, because])).toEqual([
    ['large', 'if', false, 'event.payment.amount (2500000) > 9000000000'],
    ['guarded', 'if', false, 'vars.tries (0) == 1'],
    ['loop/0', 'while', true, 'vars.tries (0) < 2'],
    ['loop/1', 'while', true, 'vars.tries (1) < 2'],
    ['loop/2', 'while', false, 'vars.tries (2) < 2'],
  ]);
  expect(steps[0]).toMatchObject({ branches: [{ label: 'then', steps: [{ id: 'order', status: 'skipped' }] }] });
  expect(steps[2]).toMatchObject({ items: { count: null, done: 2, failed: 0 } });
});

it('keeps the last ten decisions of a loop, and all of other steps', async () => {
  const { decisions } = await detailsOf({
    vars: { tries: 0 },
    steps: [
      { ...order, if: true },
      {
        id: 'loop',
        while: { '<': [{ var: 'vars.tries' }, 500] },
        max: 500,
        do: [{ id: 'more', set: { tries: { '+': [{ var: 'vars.tries' }, 1] } } }],
      },
    ] as Step[],
  });
  expect(decisions.map(({ key }) => key)).toEqual([
    'order',
    ...['loop/491', 'loop/492', 'loop/493', 'loop/494', 'loop/495'],
    ...['loop/496', 'loop/497', 'loop/498', 'loop/499', 'loop/500'],
  ]);
});

it('shows the beginning of a large value, and not its input', async () => {
  const large = { ...order, with: { note: 'ä'.repeat(3_000) } };
  const { steps } = await detailsOf({ steps: [large] }, { order: 'x'.repeat(5_000) });
  expect(steps[0]?.output).toEqual({ beginning: `"${'x'.repeat(299)}`, bytes: 5_002 });
  expect(steps[0]?.input).toBeNull();
});

it('stays small however many values there are', async () => {
  const steps = Array.from({ length: 300 }, (_, index): Step => ({ ...order, id: `step-${index}` }));
  const results = Object.fromEntries(steps.map(({ id }) => [id, 'x'.repeat(1_900)]));
  const details = await detailsOf({ steps }, results);
  expect(JSON.stringify(details).length).toBeLessThan(500_000);
  expect(details.steps[299]?.output).toEqual({ beginning: '', bytes: 1_902 });
  expect(details.steps.filter(({ input }) => input !== null)).toHaveLength(100);
});
