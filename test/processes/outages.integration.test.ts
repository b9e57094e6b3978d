import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createCleanup } from '../../cli/compose/cleanup.ts';
import { startTemporalServer } from '../../embedded/temporal-server.ts';
import { pickPort } from '../chaos/pick-port.ts';
import { startPostgres, type PostgresServer } from '../services/postgres.ts';
import { sharedTemporaryFolder } from '../temporary-folder.ts';
import { runKait, startKait, type KaitCommand } from './kait-command.ts';

/* `kait server` and `kait worker` through outages of PostgreSQL and of Temporal, from their start on. The tests go on from each other. */

const cleanup = createCleanup();
const folder = sharedTemporaryFolder();
let environment: Record<string, string>;
let postgres: PostgresServer;
let startTemporal: () => Promise<void>;
let server: KaitCommand;
let worker: KaitCommand;
let url: string;

beforeAll(async () => {
  postgres = await startPostgres({ fsync: 'off', port: await pickPort() });
  cleanup.add(() => postgres.stop());
  await postgres.halt();
  const port = await pickPort();
  startTemporal = async () => {
    const state = join(folder.path, 'temporal');
    await mkdir(state);
    const { cliPath } = inject('temporal');
    const temporal = await startTemporalServer({ cliPath, folder: state, port, report: () => undefined });
    cleanup.add(() => temporal.stop());
  };
  environment = {
    DATABASE_URL: postgres.url.replace('kait@', 'kait:geheim@'),
    TEMPORAL_ADDRESS: `127.0.0.1:${port}`,
    KAIT_INSTALLATION: 'outages',
    KAIT_PORT: String(await pickPort()),
    KAIT_ADMIN_PORT: String(await pickPort()),
    KAIT_ADMIN_TOKEN: 'a token of the tests',
    KAIT_SECRETS_KEY: '5e'.repeat(32),
    STRIPE_WEBHOOK_SECRET: 'whsec_of_the_tests',
    MIDTRANS_SERVER_KEY: 'unused',
    XENDIT_CALLBACK_TOKEN: 'unused',
  };
  environment.KAIT_ADMIN_URL = `http://127.0.0.1:${environment.KAIT_ADMIN_PORT}`;
  url = `http://127.0.0.1:${environment.KAIT_PORT}`;
  [server, worker] = ['server', 'worker'].map((command) => startKait(folder.path, [command], environment)) as [
    KaitCommand,
    KaitCommand,
  ];
  cleanup.add(() => worker.end('SIGTERM'));
  cleanup.add(() => server.end('SIGTERM'));
});
afterAll(() => cleanup.run());

const kait = (...args: string[]) => runKait(folder.path, args, environment);
const send = (id: string) => kait('send', 'stripe', 'payment_intent.succeeded', '--set', `data.object.id=${id}`);

async function readiness() {
  const response = await fetch(`${url}/readyz`);
  const body = (await response.json()) as { status: string; backlog: number };
  return { status: response.status, body };
}

/** Looks again until what was seen passes; the test's time limit bounds it. */
async function until<Seen>(look: () => Promise<Seen>, passes: (seen: Seen) => boolean): Promise<Seen> {
  for (;;) {
    const seen = await look();
    if (passes(seen)) return seen;
    await pause(50);
  }
}

const completed = (id: string) =>
  until(
    async () => (await kait('runs')).output,
    (output) => new RegExp(`completed .*outages/payment-succeeded/stripe/${id}:succeeded`).test(output),
  );

it('both wait for a PostgreSQL that is not there yet, and start when it is', async () => {
  const waiting = /PostgreSQL is not reachable \(DATABASE_URL\): connect ECONNREFUSED[^\n]*Trying again in 1 s/;
  await Promise.all([server.untilOutput(waiting), worker.untilOutput(waiting)]);
  await postgres.resume();
  await server.untilOutput(/server is up/);
});

it('the server accepts webhooks before Temporal is up, and reports that it is degraded', async () => {
  const waiting = /Temporal is not reachable \(TEMPORAL_ADDRESS\)[^\n]*Trying again in 1 s/;
  await Promise.all([server.untilOutput(waiting), worker.untilOutput(waiting)]);
  expect(await send('pi_early')).toMatchObject({ code: 0, output: expect.stringContaining('→ 200') });
  // Answers are up to a second old.
  expect(await until(readiness, ({ body }) => body.backlog === 1)).toEqual({
    status: 200,
    body: {
      status: 'degraded',
      database: 'reachable',
      temporal: 'unreachable',
      backlog: 1,
      faults: 0,
      behind: 0,
      shortage: null,
      unservedQueues: null,
    },
  });
  expect((await kait('events')).output).toMatch(/pi_early:succeeded +payment\.succeeded .*pending/);
});

it('the event that waited gets its run when Temporal is there', async () => {
  await startTemporal();
  await worker.untilOutput(/worker is up/);
  await completed('pi_early');
  expect((await until(readiness, ({ body }) => body.status === 'ready' && body.backlog === 0)).body).toEqual({
    status: 'ready',
    database: 'reachable',
    temporal: 'reachable',
    backlog: 0,
    faults: 0,
    behind: 0,
    shortage: null,
    unservedQueues: 0,
  });
});

it('the server asks gateways to come again while PostgreSQL is away, and both go on after it is back', async () => {
  await postgres.halt();
  const unready = await until(readiness, ({ status }) => status === 503);
  expect(unready.body).toMatchObject({ status: 'unavailable', database: 'unreachable' });
  // A token instead of a signature makes the genuine request short.
  const headers = { 'content-type': 'application/json', 'x-callback-token': environment.XENDIT_CALLBACK_TOKEN! };
  const body = JSON.stringify({ id: 'late', status: 'PAID', external_id: 'ORDER-9', amount: 5, currency: 'IDR' });
  const answer = await fetch(`${url}/in/xendit`, { method: 'POST', headers, body });
  expect(answer.status).toBe(503);
  expect(answer.headers.get('retry-after')).toBe('5');
  await postgres.resume();
  expect((await until(readiness, ({ status }) => status === 200)).body).toMatchObject({ status: 'ready' });
  expect(await send('pi_late')).toMatchObject({ code: 0, output: expect.stringContaining('→ 200') });
  await completed('pi_late');
});

it('both end on a signal, and neither has shown a secret', async () => {
  expect(await Promise.all([server.end('SIGTERM'), worker.end('SIGTERM')])).toEqual([0, 0]);
  const output = server.output() + worker.output();
  expect(['geheim', 'whsec_', 'a token of the tests'].filter((secret) => output.includes(secret))).toEqual([]);
});
