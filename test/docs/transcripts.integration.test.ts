import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, inject, it, vi } from 'vitest';
import { createStartRun, workflowIdOf } from '../../server/start-run.ts';
import { ensureSearchAttributes, searchAttributes } from '../../server/search-attributes.ts';
import { installRuntime } from '../../worker/install-runtime.ts';
import { startWorker, type RunningWorker } from '../../worker/start-worker.ts';
import { sampleInstallation } from '../server/sample-installation.ts';
import { sampleEvent } from '../server/sample-event.ts';
import { noEarlierEvents } from '../workflows/no-earlier-events.ts';
import { patternOf, transcriptsOf, wordsOf } from './transcripts.ts';
import { builtInterpreter } from '../services/built-interpreter.ts';

const { address, namespace, cliPath } = inject('temporal');
const installation = sampleInstallation(`transcripts-${randomUUID()}`);
const page = await readFile(new URL('../../docs/OPERATIONS.md', import.meta.url), 'utf8');
const transcripts = transcriptsOf(page).filter(({ command }) => command.startsWith('kait temporal '));
const run = promisify(execFile);

let connection: NativeConnection;
let client: Client;
let worker: RunningWorker;
const event = sampleEvent({ id: `evt_${randomUUID()}` });
const workflowId = workflowIdOf(installation.id, 'fulfil-order', event);

/** The installation that the docs tell of: one run, which waits for the settlement of order INV-2026-1. */
beforeAll(async () => {
  const log = pino({ level: 'silent' });
  installRuntime(log);
  connection = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace });
  await ensureSearchAttributes(connection, namespace);
  worker = await startWorker({
    ...{ connection, namespace, installation: installation.id, bundle: builtInterpreter },
    ...{
      activities: noEarlierEvents,
      deliveryActivities: { 'outbound.deliver': () => Promise.resolve() },
      cachedRuns: 10,
      concurrentActivities: 5,
    },
  });
  const steps = [{ id: 'settled', waitFor: 'payment.settled', match: {}, timeout: '1d' }];
  await createStartRun({ client, installation, eager: false })({
    definition: { name: 'fulfil-order', on: { event: 'payment.succeeded' }, steps },
    definitionHash: 'abc',
    event: { ...event, payment: { ...event.payment!, orderId: 'INV-2026-1' } },
    localActivities: [],
  });
  const { workflow } = client;
  const stateOf = async () =>
    (await workflow.getHandle(workflowId).describe()).typedSearchAttributes.get(searchAttributes.state);
  await vi.waitFor(async () => expect(await stateOf()).toBe('waiting'), 20_000);
  const query = `WorkflowId="${workflowId}" AND KaitState="waiting"`;
  await vi.waitFor(async () => expect((await workflow.count(query)).count).toBe(1), 20_000);
}, 60_000);
afterAll(async () => {
  await client.workflow.getHandle(workflowId).terminate();
  await worker.stop();
  await connection.close();
});

it('finds transcripts in the docs', () => {
  expect(transcripts.length).toBeGreaterThan(3);
});

it.each(transcripts)('answers as the docs say: $command', async ({ command, answer }) => {
  const [kait, temporal, ...args] = wordsOf(command);
  expect([kait, temporal]).toEqual(['kait', 'temporal']);
  const { stdout } = await run(cliPath, [...args, '--address', address, '--namespace', namespace]);
  expect(stdout).toMatch(patternOf(answer));
});
