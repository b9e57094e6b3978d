import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, it, onTestFinished } from 'vitest';
import { createStripeWebhooks, stripeSecret } from '../../bench/stripe-payments.ts';
import { sharedTemporaryFolder } from '../temporary-folder.ts';
import { runKait, startKait } from './kait-command.ts';

/* `kait up` accepts webhooks as soon as it can store them. Here Temporal fails to start at first, and is then kept from starting by a file. */

const folder = sharedTemporaryFolder();

/** A Temporal CLI that starts its server when the file `go` exists. */
async function slowTemporal(script: string): Promise<Record<string, string>> {
  const path = join(folder.path, 'temporal');
  await writeFile(path, `#!/bin/sh\n[ "$1" = --version ] && exec ${inject('temporal').cliPath} "$@"\n${script}\n`);
  await chmod(path, 0o755);
  return { TEMPORAL_CLI_PATH: path, STRIPE_WEBHOOK_SECRET: stripeSecret };
}

const webhookAt = createStripeWebhooks('payment_intent.succeeded', 'early');

/** Resolves to the status. A `kait send` would take longer than Temporal may take to start. */
async function send(url: string, index: number): Promise<number> {
  const { headers, body } = webhookAt(index, Date.now());
  return (await fetch(`${url}/in/stripe`, { method: 'POST', headers, body })).status;
}

async function readiness(url: string): Promise<unknown> {
  return (await fetch(`${url}/readyz`)).json();
}

it('ends if Temporal cannot be started, and starts the runs of what it accepted meanwhile the next time', async () => {
  const failing = startKait(
    folder.path,
    ['up'],
    await slowTemporal(`while [ ! -e ${folder.path}/fail ]; do sleep 0.05; done; exit 3`),
  );
  onTestFinished(() => void failing.end('SIGTERM'));
  const [, failingUrl = ''] = await failing.untilOutput(/Accepting webhooks at (\S+)/);
  expect(await send(failingUrl, 1)).toBe(200);
  await writeFile(join(folder.path, 'fail'), '');
  expect(await failing.ended).toBe(1);
  expect(failing.written('stderr')).toContain('KAIT_TEMPORAL_START_FAILED');

  const waiting = startKait(
    folder.path,
    ['up'],
    await slowTemporal(
      `while [ ! -e ${folder.path}/go ]; do sleep 0.05; done; exec ${inject('temporal').cliPath} "$@"`,
    ),
  );
  onTestFinished(() => void waiting.end('SIGTERM'));
  const [, url = ''] = await waiting.untilOutput(/Accepting webhooks at (\S+)/);
  expect(await send(url, 2)).toBe(200);
  expect(await readiness(url)).toMatchObject({ status: 'degraded', database: 'reachable', temporal: 'unreachable' });
  expect(waiting.output()).not.toMatch(/not started|not reachable/);
  await writeFile(join(folder.path, 'go'), '');
  await waiting.untilOutput(/Stop: Ctrl-C/);
  await expect
    .poll(async () => (await runKait(folder.path, ['runs'])).output.match(/completed.*pi_early_\d/g))
    .toHaveLength(2);
  await expect.poll(() => readiness(url)).toMatchObject({ status: 'ready', temporal: 'reachable' });
  expect(await waiting.end('SIGTERM')).toBe(0);
});
