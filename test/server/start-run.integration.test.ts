import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import type { Definition, RunInput } from '../../language/definition.ts';
import { createStartRun, type StartRun } from '../../server/start-run.ts';
import { ensureSearchAttributes } from '../../server/search-attributes.ts';
import { sampleInstallation } from './sample-installation.ts';
import { sampleEvent } from './sample-event.ts';
import { pino } from 'pino';
import { installRuntime } from '../../worker/install-runtime.ts';

const { address, namespace } = inject('temporal');
let connection: NativeConnection;
let startRun: StartRun;

beforeAll(async () => {
  installRuntime(pino({ level: 'silent' }));
  connection = await NativeConnection.connect({ address });
  await ensureSearchAttributes(connection, namespace);
  startRun = createStartRun({
    client: new Client({ connection, namespace }),
    installation: sampleInstallation(randomUUID()),
    eager: false,
  });
});
afterAll(() => connection.close());

function inputOf({ id = randomUUID(), megabytes = 0 }: { id?: string; megabytes?: number }): RunInput {
  const event = sampleEvent({ id, data: { text: 'x'.repeat(megabytes * 2 ** 20) } });
  const definition: Definition = { name: 'a', on: 'run', steps: [{ id: 'end', stop: '{{event.data.text}}' }] };
  return { definition, definitionHash: 'hash', event, localActivities: [] };
}

it('starts runs without search attributes in a namespace that has none, where a start with them fails', async () => {
  const bare = `bare-${randomUUID()}`;
  await connection.workflowService.registerNamespace({
    namespace: bare,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never }, // The type is a Long; a number is encoded in the same way.
  });
  const client = new Client({ connection, namespace: bare });
  const deps = { client, installation: sampleInstallation(randomUUID()), eager: false };
  const without = createStartRun({ ...deps, usableAttributes: () => new Set() });
  await expect.poll(() => without(inputOf({})), { timeout: 30_000, interval: 500 }).toEqual({ kind: 'started' });
  expect(await createStartRun(deps)(inputOf({}))).toMatchObject({
    kind: 'failed',
    reason: expect.stringContaining('has no mapping defined for search attribute Kait'),
  });
  const { usable } = await ensureSearchAttributes(connection, bare);
  const within = createStartRun({ ...deps, usableAttributes: () => new Set(usable) });
  await expect.poll(() => within(inputOf({})), { timeout: 30_000, interval: 500 }).toEqual({ kind: 'started' });
}, 90_000);

it('starts a run once', async () => {
  const input = inputOf({});
  expect(await startRun(input)).toEqual({ kind: 'started' });
  expect(await startRun(input)).toEqual({ kind: 'duplicate' });
});

it.each([
  ['is larger than a value may be', inputOf({ megabytes: 3 })],
  ['is larger than a request may be', inputOf({ megabytes: 6 })],
  ['has too long an id', inputOf({ id: 'x'.repeat(2_000) })],
])('is certain that a run cannot start that %s', async (_what, input) => {
  expect(await startRun(input)).toEqual({ kind: 'refused', reason: expect.any(String), certain: true });
});
