import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createStripeWebhooks, stripeSecret } from '../../bench/stripe-payments.ts';
import { exampleActivity, exampleWorker, preparePython, startPythonWorker } from '../examples/python-worker.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { runKait, startKait } from './kait-command.ts';

/* `kait up` of a project and the worker of examples/python-activity, as their users start them. */

const unprepared = await preparePython();
const what = unprepared === null ? 'kait up beside a worker in Python' : `skipped: ${unprepared}`;

const sources = { stripe: { gateway: 'stripe', secrets: ['STRIPE_WEBHOOK_SECRET'] } };
const workflow = {
  name: 'thank',
  on: { event: 'payment.succeeded' },
  steps: [{ id: 'points', call: 'points.add', with: { customer: 'ana@shop.example', points: 5 } }],
  output: { balance: '{{steps.points.balance}}' },
};

describe.skipIf(unprepared !== null)(what, () => {
  it('has a step wait until the worker is there, says so meanwhile, and finishes the run then', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'definitions/workflows'), { recursive: true });
    await mkdir(join(folder, 'activities'));
    await copyFile(exampleActivity, join(folder, 'activities/points.add.json'));
    await writeFile(join(folder, 'definitions/sources.json'), JSON.stringify(sources));
    await writeFile(join(folder, 'definitions/workflows/thank.json'), JSON.stringify(workflow));
    const kait = startKait(folder, ['up'], { STRIPE_WEBHOOK_SECRET: stripeSecret });
    onTestFinished(() => void kait.end('SIGTERM'));
    await kait.untilOutput(/Stop: Ctrl-C/);
    const [, url = ''] = /Accepting webhooks at (\S+)/.exec(kait.output()) ?? [];
    const { headers, body } = createStripeWebhooks('payment_intent.succeeded', 'python')(1, Date.now());
    expect((await fetch(`${url}/in/stripe`, { method: 'POST', headers, body })).status).toBe(200);
    const outputOf = async (command: string) => (await runKait(folder, [command])).output;
    await expect
      .poll(() => outputOf('status'))
      .toMatch(/No worker serves the task queue points-python \(points\.add\)/);
    expect(await outputOf('runs')).toMatch(/running .*thank/);

    const { port } = JSON.parse(await readFile(join(folder, '.kait/temporal.json'), 'utf8')) as { port: number };
    const worker = await startPythonWorker(exampleWorker, {
      TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
      POINTS_DATABASE: join(folder, 'points.db'),
    });
    onTestFinished(() => worker.kill());
    await expect.poll(() => outputOf('runs')).toMatch(/completed .*thank/);
    await expect.poll(() => outputOf('status')).not.toMatch(/No worker serves/);
    expect(await kait.end('SIGTERM')).toBe(0);
  });
});
