import { eq } from 'drizzle-orm';
import { z } from 'zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineActivity } from '../../../activities/own/define-activity.ts';
import { runOwnActivity } from '../../../activities/own/run-own-activity.ts';
import type { Database } from '../../../storage/database.ts';
import { prepareProject } from '../../../storage/project/prepare-project.ts';
import { cashbackEntries, orders } from '../../../storage/schema.ts';
import { activityFixture, contextOf, type ShippedActivities } from '../activity-fixture.ts';
import { bothDatabases, type SharedDatabase } from '../../services/both-databases.ts';

describe.each(bothDatabases)('with the rights of activities, on %s,', (_name, open) => {
  let shared: SharedDatabase;
  let database: Database;
  let fixture: ReturnType<typeof activityFixture>;
  let activities: ShippedActivities;
  beforeAll(async () => {
    shared = await open();
    database = shared.databases[0];
    await database.transact(prepareProject, { limitMs: 10_000 });
    fixture = activityFixture(database);
    activities = fixture.activities;
  });
  afterAll(() => shared.close());

  const createOrder = (key: string) =>
    activities['orders.create']({ reference: 'INV-9', amount: 2_500_000, currency: 'IDR' }, contextOf(key));
  const grant = (orderId: string, key: string, currency = 'IDR') =>
    activities['cashback.grant']({ orderId, amount: 125_000, currency }, contextOf(key));

  describe('an order', () => {
    it('has an id derived from its key', async () => {
      expect(await createOrder('payment-succeeded/stripe/evt_1/order')).toEqual({
        id: 'ord_d46353864c65f670383f88b1bdb21b74',
        reference: 'INV-9',
        created: true,
      });
    });

    it('stays the same if its key is used again with other values, which is refused', async () => {
      const { id } = await createOrder('changed');
      const other = { reference: 'INV-10', amount: 1, currency: 'USD' };
      await expect(activities['orders.create'](other, contextOf('changed'))).rejects.toMatchObject({
        type: 'KeyReused',
        nonRetryable: true,
      });
      const [row] = await database.orm.select().from(orders).where(eq(orders.id, id));
      expect(row).toMatchObject({ reference: 'INV-9', amount: 2_500_000, currency: 'IDR', status: 'open' });
    });

    it('that the database cannot hold fails permanently', async () => {
      const hostile = { reference: 'INV\u0000', amount: 1, currency: 'IDR' };
      await expect(activities['orders.create'](hostile, contextOf('nul'))).rejects.toMatchObject({
        type: 'DatabaseRefused',
        nonRetryable: true,
      });
    });

    it('keeps the first reason and time of its cancellation', async () => {
      const { id } = await createOrder('canceled twice');
      const read = async () => (await database.orm.select().from(orders).where(eq(orders.id, id)))[0];
      await activities['orders.cancel']({ orderId: id, reason: 'first' }, contextOf('a'));
      const first = await read();
      expect(first).toMatchObject({ status: 'canceled', cancelReason: 'first', canceledAt: expect.any(Date) as Date });
      await activities['orders.cancel']({ orderId: id, reason: 'second' }, contextOf('b'));
      expect(await read()).toEqual(first);
    });

    it('that does not exist cannot be canceled', async () => {
      await expect(activities['orders.cancel']({ orderId: 'ord_none' }, contextOf('c'))).rejects.toMatchObject({
        type: 'OrderUnknown',
        nonRetryable: true,
        message: 'orders.cancel: no order has the id ord_none',
      });
    });
  });

  describe('cashback', () => {
    it('is entered with its order, amount and currency', async () => {
      const { id: orderId } = await createOrder('with cashback');
      const { id } = await grant(orderId, 'grant');
      const [entry] = await database.orm.select().from(cashbackEntries).where(eq(cashbackEntries.id, id));
      expect(entry).toMatchObject({ orderId, amount: 125_000, currency: 'IDR', idempotencyKey: 'grant' });
    });

    it('fails permanently on an order that does not exist, is canceled, or has another currency', async () => {
      const open = await createOrder('open');
      const canceled = await createOrder('canceled');
      await activities['orders.cancel']({ orderId: canceled.id }, contextOf('d'));
      const refused = (type: string) => ({ type, nonRetryable: true });
      await expect(grant('ord_none', 'e')).rejects.toMatchObject(refused('OrderUnknown'));
      await expect(grant(canceled.id, 'f')).rejects.toMatchObject(refused('OrderCanceled'));
      await expect(grant(open.id, 'g', 'USD')).rejects.toMatchObject(refused('CurrencyMismatch'));
    });

    it('that was granted is still returned for its key after the order is canceled', async () => {
      const { id: orderId } = await createOrder('canceled later');
      const granted = await grant(orderId, 'h');
      await activities['orders.cancel']({ orderId }, contextOf('i'));
      expect(await grant(orderId, 'h')).toEqual(granted);
    });
  });

  it('an activity of a project reads and changes the orders of the shop', async () => {
    const renameOrder = defineActivity({
      ...{ name: 'orders.rename', title: 'Rename an order', kind: 'database' },
      input: z.strictObject({ orderId: z.string(), reference: z.string() }),
      output: z.object({ before: z.string() }),
      async run({ orderId, reference }, { sql }) {
        const [order] = await sql<{ reference: string }>`select reference from shop.orders where id = ${orderId}`;
        await sql`update shop.orders set reference = ${reference} where id = ${orderId}`;
        return { before: order!.reference };
      },
    });
    const { id } = await createOrder('renamed');
    const input = { orderId: id, reference: 'INV-10' };
    expect(await runOwnActivity(fixture.ownDeps, renameOrder, input, contextOf('rename'))).toEqual({ before: 'INV-9' });
    const [row] = await database.orm.select().from(orders).where(eq(orders.id, id));
    expect(row).toMatchObject({ reference: 'INV-10' });
  });
});
