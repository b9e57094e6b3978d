import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { runDefinition } from '../simulator/run-definition.ts';
import { startFailingActivities, type FailingActivities } from './failing-activities.ts';
import { startTemporalHost, type TemporalHost } from './temporal-host.ts';

let real: FailingActivities;
let host: TemporalHost;
beforeAll(async () => {
  real = await startFailingActivities();
  host = await startTemporalHost(inject('temporal'), { real: real.activities });
});
afterAll(async () => {
  await host.stop();
  await real.stop();
});

it.each([
  [422, 'ResponseRefused'],
  [503, 'ReceiverUnavailable'],
])('a handler sees the status %i on the server as in the simulator', async (status, type) => {
  const ask = { id: 'ask', http: `{{vars.origin}}/status/${status}`, retry: { attempts: 1 } };
  const keep = { id: 'keep', set: { seen: '{{error}}' } };
  const steps = [{ id: 'guard', try: [ask], catch: [{ do: [keep] }] }];
  const definition = { vars: { origin: real.origin, seen: null }, steps, output: '{{vars.seen}}' };
  const mocks = { ask: { error: { type, status, body: '', headers: {} } } };
  const seen = { type, step: 'ask', status, body: '', headers: {} };
  expect((await runDefinition(definition, { mocks })).output).toMatchObject(seen);
  const { handle } = await host.start(definition);
  expect(await handle.result()).toMatchObject(seen);
});
