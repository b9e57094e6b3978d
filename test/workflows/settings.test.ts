import { expect, it } from 'vitest';
import type { Definition, Step } from '../../language/definition.ts';
import type { JsonObject } from '../../language/json.ts';
import { createInterpreter } from '../../workflows/interpreter.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { fakeEffects } from './fake-effects.ts';

async function run(settings: JsonObject, steps: Step[], output: Definition['output'] = null) {
  const host = fakeEffects({ ask: {} });
  const definition: Definition = { name: 'demo', on: { event: 'payment.succeeded' }, steps, output };
  const input = { definition, definitionHash: 'hash', event: sampleEvent(), localActivities: [], settings };
  const interpreter = createInterpreter({ input, runId: 'demo/stripe/evt_1', effects: host.effects, observer: {} });
  const outcome = await interpreter.execute();
  return { calls: host.calls, output: outcome.kind === 'completed' ? outcome.output : outcome };
}

it('reads the settings with which the run was started, in templates and conditions', async () => {
  const steps: Step[] = [
    { id: 'large', if: { '>': [{ var: 'event.payment.amount' }, { var: 'settings.least' }] }, set: { isLarge: true } },
  ];
  const { output } = await run({ least: 1, city: 'Bogor' }, steps, {
    city: 'In {{settings.city}}',
    isLarge: '{{vars.isLarge}}',
  });
  expect(output).toEqual({ city: 'In Bogor', isLarge: true });
});

it.each([
  [{ shopUrl: 'https://shop.example' }, 'https://shop.example/orders/evt_1'],
  [{ shopUrl: 'http://10.0.0.5:8080/api/v2' }, 'http://10.0.0.5:8080/api/v2/orders/evt_1'],
])('takes the host of a URL from a setting: %j', async (settings, url) => {
  const { calls } = await run(settings, [{ id: 'ask', http: '{{settings.shopUrl}}/orders/{{event.id}}' }]);
  expect(calls.map(({ input }) => input)).toEqual([expect.objectContaining({ url })]);
});

it('takes no host from a list, nor from what another path finds', async () => {
  const failing = run({ hosts: ['shop.example'] }, [{ id: 'ask', http: 'https://{{settings.hosts}}/orders' }]);
  await expect(failing).rejects.toMatchObject({ type: 'ExpressionFailed' });
});
