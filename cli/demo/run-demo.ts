import { mkdir } from 'node:fs/promises';
import pc from 'picocolors';
import type { Config } from '../../config.ts';
import { samplesFoldersOf } from '../samples.ts';
import { overview, showProgress } from '../commands/up.ts';
import { createCleanup, type Cleanup } from '../compose/cleanup.ts';
import { composeAll, type RunningKait } from '../compose/compose-all.ts';
import { untilStopped } from '../compose/until-stopped.ts';
import { fileLog } from '../log.ts';
import { version } from '../version.ts';
import { startDemoReceiver, type DemoReceiver } from './demo-receiver.ts';
import { makeDemoRequests, postDemo } from './demo-requests.ts';
import { observeDemo } from './observe-demo.ts';
import { demoReport, shortcomings } from './demo-report.ts';

/** The demo's own sources. Nobody has paid, so a gateway that is asked would rightly deny it; real sources confirm. */
const demoSources = {
  file: 'the sources of the demo',
  read: () =>
    Promise.resolve(
      JSON.stringify({
        stripe: { gateway: 'stripe', secrets: ['STRIPE_WEBHOOK_SECRET'] },
        midtrans: { gateway: 'midtrans', secrets: ['MIDTRANS_SERVER_KEY'], confirm: false },
        xendit: { gateway: 'xendit', secrets: ['XENDIT_CALLBACK_TOKEN'], confirm: false },
      }),
    ),
};

/**
 * `kait demo`: runs everything in one process, sends sample webhooks and reports what happens. With `once`, it then exits.
 * Resolves to the exit code: 0 if everything happened exactly once.
 */
export async function runDemo(config: Config, { once }: { once: boolean }): Promise<number> {
  process.stdout.write(
    `${pc.bold('Kait')} ${version} demo\n\nThis starts Kait, sends it webhooks as three gateways would, and shows what happens.\nOne event is sent five times at once, and one webhook is forged.\nNo gateway knows these payments, so the demo does not ask: its sources have "confirm": false.\n\n`,
  );
  let exitCode = 1;
  await untilStopped(async (signal) => {
    const cleanup = createCleanup();
    try {
      const kait = await startKait(config, signal, cleanup);
      const receiver = await startReceiver(kait, cleanup);
      exitCode = await play(kait, receiver, config, signal);
      if (!once) process.stdout.write(`${await overview(kait, config)}\n`);
      return { finished: once ? Promise.resolve() : kait.finished, stop: () => cleanup.run() };
    } catch (error) {
      await cleanup.run().catch(() => undefined); // The first error matters more.
      throw error;
    }
  });
  return exitCode;
}

/** Starts Kait with its log in a file. Allows outbound webhooks to loopback, because the demo's receiver listens there. */
async function startKait(config: Config, signal: AbortSignal, cleanup: Cleanup): Promise<RunningKait> {
  const allowed = { ...config, outbound: { ...config.outbound, allow: [...config.outbound.allow, '127.0.0.0/8'] } };
  await mkdir(config.home, { recursive: true, mode: 0o700 });
  const log = fileLog(config.logLevel, `${config.home}/kait.log`);
  const kait = await composeAll({ config: allowed, log, report: showProgress, signal, sources: demoSources });
  cleanup.add(() => kait.stop());
  return kait;
}

async function startReceiver(kait: RunningKait, cleanup: Cleanup): Promise<DemoReceiver> {
  const receiver = await startDemoReceiver();
  cleanup.add(() => receiver.stop());
  const endpoint = await kait.server.endpoints.add({ url: receiver.url, patterns: ['order.*'] });
  cleanup.add(() => kait.server.endpoints.remove(endpoint.id));
  receiver.trust(endpoint.secret ?? '');
  return receiver;
}

async function play(kait: RunningKait, receiver: DemoReceiver, config: Config, signal: AbortSignal): Promise<number> {
  showProgress('Sending the webhooks');
  const since = new Date();
  const requests = await makeDemoRequests(kait.gateways, samplesFoldersOf(config.definitions), since.getTime());
  const answers = await postDemo(kait.server.url, requests);
  const runs = await observeDemo(kait, receiver, since, signal);
  process.stdout.write(`${demoReport(answers, runs, config.home)}\n`);
  const missing = shortcomings(answers, runs);
  for (const line of missing) process.stdout.write(`${pc.red('✘')} ${line}\n`);
  if (missing.length === 0) process.stdout.write(`${pc.green('✔')} Everything happened exactly once.\n`);
  return missing.length === 0 ? 0 : 1;
}
