import { randomUUID } from 'node:crypto';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { like } from 'drizzle-orm';
import { Webhook } from 'standardwebhooks';
import Stripe from 'stripe';
import { afterAll, beforeAll, expect, inject, it, onTestFinished } from 'vitest';
import { createCleanup } from '../../cli/compose/cleanup.ts';
import { findSample } from '../../server/gateway/sample-files.ts';
import type { Database } from '../../storage/database.ts';
import { openPostgres } from '../../storage/open-postgres.ts';
import { cashbackEntries, deliveries, endpointNotices, events, mails, orders } from '../../storage/schema.ts';
import { startHttpReceiver } from '../activities/http-receiver.ts';
import { createRandom } from '../chaos/random.ts';
import { startSmtpReceiver, type SmtpReceiver } from '../chaos/smtp-receiver.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../chaos/webhook-receiver.ts';
import { startPostgres } from '../services/postgres.ts';
import { sharedTemporaryFolder } from '../temporary-folder.ts';
import { loadedPackages, notingImports } from './loaded-packages.ts';
import { packagedDefinitions, runKait, startKait, type KaitCommand } from './kait-command.ts';

/* `kait server` and `kait worker` apart, over a real PostgreSQL and Temporal, with real receivers of mail and webhooks. */

const { address, namespace, cliPath } = inject('temporal');
const secret = 'whsec_of_the_tests';
const cleanup = createCleanup();
const mark = randomUUID().slice(0, 8);
const eventId = `pi_${mark}:succeeded`;
const installation = `production-${mark}`;
const workflowId = `${installation}/payment-succeeded/stripe/${eventId}`;

const folder = sharedTemporaryFolder();
let environment: Record<string, string>;
let database: Database;
let smtp: SmtpReceiver;
let receiver: WebhookReceiver;
let server: KaitCommand;
let url: string;

beforeAll(async () => {
  const random = createRandom(1, 'production');
  const now = () => Date.now();
  const postgres = await startPostgres({ fsync: 'off' });
  cleanup.add(() => postgres.stop());
  smtp = await startSmtpReceiver({ random, now });
  cleanup.add(() => smtp.stop());
  receiver = await startWebhookReceiver({ random, now });
  cleanup.add(() => receiver.stop());
  environment = {
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    KAIT_INSTALLATION: installation,
    KAIT_ADMIN_TOKEN: 'a token of the tests',
    KAIT_SECRETS_KEY: '5e'.repeat(32),
    KAIT_OUTBOUND_ALLOW: '127.0.0.0/8',
    KAIT_OUTBOUND_SCHEDULE: '0s,100ms,100ms,100ms,100ms,100ms,100ms,100ms',
    SMTP_URL: smtp.url,
    KAIT_MAIL_FROM: 'Shop <shop@shop.example>',
    KAIT_OPERATOR_MAIL: 'ops@shop.example',
    STRIPE_WEBHOOK_SECRET: secret,
    MIDTRANS_SERVER_KEY: 'unused',
    XENDIT_CALLBACK_TOKEN: 'unused',
  };
  server = startKait(folder.path, ['server'], { ...environment, ...notingImports(`${folder.path}/server.imports`) });
  cleanup.add(() => server.end('SIGTERM'));
  const worker = startKait(folder.path, ['worker'], {
    ...environment,
    ...notingImports(`${folder.path}/worker.imports`),
  });
  cleanup.add(() => worker.end('SIGTERM'));
  const [, receiverUrl, adminUrl] = await server.untilOutput(/"url":"([^"]+)","admin":"([^"]+)".*server is up/);
  url = receiverUrl!;
  environment.KAIT_ADMIN_URL = adminUrl!;
  await worker.untilOutput(/worker is up/);
  const added = await runKait(folder.path, ['endpoints', 'add', receiver.url, '--events', 'order.*'], environment);
  receiver.trust(/whsec_\S+/.exec(added.output)![0]);
  database = await openPostgres(postgres.url, { connections: 2, onError: () => undefined });
  cleanup.add(() => database.close());
});
afterAll(() => cleanup.run());

/** What only `kait up`, `kait dev`, `kait init` and `kait build` need. */
const unused = ['@clack/prompts', '@electric-sql/pglite', '@temporalio/testing', 'chokidar', 'esbuild'];

it('loads PostgreSQL’s driver, and nothing that only other commands need', () => {
  const server = loadedPackages(`${folder.path}/server.imports`);
  const worker = loadedPackages(`${folder.path}/worker.imports`);
  const ofInterest = [...unused, 'pg', '@temporalio/worker', 'nodemailer'];
  expect({
    server: server.filter((name) => ofInterest.includes(name)),
    worker: worker.filter((name) => ofInterest.includes(name)),
  }).toEqual({ server: ['pg'], worker: ['@temporalio/worker', 'nodemailer', 'pg'] });
});

/** A payment signed by Stripe's own package. */
async function payment() {
  const { body } = await findSample(
    join(packagedDefinitions, 'gateways/samples'),
    'stripe',
    'payment_intent.succeeded',
  );
  const payload = body
    .replace('evt_3Rk9ToKoKopi0001AbCdEfGh', `evt_${mark}`)
    .replaceAll('pi_3Rk9ToKoKopi0001ZyXwVuTs', `pi_${mark}`);
  const signature = Stripe.webhooks.generateTestHeaderString({ payload, secret });
  return { payload, signature };
}

async function post({ payload, signature }: { payload: string; signature: string }) {
  const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
  return fetch(`${url}/in/stripe`, { method: 'POST', headers, body: payload });
}

/** The Temporal CLI, as an operator types it. */
async function temporal(...args: string[]): Promise<string> {
  const target = ['--address', address, '--namespace', namespace];
  return (await promisify(execFile)(cliPath, [...args, ...target])).stdout;
}

/** Looks until there is something; the test's time limit bounds it. */
async function until<Found>(look: () => Promise<Found[]>): Promise<Found[]> {
  for (;;) {
    const found = await look();
    if (found.length > 0) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it('turns a payment that is sent five times at once into one order, one cashback, one mail and one webhook', async () => {
  const request = await payment();
  const answers = await Promise.all(Array.from({ length: 5 }, () => post(request)));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  await until(async () => (await database.orm.select().from(deliveries)).filter(({ state }) => state === 'delivered'));
  await until(async () => (await database.orm.select().from(mails)).filter(({ state }) => state === 'sent'));

  expect(await database.orm.select().from(events)).toMatchObject([{ eventId, state: 'dispatched', duplicates: 4 }]);
  const ofThisRun = `${workflowId}/%`;
  expect(await database.orm.select().from(orders).where(like(orders.idempotencyKey, ofThisRun))).toMatchObject([
    { reference: 'ORDER-1001', amount: 2_500_000, currency: 'IDR' },
  ]);
  expect(await database.orm.select().from(cashbackEntries)).toMatchObject([{ amount: 125_000, currency: 'IDR' }]);
  expect(smtp.arrived).toMatchObject([{ recipient: 'sari@example.id' }]);
  expect(receiver.arrived).toMatchObject([{ reference: 'ORDER-1001', verified: true }]);
});

it('shows the run to the Temporal CLI: list, show, query, describe', async () => {
  const query = `KaitSource="stripe" AND KaitEventType="payment.succeeded" AND KaitEntity="pi_${mark}"`;
  const listed = await until(async () => {
    const text = await temporal('workflow', 'list', '--query', query);
    return text.includes(workflowId) ? [text] : [];
  });
  expect(listed[0]).toContain('payment-succeeded');
  expect(await temporal('workflow', 'show', '--workflow-id', workflowId)).toContain('WorkflowExecutionCompleted');
  const progress = await temporal('workflow', 'query', '--workflow-id', workflowId, '--type', 'progress');
  expect(progress).toMatch(/"id":\s*"cashback"[^}]*"status":\s*"done"/);
  expect(await temporal('workflow', 'describe', '--workflow-id', workflowId)).toContain('COMPLETED');
});

it('shows the same to the kait commands of another machine', async () => {
  expect((await runKait(folder.path, ['runs'], environment)).output).toMatch(
    new RegExp(`completed .*${workflowId.replaceAll('.', '\\.')}`),
  );
  expect((await runKait(folder.path, ['deliveries'], environment)).output).toMatch(/delivered .*order\.created/);
  const wrong = await runKait(folder.path, ['runs'], {
    ...environment,
    KAIT_ADMIN_TOKEN: 'another token of some length',
  });
  expect(wrong).toMatchObject({ code: 1, output: expect.stringContaining('KAIT_ADMIN_REFUSED') });
});

it('tells another endpoint and the operator, once, that an endpoint is gone', async () => {
  const [gone, told] = [await startHttpReceiver(), await startHttpReceiver()];
  onTestFinished(() => gone.close());
  onTestFinished(() => told.close());
  gone.answer((response) => response.writeHead(410).end());
  const add = (...args: string[]) => runKait(folder.path, ['endpoints', 'add', ...args], environment);
  const added = await add(`${gone.origin}/hooks`, '--events', 'order.*', 'kait.*', '--description', 'The old shop');
  const id = /ep_\w+/.exec(added.output)![0];
  const { output } = await add(told.origin, '--events', 'kait.endpoint.*');
  const key = /whsec_\S+/.exec(output)![0];
  await runKait(folder.path, ['endpoints', 'test', id], environment);

  const [request] = await until(() => Promise.resolve(told.received));
  expect(new Webhook(key).verify(request!.body, request!.headers as Record<string, string>)).toMatchObject({
    type: 'kait.endpoint.disabled',
    data: {
      endpoint: { id, url: `${gone.origin}/hooks`, description: 'The old shop', tenant: null, state: 'disabled' },
      ...{ reason: '410 Gone', lastStatuses: [410], deliveries: { pending: 0, parked: 0 } },
      resume: `kait endpoints resume ${id}`,
    },
  });
  const toOperator = () => smtp.arrived.filter(({ recipient }) => recipient === 'ops@shop.example');
  await until(() => Promise.resolve(toOperator()));
  const noted = async () =>
    (await database.orm.select().from(endpointNotices)).filter(({ mailedAt }) => mailedAt !== null);
  await until(noted);
  expect([told.received.length, gone.received.length, toOperator().length]).toEqual([1, 1, 1]);
});

it('has no secret in its log', () => {
  const output = server.output();
  expect([secret, 'a token of the tests', 'whsec_'].filter((hidden) => output.includes(hidden))).toEqual([]);
});
