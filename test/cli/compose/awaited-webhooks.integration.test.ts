import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { answerOf, type ApiClient, findApi } from '../../../cli/api-client.ts';
import { composeAll, type RunningKait } from '../../../cli/compose/compose-all.ts';
import { loadConfig } from '../../../config.ts';
import type { Step } from '../../../language/definition.ts';
import { type HttpReceiver, startHttpReceiver } from '../../activities/http-receiver.ts';
import { sharedTemporaryFolder } from '../../temporary-folder.ts';

/*
 * Runs that emit webhooks to a receiver and wait for what becomes of them. Everything is real: the files, the receiver of answers, the API, Temporal
 * and the worker. `KAIT_PUBLIC_URL` has a path, which a proxy would take off.
 */

const installation = `awaited-${randomUUID().slice(0, 8)}`;
const publicUrl = 'https://hooks.shop.example/kait';
const folder = sharedTemporaryFolder();
let kait: RunningKait;
let api: ApiClient;
let receiver: HttpReceiver;

const emit: Step = { id: 'tell', emit: 'order.created', with: { orderId: '{{event.data.orderId}}' } };
const definitions: Record<string, { steps: Step[]; output: unknown }> = {
  asks: {
    steps: [{ ...emit, await: { ack: '1h' } }],
    output: { ack: '{{steps.tell.ack}}', by: '{{steps.tell.by}}', delivered: '{{steps.tell.delivered}}' },
  },
  delivers: {
    steps: [{ ...emit, await: 'delivered', onExhausted: [{ id: 'missed', set: { missed: '{{steps.tell.failed}}' } }] }],
    output: { delivered: '{{steps.tell.delivered}}', missed: { var: ['vars.missed', null] } },
  },
  'tells-tenant': {
    steps: [{ ...emit, tenant: '{{event.data.tenant}}', await: 'delivered' }],
    output: { deliveries: '{{steps.tell.deliveries}}', delivered: '{{steps.tell.delivered}}' },
  },
};

beforeAll(async () => {
  receiver = await startHttpReceiver();
  const workflows = join(folder.path, 'definitions/workflows');
  await mkdir(workflows, { recursive: true });
  await writeFile(join(folder.path, 'definitions/sources.json'), '{}');
  const input = {
    type: 'object',
    properties: { orderId: { type: 'string' }, tenant: { type: 'string' } },
    required: ['orderId'],
    additionalProperties: false,
  };
  for (const [name, { steps, output }] of Object.entries(definitions)) {
    const definition = { name, on: { manual: input }, vars: { missed: null }, steps, output };
    await writeFile(join(workflows, `${name}.json`), JSON.stringify(definition));
  }
  const { address, namespace } = inject('temporal');
  const config = loadConfig({
    ...{ KAIT_HOME: join(folder.path, 'home'), KAIT_DEFINITIONS: join(folder.path, 'definitions') },
    ...{ KAIT_PORT: '0', KAIT_ADMIN_PORT: '0', KAIT_INSTALLATION: installation, KAIT_PUBLIC_URL: publicUrl },
    ...{ KAIT_OUTBOUND_ALLOW: '127.0.0.1', KAIT_TENANT_ALLOW: '127.0.0.1', KAIT_OUTBOUND_SCHEDULE: '0s,100ms' },
    ...{ TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
  });
  const { signal } = new AbortController();
  const log = pino({ level: 'silent' });
  kait = await composeAll({ config, log, report: () => undefined, signal });
  api = await findApi(join(folder.path, 'home'), null);
});
afterAll(async () => {
  await kait.stop();
  await receiver.close();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answer((response) => response.writeHead(204).end());
});

/** Adds an endpoint until the test has ended. */
async function endpointAt(path: string, tenant?: string): Promise<{ id: string; remove: () => Promise<unknown> }> {
  const body = { url: `${receiver.origin}${path}`, patterns: ['order.*'], ...(tenant !== undefined && { tenant }) };
  const { id } = await answerOf(api.POST('/endpoints', { body }));
  return { id, remove: () => answerOf(api.DELETE('/endpoints/{endpoint}', { params: { path: { endpoint: id } } })) };
}

async function start(definition: string, input: Record<string, string>) {
  const body = { input: { orderId: 'ord_1', ...input }, reason: 'test', by: 'ana' };
  const { run } = await answerOf(
    api.POST('/definitions/{definition}/runs', { params: { path: { definition } }, body }),
  );
  const handle = kait.temporal.client.workflow.getHandle(run);
  await expect.poll(() => handle.describe().then(() => true, String)).toBe(true); // The dispatcher starts it.
  return handle;
}

const received = () => receiver.received.map(({ path }) => path).toSorted();

/** The callback URL that each request has carried, as a proxy in front of Kait would pass it on. */
async function callbacks(count: number): Promise<string[]> {
  await expect.poll(() => receiver.received.length).toBe(count);
  return receiver.received.map(({ headers }) => {
    const [, path = ''] = /^https:\/\/hooks\.shop\.example\/kait(\/callback\/[\w.-]+)$/.exec(
      String(headers['kait-callback-url']),
    )!;
    return `${kait.server.url}${path}`;
  });
}

/** Everything in a history, values included. */
function textOf(part: unknown): string {
  if (part instanceof Uint8Array) return Buffer.from(part).toString('utf8');
  return typeof part === 'object' && part !== null ? Object.values(part).map(textOf).join('\n') : String(part);
}

const post = async (url: string, answer: unknown) => {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(url, { method: 'POST', headers, body: JSON.stringify(answer) })).status;
};

it('goes on with what a receiver answers on its callback URL after it has taken the webhook', async () => {
  const one = await endpointAt('/one');
  const other = await endpointAt('/other');
  const run = await start('asks', {});
  const urls = await callbacks(2);
  const [first = '', second = ''] = receiver.received
    .map(({ path }, index) => [path, urls[index]!])
    .toSorted()
    .map(([, url]) => url);
  expect((await fetch(first)).status).toBe(405);
  expect(await post(first.slice(0, -1), { accepted: true })).toBe(404);
  expect(await post(second, { accepted: true, id: 12_345 })).toBe(200);
  expect(await post(first, { accepted: false })).toBe(409);
  expect(await run.result()).toEqual({ ack: { accepted: true, id: 12_345 }, by: other.id, delivered: 2 });
  const history = textOf(await run.fetchHistory());
  expect(history).toContain('"accepted":true');
  expect([first, second].filter((url) => history.includes(url.slice(url.lastIndexOf('.'))))).toEqual([]);
  await Promise.all([one.remove(), other.remove()]);
});

it('takes no answer any more once its run was canceled', async () => {
  const { remove } = await endpointAt('/one');
  const run = await start('asks', {});
  const [url = ''] = await callbacks(1);
  await run.cancel();
  await expect(run.result()).rejects.toThrow();
  expect(await post(url, { accepted: true })).toBe(410);
  await remove();
});

it('waits until each delivery has ended, and says which one failed', async () => {
  receiver.answer((response, { path }) => response.writeHead(path === '/bad' ? 500 : 204).end());
  const good = await endpointAt('/good');
  const bad = await endpointAt('/bad');
  const run = await start('delivers', {});
  expect(await run.result()).toEqual({
    delivered: 1,
    missed: [{ endpoint: bad.id, state: 'exhausted', status: 500 }],
  });
  expect(received()).toEqual(['/bad', '/bad', '/good']);
  await Promise.all([good.remove(), bad.remove()]);
});

it('tells only the endpoints of the tenant', async () => {
  const all = await Promise.all([
    endpointAt('/acme', 'acme'),
    endpointAt('/acme-too', 'acme'),
    endpointAt('/other', 'other'),
    endpointAt('/own'),
  ]);
  expect(await (await start('tells-tenant', { tenant: 'acme' })).result()).toEqual({ deliveries: 2, delivered: 2 });
  expect(received()).toEqual(['/acme', '/acme-too']);
  expect(await (await start('tells-tenant', { tenant: 'nobody' })).result()).toEqual({ deliveries: 0, delivered: 0 });
  expect(received()).toEqual(['/acme', '/acme-too']);
  await Promise.all(all.map(({ remove }) => remove()));
});
