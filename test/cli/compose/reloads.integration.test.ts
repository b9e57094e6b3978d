import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import Stripe from 'stripe';
import { afterAll, beforeAll, beforeEach, expect, inject, it, vi } from 'vitest';
import { composeAll, type RunningKait } from '../../../cli/compose/compose-all.ts';
import { loadConfig } from '../../../config.ts';
import { packagePath } from '../../../package-path.ts';
import { findSample } from '../../../server/gateway/sample-files.ts';
import { sharedTemporaryFolder } from '../../temporary-folder.ts';
import { multiply } from '../../services/multiply-activity.ts';

/* A run that waits in its middle while the project's files change. Everything is real: receiver, dispatcher, Temporal and worker. */

const secret = 'whsec_of_the_tests';
const log = pino({ level: 'silent' });

/** Multiplies, waits for somebody to approve, and multiplies again. */
const definition = (version: string, [first, second]: [number, number]) =>
  JSON.stringify({
    name: 'fulfil',
    on: { event: 'payment.succeeded' },
    steps: [
      { id: 'before', call: 'multiply', with: { value: first } },
      { id: 'ask', approve: 'Go on?', timeout: '1h' },
      { id: 'after', call: 'multiply', with: { value: second } },
    ],
    output: { version, products: ['{{steps.before.product}}', '{{steps.after.product}}'] },
  });
const other = JSON.stringify({ name: 'other', on: { event: 'payment.failed' }, steps: [{ id: 'end', set: { a: 1 } }] });

const installation = `reloads-${randomUUID().slice(0, 8)}`;
const folder = sharedTemporaryFolder();
const definitions = () => join(folder.path, 'definitions');
const write = (path: string, text: string) => writeFile(join(folder.path, path), text);
let kait: RunningKait;

beforeAll(async () => {
  vi.stubEnv('STRIPE_WEBHOOK_SECRET', secret);
  await mkdir(join(folder.path, 'activities'));
  await mkdir(join(definitions(), 'workflows'), { recursive: true });
  await write(
    'definitions/sources.json',
    '{ "stripe": { "gateway": "stripe", "secrets": ["STRIPE_WEBHOOK_SECRET"] } }',
  );
  await write('definitions/workflows/other.json', other);
  await writeFirst();
  kait = await start();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await kait.stop();
});
beforeEach(async () => {
  await writeFirst();
  await kait.reload();
});

async function writeFirst(): Promise<void> {
  await write('activities/multiply.ts', multiply(10));
  await write('definitions/workflows/fulfil.json', definition('one', [1, 2]));
}

function start(): Promise<RunningKait> {
  const { address, namespace } = inject('temporal');
  const config = loadConfig({
    ...{ KAIT_HOME: join(folder.path, 'home'), KAIT_DEFINITIONS: definitions(), KAIT_PORT: '0' },
    ...{ KAIT_ADMIN_PORT: '0', KAIT_INSTALLATION: installation },
    ...{ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
  });
  const { signal } = new AbortController();
  return composeAll({ config, log, report: () => undefined, signal, activitiesFrom: 'sources' });
}

/** Sends a payment, and resolves to its run once that waits. */
async function startRun() {
  const mark = randomUUID().slice(0, 8);
  const samples = packagePath('definitions', 'gateways', 'samples');
  const { body } = await findSample(samples, 'stripe', 'payment_intent.succeeded');
  const payload = body.replaceAll('pi_3Rk9ToKoKopi0001ZyXwVuTs', `pi_${mark}`);
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret });
  const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
  const answer = await fetch(`${kait.server.url}/in/stripe`, { method: 'POST', headers, body: payload });
  expect(answer.status).toBe(200);
  const id = `${installation}/fulfil/stripe/pi_${mark}:succeeded`;
  await expect.poll(() => waitsIn(id)).toBe(true);
  return id;
}

/** Whether the run waits for an answer. */
async function waitsIn(id: string): Promise<boolean> {
  const asked = kait.temporal.client.workflow.getHandle(id).query<{ id: string; status: string }[]>('progress');
  const steps = await asked.catch(() => []);
  return steps.some((step) => step.id === 'ask' && step.status === 'running');
}

/** Lets the run go on, and resolves to what it returns. */
async function goOn(id: string): Promise<unknown> {
  const handle = kait.temporal.client.workflow.getHandle(id);
  await handle.executeUpdate('decide', { args: [{ step: 'ask', approved: true, by: 'ana' }] });
  return handle.result();
}

it('completes a run by the steps with which it began, and begins new ones with what was reloaded', async () => {
  const before = await startRun();
  await write('definitions/workflows/fulfil.json', definition('two', [3, 4]));
  await kait.reload();
  const after = await startRun();
  expect(await goOn(before)).toEqual({ version: 'one', products: [10, 20] });
  expect(await goOn(after)).toEqual({ version: 'two', products: [30, 40] });
});

it('completes a run whose definition is gone', async () => {
  const before = await startRun();
  await rm(join(definitions(), 'workflows/fulfil.json'));
  await kait.reload();
  expect(kait.server.faults()).toEqual([]);
  expect(await goOn(before)).toEqual({ version: 'one', products: [10, 20] });
});

it('completes a run whose definition has got a mistake, and begins new ones with the last good version', async () => {
  const before = await startRun();
  await write('definitions/workflows/fulfil.json', definition('two', [3, 4]).replace('approve', 'aprove'));
  await kait.reload();
  expect(kait.server.faults()).toMatchObject([{ kind: 'definition', what: 'workflows/fulfil.json' }]);
  const after = await startRun();
  expect(await goOn(before)).toEqual({ version: 'one', products: [10, 20] });
  expect(await goOn(after)).toEqual({ version: 'one', products: [10, 20] });
});

it('keeps the steps and results of a run whose own activity has changed; what is still to be called is the latest code', async () => {
  const before = await startRun();
  await write('activities/multiply.ts', multiply(100));
  await kait.reload();
  expect(await goOn(before)).toEqual({ version: 'one', products: [10, 200] });
});

it('completes a run by the steps with which it began after restarts with other files, and without its file', async () => {
  const before = await startRun();
  await kait.stop();
  await write('definitions/workflows/fulfil.json', definition('two', [3, 4]));
  await write('activities/multiply.ts', multiply(100));
  kait = await start();
  const after = await startRun();
  expect(await goOn(before)).toEqual({ version: 'one', products: [10, 200] });
  await kait.stop();
  await rm(join(definitions(), 'workflows/fulfil.json'));
  kait = await start();
  expect(await goOn(after)).toEqual({ version: 'two', products: [300, 400] });
});
