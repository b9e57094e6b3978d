import { randomUUID } from 'node:crypto';
import { cp, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import Stripe from 'stripe';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createCleanup } from '../../cli/compose/cleanup.ts';
import { packagePath } from '../../package-path.ts';
import { findSample } from '../../server/gateway/sample-files.ts';
import { multiply } from '../services/multiply-activity.ts';
import { startPostgres } from '../services/postgres.ts';
import { sharedTemporaryFolder } from '../temporary-folder.ts';
import { packagedDefinitions, runKait, startKait, type KaitCommand } from './kait-command.ts';

/*
 * `kait server` and two images of `kait worker`, all of which serve what is published. The old image lacks the project's activity, and the
 * new one has it.
 */

const { address, namespace } = inject('temporal');
const secret = 'whsec_of_the_tests';
const token = 'a token of the tests';
const installation = `publish-${randomUUID().slice(0, 8)}`;
const cleanup = createCleanup();
const folder = sharedTemporaryFolder();
const image = (name: string) => join(folder.path, name);
let environment: Record<string, string>;
let client: Client;
let server: KaitCommand;
let oldWorker: KaitCommand;
let newWorker: KaitCommand;

const plain = { id: 'first', set: { a: 1 } };
const calling = { id: 'first', call: 'multiply', with: { value: 7 } };
const definition = (version: string, first: object, product: unknown) =>
  JSON.stringify({
    ...{ name: 'fulfil', on: { event: 'payment.succeeded' } },
    steps: [first, { id: 'ask', approve: 'Go on?', timeout: '1h' }],
    output: { version, product },
  });

async function writeDefinition(name: string, text: string): Promise<void> {
  await writeFile(join(image(name), 'definitions/workflows/fulfil.json'), text);
}

beforeAll(async () => {
  const postgres = await startPostgres({ fsync: 'off' });
  cleanup.add(() => postgres.stop());
  environment = {
    ...{ DATABASE_URL: postgres.url, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
    ...{ KAIT_INSTALLATION: installation, KAIT_ADMIN_TOKEN: token, KAIT_DEFINITIONS_FROM: 'published' },
    ...{ SMTP_URL: 'smtp://127.0.0.1:1', KAIT_MAIL_FROM: 'Shop <shop@shop.example>', STRIPE_WEBHOOK_SECRET: secret },
  };
  await mkdir(join(image('old'), 'definitions/workflows'), { recursive: true });
  await mkdir(join(image('old'), 'node_modules'));
  await symlink(packagePath(), join(image('old'), 'node_modules/kait'));
  await writeFile(join(image('old'), 'package.json'), '{ "type": "module" }');
  const sources = '{ "stripe": { "gateway": "stripe", "secrets": ["STRIPE_WEBHOOK_SECRET"] } }';
  await writeFile(join(image('old'), 'definitions/sources.json'), sources);
  await writeDefinition('old', definition('folder', plain, null));
  await cp(image('old'), image('new'), { recursive: true });
  await mkdir(join(image('new'), 'activities'));
  await writeFile(join(image('new'), 'activities/multiply.ts'), multiply(10));
  expect(await runKait(image('new'), ['build'])).toMatchObject({ code: 0 });

  const connection = await Connection.connect({ address });
  cleanup.add(() => connection.close());
  client = new Client({ connection, namespace });
  server = startKait(image('new'), ['server'], environment);
  cleanup.add(() => server.end('SIGTERM'));
  const [, , adminUrl] = await server.untilOutput(/"url":"([^"]+)","admin":"([^"]+)".*server is up/);
  environment.KAIT_ADMIN_URL = adminUrl!;
  oldWorker = await startWorker('old');
});
afterAll(() => cleanup.run());

async function startWorker(name: string): Promise<KaitCommand> {
  const worker = startKait(image(name), ['worker'], environment);
  cleanup.add(() => worker.end('SIGTERM'));
  await worker.untilOutput(/worker is up/);
  return worker;
}

const publish = (...args: string[]) => runKait(image('new'), ['publish', '--note', 'a test', ...args], environment);

interface Status {
  definitionsFrom: { set: { id: number } | null; waits: string | null };
  processes: { kind: string; serves: number | null; problem: string | null; notes: string[] }[];
}

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return fetch(`${environment.KAIT_ADMIN_URL}${path}`, { ...init, headers });
}
const status = async () => (await (await ask('/api/v1/status')).json()) as Status;
const served = async () => (await status()).processes.map(({ kind, serves }) => `${kind} ${serves ?? 'folder'}`);

const receiver = async () => (await server.untilOutput(/"url":"([^"]+)"/))[1];
const ready = async () => (await fetch(`${await receiver()}/readyz`)).json();

/** Sends a payment, and resolves to the id of its run. */
async function startRun(): Promise<string> {
  const mark = randomUUID().slice(0, 8);
  const samples = join(packagedDefinitions, 'gateways/samples');
  const { body } = await findSample(samples, 'stripe', 'payment_intent.succeeded');
  const payload = body.replaceAll('pi_3Rk9ToKoKopi0001ZyXwVuTs', `pi_${mark}`);
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret });
  const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
  expect((await fetch(`${await receiver()}/in/stripe`, { method: 'POST', headers, body: payload })).status).toBe(200);
  return `${installation}/fulfil/stripe/pi_${mark}:succeeded`;
}

/** Lets the run go on once it waits, and resolves to what it returns. */
async function goOn(id: string): Promise<unknown> {
  const handle = client.workflow.getHandle(id);
  const decide = () =>
    handle.executeUpdate('decide', { args: [{ step: 'ask', approved: true, by: 'ana' }] }).then(
      () => true,
      () => false,
    );
  await expect.poll(decide).toBe(true);
  return handle.result();
}

const fromFolder = { version: 'folder', product: null };
const first = { version: 'first', product: null };
const second = { version: 'second', product: 70 };

it('has server and worker serve what is published together, and no set before every worker can', async () => {
  const beforeAny = await startRun();
  await writeDefinition('new', definition('first', plain, null));
  expect(await publish()).toMatchObject({ code: 0, output: expect.stringContaining('Published set 1 ') });
  await expect.poll(served).toEqual(['server 1', 'worker 1']);
  const ofFirst = await startRun();

  await writeDefinition('new', definition('second', calling, '{{steps.first.product}}'));
  expect(await publish()).toMatchObject({ code: 0, output: expect.stringContaining('Published set 2 ') });
  await expect
    .poll(async () => (await status()).definitionsFrom.waits)
    .toMatch(/^Set 2 waits for the worker .*Unknown activity "multiply"/s);
  expect(await served()).toEqual(['server 1', 'worker 1']);
  const whileWaiting = await startRun();

  newWorker = await startWorker('new');
  await oldWorker.end('SIGTERM');
  await expect.poll(served).toEqual(['server 2', 'worker 2']);
  expect((await status()).processes.map(({ problem, notes }) => ({ problem, notes }))).toEqual([
    { problem: null, notes: [] },
    { problem: null, notes: [] },
  ]);
  const ofSecond = await startRun();

  expect(await publish('--rollback', '1')).toMatchObject({
    code: 0,
    output: expect.stringContaining('Published set 3 '),
  });
  await expect.poll(served).toEqual(['server 3', 'worker 3']);
  const afterRollback = await startRun();
  const ended = await Promise.all([beforeAny, ofFirst, whileWaiting, ofSecond, afterRollback].map(goOn));
  expect(ended).toEqual([fromFolder, first, first, second, first]);
});

it('has a run wait, and not fail, while its call meets only a worker without the activity', async () => {
  await writeDefinition('new', definition('second', { ...calling, retry: { attempts: 1 } }, '{{steps.first.product}}'));
  expect(await publish()).toMatchObject({ code: 0 });
  await expect.poll(served).toEqual(['server 4', 'worker 4']);
  await newWorker.end('SIGTERM');
  const late = await startWorker('old');
  await late.untilOutput(/a published set cannot be served by this process/);
  const id = await startRun();
  await late.untilOutput(/This worker lacks the activity multiply for which the published set was made/);
  await expect.poll(ready).toMatchObject({ status: 'degraded', behind: 1 });
  await startWorker('new');
  await late.end('SIGTERM');
  expect(await goOn(id)).toEqual(second);
});

it.each([
  [{ files: { 'workflows/a.json': '{', 'sources.json': '{}' } }, 'KAIT_SET_INVALID', /workflows\/a\.json:1:/],
  [{ files: { '../../x.json': '{}' } }, 'KAIT_SET_INVALID', /No part of it: "\.\.\/\.\.\/x\.json"/],
  [{ files: { 'sources.json': ' '.repeat(5 * 2 ** 20) } }, 'KAIT_SET_INVALID', /At most 4194304 are allowed/],
  [{ files: { 'sources.json': { a: 1 } } }, 'invalid-request', /files must be an object of texts/],
  [{ files: {}, activities: [{ name: 'x', run: 'rm' }] }, 'invalid-request', /activities must be a list/],
  [{ files: {}, run: 'rm' }, 'invalid-request', /Unknown field "run"/],
])('refuses a set of somebody who checks nothing: %#', async (body, code, message) => {
  const before = await (await ask('/api/v1/published')).text();
  const sent = JSON.stringify({ ...body, by: 'eve', note: 'x', force: true });
  const answer = await ask('/api/v1/published', { method: 'POST', body: sent });
  expect(await answer.json()).toMatchObject({ code, detail: expect.stringMatching(message) });
  expect(await (await ask('/api/v1/published')).text()).toBe(before);
});

it('serves a file of the newest set that the console has changed, and refuses what the checker refuses', async () => {
  const files = JSON.parse(definition('console', plain, null)) as object;
  const change = (set: number, text: string) =>
    ask(`/api/v1/published/${set}/files`, {
      method: 'POST',
      body: JSON.stringify({ files: { 'workflows/fulfil.json': text }, note: 'by the console' }),
    });
  const wrong = await change(4, JSON.stringify({ ...files, steps: [{ id: 'a', call: 'multply' }] }));
  expect([wrong.status, await wrong.json()]).toMatchObject([
    400,
    { code: 'KAIT_SET_INVALID', detail: expect.stringMatching(/workflows\/fulfil\.json:1:\d+.*KAIT1401.*multply/s) },
  ]);
  expect((await change(4, JSON.stringify(files))).status).toBe(200);
  await expect.poll(served).toEqual(['server 5', 'worker 5']);
  expect((await change(4, JSON.stringify(files))).status).toBe(409);
  expect(await goOn(await startRun())).toEqual({ version: 'console', product: null });
});

it('tells in its metrics which set the processes serve', async () => {
  const lines = (await (await ask('/metrics')).text()).split('\n');
  expect(lines.filter((line) => line.startsWith('kait_processes'))).toEqual([
    'kait_processes{kind="server",set="5"} 1',
    'kait_processes{kind="worker",set="5"} 1',
    'kait_processes_behind{kind="server"} 0',
    'kait_processes_behind{kind="worker"} 0',
  ]);
});

it('says how many runs under way could not go on without their source', async () => {
  const id = await startRun();
  await expect
    .poll(() =>
      client.workflow
        .getHandle(id)
        .query('progress')
        .then(JSON.stringify, () => ''),
    )
    .toContain('ask');
  await rm(join(image('new'), 'definitions/sources.json'));
  await writeFile(join(image('new'), 'definitions/sources.json'), '{}');
  await expect
    .poll(async () => (await publish()).output)
    .toContain('1 run under way of "fulfil" could not go on: There is no source "stripe" any more.');
  expect(await served()).toEqual(['server 5', 'worker 5']);
});
