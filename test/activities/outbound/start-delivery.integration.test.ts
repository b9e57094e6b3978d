import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { eq } from 'drizzle-orm';
import { NativeConnection, Worker } from '@temporalio/worker';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createDeliveryActivities } from '../../../activities/create-activities.ts';
import { parseNetworks } from '../../../http/networks.ts';
import { createDeliveryRecovery } from '../../../activities/outbound/delivery-recovery.ts';
import { createDeliveryStarter, type StartDelivery } from '../../../activities/outbound/delivery-starter.ts';
import { createGuardedAgent } from '../../../http/guarded-agent.ts';
import { resolveBySystem } from '../../../http/resolve.ts';
import { sendAgain } from '../../../storage/outbound/send-again.ts';
import { createStartDelivery } from '../../../activities/outbound/start-delivery.ts';
import { taskQueuesOf } from '../../../storage/installation.ts';
import type { Database } from '../../../storage/database.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { deliveries, endpoints } from '../../../storage/schema.ts';
import { activityFixture, contextOf } from '../activity-fixture.ts';
import { type HttpReceiver, startHttpReceiver } from '../http-receiver.ts';
import { endpointRow, secretKeys } from './endpoint-row.ts';
import { installRuntime } from '../../../worker/install-runtime.ts';

const log = pino({ level: 'silent' });
const installation = `deliveries-${randomUUID().slice(0, 8)}`;
const taskQueue = taskQueuesOf(installation).deliveries;
const schedule = [0, 100, 100];
const clock = () => new Date();
const dispatcher = createGuardedAgent({ allow: parseNetworks(['127.0.0.1']), resolve: resolveBySystem });

let database: Database;
let receiver: HttpReceiver;
let connection: NativeConnection;
let client: Client;
let worker: Worker;
let ended: Promise<void>;
beforeAll(async () => {
  database = await openTestDatabase();
  receiver = await startHttpReceiver();
  const { address, namespace } = inject('temporal');
  installRuntime(pino({ level: 'silent' }));
  connection = await NativeConnection.connect({ address });
  client = new Client({ connection, namespace });
  worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    activities: createDeliveryActivities({
      database,
      clock,
      log,
      dispatcher,
      random: () => 0.5,
      schedule,
      sleep: () => Promise.resolve(),
      release: () => undefined,
      secretKeys,
      userAgent: 'Kait/test',
    }),
  });
  ended = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await ended;
  await connection.close();
  await receiver.close();
  await dispatcher.destroy();
  await database.close();
});

/** Finds what is to be started, as a worker does a minute from now. */
async function recover(startDelivery: StartDelivery): Promise<void> {
  const starter = createDeliveryStarter({ database, clock, log, startDelivery, concurrency: 2, capacity: 10 });
  const later = () => new Date(Date.now() + 60_000);
  const recovery = { database, clock: later, log, deliveryStarter: starter, intervalMs: 1, batchSize: 10 };
  await createDeliveryRecovery(recovery).recoverOnce();
  await expect
    .poll(() => database.orm.$count(deliveries, eq(deliveries.state, 'pending')), { timeout: 30_000 })
    .toBe(0);
  await starter.stop();
}

async function rowOf(id: string) {
  const [row] = await database.orm.select().from(deliveries).where(eq(deliveries.id, id));
  return row;
}

describe('a delivery in Temporal', () => {
  it('is retried with the pauses of its schedule until the receiver accepts it, and is started only once', async () => {
    receiver.answer((response) => response.writeHead(receiver.received.length < 3 ? 500 : 204).end());
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    await database.orm
      .insert(endpoints)
      .values(endpointRow({ id: 'ep_1', url: receiver.origin, patterns: ['*'], secret }));
    const startDelivery = createStartDelivery({ client: client.activity, installation });
    const starter = createDeliveryStarter({ database, clock, log, startDelivery, concurrency: 2, capacity: 10 });
    const { activities, started } = activityFixture(database);
    await activities['outbound.emit']({ type: 'order.created', data: {} }, contextOf(randomUUID()));
    starter.start(started);

    const id = started[0]!.id;
    await expect
      .poll(async () => (await database.orm.select().from(deliveries))[0], { timeout: 30_000 })
      .toMatchObject({ id, state: 'delivered', attempts: 3, lastStatus: 204 });
    await starter.stop();
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);

    const handle = client.activity.getHandle(`${installation}/delivery/${id}`);
    expect(await handle.result()).toEqual({ state: 'delivered' });
    expect(await handle.describe()).toMatchObject({ activityType: 'outbound.deliver', attempt: 3, taskQueue });

    await startDelivery(started[0]!); // Closed by now: Temporal refuses it, and that is no error.
    expect(receiver.received).toHaveLength(3);
  });

  it('is sent once more under the same webhook-id when somebody has a delivered one sent again', async () => {
    receiver.answer((response) => response.writeHead(204).end());
    const { activities, started } = activityFixture(database);
    await activities['outbound.emit']({ type: 'order.created', data: {} }, contextOf(randomUUID()));
    const { id } = started[0]!;
    const before = receiver.received.length;
    const startDelivery = createStartDelivery({ client: client.activity, installation });
    await startDelivery(started[0]!);
    const handle = client.activity.getHandle(`${installation}/delivery/${id}`);
    expect(await handle.result()).toEqual({ state: 'delivered' });

    const how = { again: true, tenant: null, at: clock() };
    expect(await database.orm.transaction((queries) => sendAgain(queries, id, how))).toMatchObject({ why: null });
    await recover(startDelivery);
    await expect
      .poll(() => rowOf(id), { timeout: 30_000 })
      .toMatchObject({ state: 'delivered', attempts: 2, replays: 1 });
    const sent = receiver.received.slice(before);
    expect(sent).toHaveLength(2);
    expect(new Set(sent.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  it('ends in Temporal when its schedule does, and is sent again only if somebody says so', async () => {
    receiver.answer((response) => response.writeHead(500).end());
    const { activities, started } = activityFixture(database);
    await activities['outbound.emit']({ type: 'order.created', data: {} }, contextOf(randomUUID()));
    const delivery = started[0]!;
    await createStartDelivery({ client: client.activity, installation })(delivery);
    const failure = await client.activity
      .getHandle(`${installation}/delivery/${delivery.id}`)
      .result()
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ cause: { type: 'DeliveryExhausted', nonRetryable: true } });
    const row = (await database.orm.select().from(deliveries)).find(({ id }) => id === delivery.id);
    expect(row).toMatchObject({ state: 'exhausted', attempts: 3 });

    // Started by hand, it sends nothing, and does not look as if it had.
    const startDelivery = createStartDelivery({ client: client.activity, installation });
    await startDelivery(delivery);
    const again = client.activity.getHandle(`${installation}/delivery/${delivery.id}`).result();
    await expect(again).rejects.toMatchObject({ cause: { type: 'DeliveryExhausted' } });
    expect(await rowOf(delivery.id)).toMatchObject({ state: 'exhausted', attempts: 3 });

    receiver.answer((response) => response.writeHead(204).end());
    await database.orm.transaction((queries) =>
      sendAgain(queries, delivery.id, { again: false, tenant: null, at: clock() }),
    );
    await recover(startDelivery);
    await expect.poll(() => rowOf(delivery.id), { timeout: 30_000 }).toMatchObject({ state: 'delivered', attempts: 4 });
  });

  it('goes on where it was, once the recovery finds that an operator has ended it', async () => {
    receiver.answer((response) => response.writeHead(503, { 'retry-after': '3600' }).end());
    const { activities, started } = activityFixture(database);
    await activities['outbound.emit']({ type: 'order.created', data: {} }, contextOf(randomUUID()));
    const delivery = started[0]!;
    const before = receiver.received.length;
    const startDelivery = createStartDelivery({ client: client.activity, installation });
    await startDelivery(delivery);
    await expect
      .poll(() => rowOf(delivery.id), { timeout: 30_000 })
      .toMatchObject({ attempts: 1, attemptingSince: null });
    await client.activity.getHandle(`${installation}/delivery/${delivery.id}`).terminate('by the test');

    receiver.answer((response) => response.writeHead(204).end());
    await database.orm
      .update(deliveries)
      .set({ dueAt: new Date(0) })
      .where(eq(deliveries.id, delivery.id));
    const starter = createDeliveryStarter({ database, clock, log, startDelivery, concurrency: 2, capacity: 10 });
    const recovery = { database, clock, log, deliveryStarter: starter, intervalMs: 1, batchSize: 10 };
    await createDeliveryRecovery({ ...recovery, clock: () => new Date(Date.now() + 60_000) }).recoverOnce();
    await expect
      .poll(() => rowOf(delivery.id), { timeout: 30_000 })
      .toMatchObject({ state: 'delivered', attempts: 2, inDoubt: 0 });
    await starter.stop();
    expect(receiver.received.length - before).toBe(2);
  });
});
