import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import pino from 'pino';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createDeliveryActivities } from '../../../activities/create-activities.ts';
import { createStartDelivery } from '../../../activities/outbound/start-delivery.ts';
import { createCleanup } from '../../../cli/compose/cleanup.ts';
import { createGuardedAgent } from '../../../http/guarded-agent.ts';
import { resolveBySystem } from '../../../http/resolve.ts';
import { parseNetworks } from '../../../http/networks.ts';
import type { Database } from '../../../storage/database.ts';
import { openPostgres } from '../../../storage/open-postgres.ts';
import { attempts, deliveries, endpoints } from '../../../storage/schema.ts';
import { pickPort } from '../../chaos/pick-port.ts';
import { startPostgres, type PostgresServer } from '../../services/postgres.ts';
import { taskQueuesOf } from '../../../storage/installation.ts';
import { activityFixture, contextOf } from '../activity-fixture.ts';
import { type HttpReceiver, startHttpReceiver } from '../http-receiver.ts';
import { endpointRow, secretKeys } from './endpoint-row.ts';
import { installRuntime } from '../../../worker/install-runtime.ts';

const installation = `outage-${randomUUID()}`;
/** A single attempt: the second one that found no database would have been one too many. */
const schedule = [0];
const cleanup = createCleanup();
let postgres: PostgresServer;
let database: Database;
let receiver: HttpReceiver;
let client: Client;

beforeAll(async () => {
  postgres = await startPostgres({ fsync: 'off', port: await pickPort() });
  cleanup.add(() => postgres.stop());
  const url = await postgres.createDatabase('outage');
  database = await openPostgres(url, { connections: 2, onError: () => undefined });
  cleanup.add(() => database.close());
  receiver = await startHttpReceiver();
  cleanup.add(() => receiver.close());
  const dispatcher = createGuardedAgent({ allow: parseNetworks(['127.0.0.1']), resolve: resolveBySystem });
  cleanup.add(() => dispatcher.destroy());
  const { address, namespace } = inject('temporal');
  installRuntime(pino({ level: 'silent' }));
  const connection = await NativeConnection.connect({ address });
  cleanup.add(() => connection.close());
  client = new Client({ connection, namespace });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue: taskQueuesOf(installation).deliveries,
    activities: createDeliveryActivities({
      database,
      clock: () => new Date(),
      log: pino({ level: 'silent' }),
      dispatcher,
      random: () => 0.5,
      schedule,
      sleep: () => Promise.resolve(),
      release: () => undefined,
      secretKeys,
      userAgent: 'Kait/test',
    }),
  });
  const ended = worker.run();
  cleanup.add(async () => {
    worker.shutdown();
    await ended;
  });
});
afterAll(() => cleanup.run());

it('delivers after an outage of the database that lasted for more attempts than the schedule has', async () => {
  await database.orm.insert(endpoints).values(
    endpointRow({
      ...{ id: 'ep_1', url: receiver.origin, patterns: ['*'] },
      secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    }),
  );
  const { activities, started } = activityFixture(database);
  await activities['outbound.emit']({ type: 'order.created', data: {} }, contextOf(randomUUID()));
  const delivery = started[0]!;

  await postgres.halt();
  await createStartDelivery({ client: client.activity, installation })(delivery);
  const handle = client.activity.getHandle(`${installation}/delivery/${delivery.id}`);
  await expect.poll(async () => (await handle.describe()).attempt, { timeout: 60_000 }).toBeGreaterThanOrEqual(2);
  expect(receiver.received).toEqual([]);

  await postgres.resume();
  expect(await handle.result()).toEqual({ state: 'delivered' });
  expect(receiver.received).toHaveLength(1);
  const [row] = await database.orm.select().from(deliveries);
  expect(row).toMatchObject({ state: 'delivered', attempts: 1, inDoubt: 0 });
  expect(await database.orm.select().from(attempts)).toMatchObject([{ number: 1, status: 204 }]);
});
