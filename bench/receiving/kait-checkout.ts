import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Cleanup } from '../../cli/compose/cleanup.ts';
import { findFreePort } from '../../embedded/free-port.ts';
import { profileArguments } from '../child-program.ts';
import type { Services } from '../services.ts';
import { stripeSecret } from '../stripe-payments.ts';
import type { Receiver } from './receiver.ts';

/** A checkout of some version of Kait, built if that version is, and the Node.js that runs it. */
export interface KaitCheckout {
  name: string;
  folder: string;
  node: string;
}

const startLimitMs = 60_000;

/** Runs `kait server` of a checkout as users do, in a process of its own, with a database of its own in the shared PostgreSQL. */
export async function startKaitCheckout(
  { name, folder, node }: KaitCheckout,
  { folder: workFolder, temporal, postgres }: Services,
  cleanup: Cleanup,
): Promise<Receiver> {
  const program = await programOf(folder);
  const databaseUrl = await postgres.createDatabase(`bench_${name}`);
  const home = join(workFolder, `checkout-${name}`);
  await mkdir(home);
  const url = `http://127.0.0.1:${await findFreePort()}`;
  const environment = {
    ...{
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: temporal.address,
    },
    ...{ KAIT_HOME: home, KAIT_DEFINITIONS: join(folder, 'definitions'), KAIT_ADMIN_TOKEN: 'bench-admin-token' },
    ...{ KAIT_PORT: new URL(url).port, KAIT_ADMIN_PORT: String(await findFreePort()) },
    ...{ STRIPE_WEBHOOK_SECRET: stripeSecret, MIDTRANS_SERVER_KEY: 'unused', XENDIT_CALLBACK_TOKEN: 'unused' },
  };
  const log = await open(join(home, 'kait.log'), 'a');
  const child = spawn(node, [...profileArguments(), program, 'server'], {
    cwd: home,
    env: environment,
    stdio: ['ignore', log.fd, log.fd],
    detached: true,
  });
  const exited = once(child, 'exit');
  await log.close();
  cleanup.add(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  await untilItAnswers(url, () => child.exitCode, join(home, 'kait.log'));
  const database = new pg.Client({ connectionString: databaseUrl });
  database.on('error', () => undefined); // The server may end while the client does.
  await database.connect();
  cleanup.add(() => database.end());
  const counts = async () => {
    const sql = `select count(*)::int as stored, (count(*) filter (where state = 'pending'))::int as waiting from events`;
    const { rows } = await database.query<{ stored: number; waiting: number }>(sql);
    return rows[0] ?? { stored: 0, waiting: 0 };
  };
  return { name, url, pids: { server: child.pid!, database: postgres.pid }, counts };
}

/** Versions before the build ran from their source. */
async function programOf(folder: string): Promise<string> {
  const { bin, scripts } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    bin: { kait: string };
    scripts: Record<string, string>;
  };
  if (scripts.build !== undefined && !existsSync(join(folder, 'dist')))
    throw new Error(`Build ${folder} first: npm run build`);
  return join(folder, bin.kait);
}

async function untilItAnswers(url: string, exitCode: () => number | null, log: string): Promise<void> {
  const endsAt = performance.now() + startLimitMs;
  while (
    !(await fetch(url).then(
      () => true,
      () => false,
    ))
  ) {
    if (exitCode() !== null || performance.now() > endsAt) throw new Error(`kait server did not start; see ${log}`);
    await pause(100);
  }
}
