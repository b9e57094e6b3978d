import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, it } from 'vitest';
import { runSimulate, type SimulateOptions } from '../../../cli/commands/simulate.ts';
import type { Simulation } from '../../../simulator/simulation.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const definitions = fileURLToPath(new URL('../../../definitions', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder();
});

async function fileOf(name: string, content: object): Promise<string> {
  await writeFile(join(folder, name), JSON.stringify(content));
  return join(folder, name);
}

async function run(file: string, options: SimulateOptions = {}): Promise<{ code: number; text: string }> {
  const written: string[] = [];
  const code = await runSimulate(file, options, definitions, (text) => written.push(text));
  return { code, text: written.join('\n') };
}

async function trace(file: string, options: SimulateOptions = {}): Promise<Simulation> {
  return JSON.parse((await run(file, { ...options, json: true })).text) as Simulation;
}

const shop = {
  name: 'shop',
  on: { event: 'payment.succeeded', if: { '>': [{ var: 'event.payment.amount' }, 0] } },
  steps: [
    { id: 'ship', run: 'parcel' },
    { id: 'wait', waitFor: 'payment.refunded', timeout: '1d', onTimeout: 'continue' },
  ],
};
const parcel = {
  name: 'parcel',
  on: 'run',
  steps: [{ id: 'ask', http: 'https://parcel.example' }],
  output: '{{steps.ask}}',
};

it('runs nothing that sends a secret where the worker would not', async () => {
  await mkdir(join(folder, 'workflows'));
  const headers = { 'x-key': { secret: 'KAIT_SECRET_SHOP' } };
  const asking = { ...parcel, steps: [{ id: 'ask', http: 'https://parcel.example', headers }] };
  const file = await fileOf('workflows/parcel.json', asking);
  expect(await run(file)).toMatchObject({ code: 1, text: expect.stringContaining('error KAIT1502 KAIT_SECRET_SHOP') });
  await fileOf('secrets.json', { KAIT_SECRET_SHOP: { hosts: ['shop.example'] } });
  expect(await run(file)).toMatchObject({ code: 1, text: expect.stringContaining('error KAIT1501 KAIT_SECRET_SHOP') });
  await fileOf('secrets.json', { KAIT_SECRET_SHOP: { hosts: ['parcel.example'] } });
  expect(await run(file)).toMatchObject({ code: 0 });
});

it('runs a definition with those beside it, and says what it filled in', async () => {
  await fileOf('parcel.json', parcel);
  const { code, text } = await run(await fileOf('shop.json', shop));
  expect(code).toBe(0);
  const lines = text.split('\n');
  expect(lines[0]).toBe('shop  payment.succeeded evt_1 from sample');
  expect(lines[1]).toMatch(/^filled in: id, source, /);
  expect(lines[2]).toBe('triggered: if is true: event.payment.amount (2500000) > 0');
  expect(lines.slice(4, 8)).toEqual([
    '+0s        ✔ ship        run parcel  → {"status":200,"body":{},"headers":{}}',
    '+0s        ✔   ship/ask  http GET https://parcel.example  → {"status":200,"body":{},"headers":{}} (made up)',
    '                 input {"url":"https://parcel.example"}',
    '+0s → +1d  ◷ wait        waitFor payment.refunded within 1d',
  ]);
});

it('takes an event, mocks and what comes later from files', async () => {
  await fileOf('parcel.json', parcel);
  const file = await fileOf('shop.json', shop);
  const event = await fileOf('event.test.json', { source: 'stripe', payment: { amount: 7 } });
  const mocks = await fileOf('mocks.test.json', { 'ship/ask': { status: 200, body: { id: 'p_1' } } });
  const events = await fileOf('events.test.json', [{ at: '+1h', event: { type: 'payment.refunded' } }]);
  expect(await trace(file, { event, mocks, events })).toMatchObject({
    event: { source: 'stripe', payment: { amount: 7, currency: 'IDR' } },
    status: 'completed',
    endedAt: '+1h',
    trace: [{ output: { body: { id: 'p_1' } } }, {}, { path: 'wait', output: { type: 'payment.refunded' } }],
  });
});

it('takes a sample of a gateway for the event', async () => {
  const file = join(definitions, 'workflows', 'payment-succeeded.json');
  expect(await trace(file, { sample: 'stripe/payment_intent.succeeded' })).toMatchObject({
    event: { gateway: 'stripe', source: 'stripe', nativeType: 'payment_intent.succeeded' },
    status: 'completed',
  });
  await expect(run(file, { sample: 'acme/x' })).rejects.toThrow('Gateways: adyen, adyen_platform, ');
  await expect(run(file, { sample: 'stripe/payment_intent.suceeded' })).rejects.toThrow('Did you mean');
  await expect(run(file, { sample: 'stripe/a', event: 'b' })).rejects.toThrow('--event or --sample');
});

it('ends with 1 if the run does not complete', async () => {
  const failing = { name: 'failing', on: { event: 'payment.succeeded' }, steps: [{ id: 'no', fail: 'no' }] };
  const { code, text } = await run(await fileOf('failing.json', failing));
  expect(code).toBe(1);
  expect(text).toContain('failed after 0s  Failed: no');
});

it('says why there is no run', async () => {
  await fileOf('parcel.json', parcel);
  const file = await fileOf('shop.json', shop);
  const event = await fileOf('event.test.json', { payment: { amount: 0 } });
  const because = 'if is false: event.payment.amount (0) > 0';
  const { code, text } = await run(file, { event });
  expect(code).toBe(1);
  expect(text.split('\n').slice(2)).toEqual([`not triggered: ${because}`]);
  const json: unknown = JSON.parse((await run(file, { event, json: true })).text);
  expect(json).toMatchObject({ event: { payment: { amount: 0 } }, triggered: false, because });
});

it('runs what only other definitions start', async () => {
  const { code, text } = await run(await fileOf('parcel.json', parcel));
  expect(code).toBe(0);
  expect(text).not.toContain('triggered');
});

it('shows the mistakes of every file', async () => {
  await fileOf('parcel.json', parcel);
  const file = await fileOf('shop.json', shop);
  const event = await fileOf('event.test.json', { idd: 1 });
  const mocks = await fileOf('mocks.test.json', { 'ship/aks': 1 });
  const events = await fileOf('events.test.json', [{ at: '1h', cancel: true }]);
  const { code, text } = await run(file, { event, mocks, events });
  expect(code).toBe(1);
  expect(text).toContain('"idd" is not a property of the event.');
  expect(text).toContain('The definition "parcel" has no step "aks".');
  expect(text).toContain('"1h" is not a time since the run began.');
  const broken = await run(await fileOf('broken.json', { name: 'broken', steps: [] }));
  expect(broken).toMatchObject({ code: 1 });
  expect(broken.text).toContain('"on" is missing');
});

it('tells of files that are not there', async () => {
  await expect(run(join(folder, 'none.json'))).rejects.toThrow('none.json');
  await expect(run(folder)).rejects.toThrow(`Expected a file, but ${folder} is a folder.`);
  const file = await fileOf('parcel.json', parcel);
  await expect(run(file, { mocks: join(folder, 'none.json') })).rejects.toThrow(
    `There is no file or folder ${join(folder, 'none.json')}.`,
  );
});
