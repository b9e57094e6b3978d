import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findApi } from '../../cli/api-client.ts';
import { pickPort } from '../chaos/pick-port.ts';
import { signBytes, signedSamples, type SignedSample } from '../server/gateway/conformance/signed-samples.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { packagedDefinitions, startKait } from './kait-command.ts';

const mebibyte = 2 ** 20;
const sources = {
  stripe: { gateway: 'stripe', secrets: ['STRIPE_WEBHOOK_SECRET'] },
  'payu-in': { gateway: 'payu_in', secrets: ['PAYU_SALT'], confirm: false },
};
const readsField = {
  name: 'reads-a-field',
  on: { event: 'payment.succeeded' },
  steps: [{ id: 'read', set: { id: { or: [{ var: ['event.data.id', null] }, { var: ['event.data.txnid', null] }] } } }],
};
const readsAll = {
  name: 'reads-all',
  on: { event: 'payment.failed' },
  steps: [{ id: 'read', set: { id: { get: [{ var: 'event.data' }, 'id'] } } }],
};
const numbered = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${name}_${index}`);

/** A Stripe webhook with its own id and a text of so many bytes. */
function stripeBody({ sample }: SignedSample, id: string, bytes: number): Buffer {
  const document = JSON.parse(sample.body) as { data: { object: object } };
  return Buffer.from(
    JSON.stringify({
      ...document,
      id: `evt_${id}`,
      data: { object: { ...document.data.object, id, blob: 'x'.repeat(bytes) } },
    }),
  );
}

it('runs large events to their end and small ones behind them, also after a kill: 16 MiB and a form that JSON makes six times as long included', async () => {
  const folder = await temporaryFolder();
  const definitions = join(folder, 'definitions');
  await cp(packagedDefinitions, definitions, { recursive: true });
  await rm(join(definitions, 'workflows'), { recursive: true });
  await mkdir(join(definitions, 'workflows'));
  await writeFile(join(definitions, 'sources.json'), JSON.stringify(sources));
  const workflow = (name: string, content: object) =>
    writeFile(join(definitions, 'workflows', `${name}.json`), JSON.stringify(content));
  // Events wait for definitions with mistakes. So all of them are in the inbox before the first one is dispatched.
  await workflow('reads-a-field', { ...readsField, steps: undefined, stepz: [] });
  await workflow('reads-all', { ...readsAll, steps: undefined, stepz: [] });

  const samples = await signedSamples();
  const sampleOf = (title: string) => samples.find((each) => each.title === title)!;
  const [failed, succeeded, form] = [
    sampleOf('stripe/payment_intent.payment_failed'),
    sampleOf('stripe/payment_intent.succeeded'),
    sampleOf('payu_in/success'),
  ];
  const port = String(await pickPort());
  const environment = {
    KAIT_DEFINITIONS: definitions,
    KAIT_PORT: port,
    KAIT_BODY_LIMIT: '16MiB',
    STRIPE_WEBHOOK_SECRET: failed.preset.declared.sampleSecret!,
    PAYU_SALT: form.preset.declared.sampleSecret!,
  };
  const start = async () => {
    const kait = startKait(folder, ['up'], environment);
    await kait.untilOutput(/Stop: Ctrl-C/);
    return kait;
  };
  const post = async (source: string, headers: object, body: Buffer) => {
    const url = `http://127.0.0.1:${port}/in/${source}`;
    return (await fetch(url, { method: 'POST', headers: { ...headers }, body: new Uint8Array(body) })).status;
  };
  const send = async (sample: SignedSample, id: string, bytes: number) => {
    const { headers, body } = await signBytes(sample, stripeBody(sample, id, bytes), Date.now());
    return post('stripe', headers, body);
  };

  const first = await start();
  const answers: number[] = [];
  for (const id of numbered(2, 'pi_whole')) answers.push(await send(failed, id, 4.5 * mebibyte));
  answers.push(await send(succeeded, 'pi_large', 16 * mebibyte - 4_096));
  const note = Buffer.concat([Buffer.from('&note='), Buffer.alloc(1_000_000, '\x01')]);
  answers.push(await post('payu-in', form.request.headers, Buffer.concat([form.request.body, note])));
  for (const id of numbered(5, 'pi_small')) answers.push(await send(succeeded, id, 10));
  expect(answers).toEqual(Array.from({ length: 9 }, () => 200));
  await first.end('SIGTERM');

  await workflow('reads-a-field', readsField);
  await workflow('reads-all', readsAll);
  const second = await start();
  const api = await findApi(join(folder, '.kait'), null);
  const list = async (what: string) => (await api.open(`/${what}?limit=100`)).text();
  await expect
    .poll(async () => (await list('events')).match(/"state":"dispatched"/g), { timeout: 120_000 })
    .toHaveLength(9);
  await second.end('SIGKILL');

  const kait = await start();
  const again = await findApi(join(folder, '.kait'), null);
  await expect
    .poll(async () => (await (await again.open('/runs?limit=100')).text()).match(/COMPLETED/g), {
      timeout: 120_000,
    })
    .toHaveLength(9);
  expect(await kait.end('SIGTERM')).toBe(0);
}, 300_000);
