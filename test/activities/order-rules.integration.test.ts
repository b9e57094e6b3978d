import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Activities } from '../../activities/create-activities.ts';
import type { Database } from '../../storage/database.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { cashbackEntries, orders } from '../../storage/schema.ts';
import { activityFixture, contextOf } from './activity-fixture.ts';

let database: Database;
let activities: Activities;
beforeAll(async () => {
  database = await openTestDatabase();
  activities = activityFixture(database).activities;
});
afterAll(() => database.close());

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

  it('stays the same if its key is used again with other values', async () => {
    const { id } = await createOrder('changed');
    const other = { reference: 'INV-10', amount: 1, currency: 'USD' };
    expect(await activities['orders.create'](other, contextOf('changed'))).toEqual({
      id,
      reference: 'INV-9',
      created: true,
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
    const later = activityFixture(database, { clock: () => new Date('2026-11-26T08:00:00.000Z') }).activities;
    await activities['orders.cancel']({ orderId: id, reason: 'first' }, contextOf('a'));
    await later['orders.cancel']({ orderId: id, reason: 'second' }, contextOf('b'));
    const [row] = await database.orm.select().from(orders).where(eq(orders.id, id));
    expect(row).toMatchObject({ cancelReason: 'first', canceledAt: new Date('2026-11-25T08:00:00.000Z') });
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
