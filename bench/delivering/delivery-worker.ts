import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
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

/** Replaces all endpoints, and emits `messages` messages to one endpoint each, in turn, so many per second. */
export interface DeliveriesQuestion {
  urls: string[];
  messages: number;
  perSecond: number;
}

export interface DeliveriesAnswer {
  /** Committed transactions, all of the database's. */
  transactions: number;
}

/** No more than the database has connections for. */
const emitsAtOnce = 8;

/** A worker that only delivers, with Kait's own activities and options. */
await runChildProgram(async (settings: DeliveryWorkerSettings) => {
  const log = processLog('error');
  installRuntime(log);
  const database = await openPostgres(settings.databaseUrl, { connections: 10, onError: (error) => log.error(error) });
  const connection = await NativeConnection.connect({ address: settings.temporalAddress });
  const client = new Client({ connection });
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
  const transactions = async () => {
    const sql = 'select xact_commit::float8 as commits from pg_stat_database where datname = current_database()';
    const [row] = await database.run<{ commits: number }>('commits', sql, []);
    return row?.commits ?? 0;
  };
  let round = 0;
  return {
    ready: null,
    async answer({ urls, messages: count, perSecond }: DeliveriesQuestion): Promise<DeliveriesAnswer> {
      round += 1;
      await database.orm.delete(messages);
      await database.orm.delete(deliveries);
      await database.orm.delete(endpoints);
      const secrets = { headers: {}, auth: null, clientCertificate: null };
      const rows = urls.map((url, index) => {
        const id = `ep_${round}_${index}`;
        const signing = [{ key: newHmacKey(), until: null }];
        return { id, url, patterns: [`to.${index}`], ...sealSecrets(secretKeys, id, { ...secrets, signing }) };
      });
      await database.orm.insert(endpoints).values(rows);
      const before = await transactions();
      const startedAt = performance.now();
      const numbers = Array.from({ length: count }, (_, index) => index).values();
      const lane = async () => {
        for (const index of numbers) {
          const dueMs = startedAt + (index * 1_000) / perSecond - performance.now();
          if (dueMs > 1) await sleep(dueMs);
          const body = JSON.stringify({ sentAt: performance.timeOrigin + performance.now() });
          const key = { idempotencyKey: `bench/${round}/${index}`, type: `to.${index % urls.length}` };
          await storeMessageOnce({ database, clock, deliveryStarter }, { ...key, body, createdAt: clock() });
        }
      };
      await Promise.all(Array.from({ length: emitsAtOnce }, lane));
      return { transactions: (await transactions()) - before };
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
