import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { inArray } from 'drizzle-orm';
import { createDeliveryActivities } from '../../activities/create-activities.ts';
import { createDeliveryStarter } from '../../activities/outbound/delivery-starter.ts';
import { createParkedRelease } from '../../activities/outbound/release-parked.ts';
import { createStartDelivery } from '../../activities/outbound/start-delivery.ts';
import { storeMessageOnce } from '../../activities/outbound/store-message.ts';
import { sealSecrets, newHmacKey } from '../../activities/outbound/endpoint-secrets.ts';
import { processLog } from '../../cli/log.ts';
import { createGuardedAgent } from '../../http/guarded-agent.ts';
import { parseNetworks } from '../../http/networks.ts';
import { resolveBySystem } from '../../http/resolve.ts';
import { openInstallation, taskQueuesOf } from '../../storage/installation.ts';
import { openPostgres } from '../../storage/open-postgres.ts';
import { deliveries, endpoints, messages } from '../../storage/schema.ts';
import { newSecretKey, parseSecretKeys } from '../../storage/secret-keys.ts';
import { installRuntime } from '../../worker/install-runtime.ts';
import { runChildProgram } from '../child-program.ts';

export interface DeliveryWorkerSettings {
  temporalAddress: string;
  databaseUrl: string;
}

/**
 * Replaces all endpoints, and emits `messages` messages to one endpoint each, in turn, so many per second; before that, `burst` messages at once to
 * an endpoint of its own. Or null: what the database has done since the last such question.
 */
export type DeliveriesQuestion = {
  urls: string[];
  messages: number;
  perSecond: number;
  burst: { url: string; messages: number };
} | null;

/** Of the whole database, once all deliveries are on record that nothing keeps from ending. */
export interface DeliveriesAnswer {
  statements: number;
  transactions: number;
}

/** No more than the database has connections for. */
const emitsAtOnce = 8;
/** How long the record of an arrival may take. */
const recordMs = 10_000;
const lookMs = 250;

/** A worker that only delivers, with Kait's own activities and options. */
await runChildProgram(async (settings: DeliveryWorkerSettings) => {
  const log = processLog('error');
  installRuntime(log);
  const database = await openPostgres(settings.databaseUrl, { connections: 10, onError: (error) => log.error(error) });
  const connection = await NativeConnection.connect({ address: settings.temporalAddress });
  const client = new Client({ connection });
  await database.run('bench-statements', 'create extension if not exists pg_stat_statements', []);
  const { id: installation } = await openInstallation(database, 'bench-deliveries');
  const secretKeys = parseSecretKeys(newSecretKey());
  if (secretKeys === null) throw new Error('A new key is no key');
  const clock = () => new Date();
  const startDelivery = createStartDelivery({ client: client.activity, installation });
  const deliveryStarter = createDeliveryStarter({
    ...{ database, clock, log, startDelivery },
    ...{ concurrency: 50, capacity: 5_000 },
  });
  const parked = createParkedRelease({
    database,
    clock,
    log,
    deliveryStarter,
    intervalMs: 2_000,
    keptMs: 2_592_000_000,
  });
  const dispatcher = createGuardedAgent({ allow: parseNetworks(['127.0.0.0/8']), resolve: resolveBySystem });
  const worker = await Worker.create({
    connection,
    taskQueue: taskQueuesOf(installation).deliveries,
    maxConcurrentActivityTaskExecutions: 400,
    activities: createDeliveryActivities({
      ...{ database, clock, dispatcher, secretKeys, userAgent: 'Kait/bench' },
      log: { info: () => undefined },
      ...{ random: () => Math.random(), schedule: [0, 5_000, 300_000] },
      ...{ sleep: async (ms: number) => sleep(ms), release: parked.release },
    }),
  });
  const running = worker.run();
  parked.start();
  const counts = async (): Promise<DeliveriesAnswer> => {
    const sql = `
      select (select sum(calls)::float8 from pg_stat_statements) as statements,
        (select xact_commit::float8 from pg_stat_database where datname = current_database()) as transactions`;
    const [row] = await database.run<DeliveriesAnswer & Record<string, unknown>>('bench-counts', sql, []);
    return row ?? { statements: 0, transactions: 0 };
  };
  /** Until the last record is written, or nothing changes any more because endpoints hang. */
  const untilRecorded = async () => {
    for (let waitedMs = 0; waitedMs < recordMs; waitedMs += lookMs) {
      if ((await database.orm.$count(deliveries, inArray(deliveries.state, ['pending', 'started']))) === 0) return;
      await sleep(lookMs);
    }
  };
  let before: DeliveriesAnswer = { statements: 0, transactions: 0 };
  let round = 0;
  return {
    ready: null,
    async answer(question: DeliveriesQuestion): Promise<DeliveriesAnswer> {
      if (question === null) {
        await untilRecorded();
        const { statements, transactions } = await counts();
        return { statements: statements - before.statements, transactions: transactions - before.transactions };
      }
      const { urls, messages: count, perSecond, burst } = question;
      round += 1;
      await database.orm.delete(messages);
      await database.orm.delete(deliveries);
      await database.orm.delete(endpoints);
      const secrets = { headers: {}, auth: null, clientCertificate: null };
      const rowOf = (url: string, name: string) => {
        const id = `ep_${round}_${name}`;
        const signing = [{ key: newHmacKey(), until: null }];
        return { id, url, patterns: [`to.${name}`], ...sealSecrets(secretKeys, id, { ...secrets, signing }) };
      };
      const rows = urls.map((url, index) => rowOf(url, String(index)));
      await database.orm.insert(endpoints).values([...rows, rowOf(burst.url, 'burst')]);
      const emit = async (key: string, to: string) => {
        const body = JSON.stringify({ sentAt: performance.timeOrigin + performance.now() });
        const message = { idempotencyKey: `bench/${round}/${key}`, type: `to.${to}`, body, createdAt: clock() };
        await storeMessageOnce({ database, clock, deliveryStarter }, message);
      };
      await inLanes(burst.messages, (index) => emit(`burst/${index}`, 'burst'));
      before = await counts();
      const startedAt = performance.now();
      await inLanes(count, async (index) => {
        const dueMs = startedAt + (index * 1_000) / perSecond - performance.now();
        if (dueMs > 1) await sleep(dueMs);
        await emit(String(index), String(index % urls.length));
      });
      return before;
    },
    async stop() {
      await parked.stop();
      worker.shutdown();
      await running;
      await deliveryStarter.stop();
      await connection.close();
      await database.close();
    },
  };
});

/** Does something for each number below `count`, some at once. */
async function inLanes(count: number, act: (index: number) => Promise<void>): Promise<void> {
  const numbers = Array.from({ length: count }, (_, index) => index).values();
  const lane = async () => {
    for (const index of numbers) await act(index);
  };
  await Promise.all(Array.from({ length: emitsAtOnce }, lane));
}
