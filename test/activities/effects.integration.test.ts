import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { afterAll, beforeAll } from 'vitest';
import * as schema from '../../storage/schema.ts';
import type { Database } from '../../storage/database.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { activityFixture, contextOf, recordingTransport } from './activity-fixture.ts';
import { describeEffect, type EffectWorld } from './effect-suite.ts';
import { storeRequest } from './store-request.ts';

let world: EffectWorld;
beforeAll(async () => {
  const nobodyListens = new pg.Pool({ host: '127.0.0.1', port: 1, user: 'kait' });
  world = {
    database: await openTestDatabase(),
    databaseThatIsDown: {
      orm: drizzle(nobodyListens, { schema }),
      run: async <Row>(_name: string, sql: string) => (await nobodyListens.query(sql)).rows as Row[],
    },
    transport: recordingTransport(),
  };
});
afterAll(() => world.database.close());

const order = { reference: 'INV-9', amount: 2_500_000, currency: 'IDR' };

async function createOrder(database: Database): Promise<string> {
  const { activities } = activityFixture(database);
  return (await activities['orders.create'](order, contextOf(randomUUID()))).id;
}

describeEffect(() => world, {
  name: 'orders.create',
  act: (activities, input: typeof order, context) => activities['orders.create'](input, context),
  prepare: () => Promise.resolve(order),
  countEffects: ({ database: { orm } }) => orm.$count(schema.orders),
  invalid: [
    [{ ...order, amount: -1 }, 'amount'],
    [{ ...order, amount: 1.5 }, 'amount'],
    [{ ...order, amount: 2 ** 53 }, 'amount'],
    [{ ...order, currency: 'idr' }, 'currency'],
    [{ ...order, reference: null }, 'reference'],
    [{ ...order, reference: '' }, 'reference'],
    [{ ...order, note: 'x' }, 'note'],
    [null, 'orders.create'],
  ],
});

describeEffect(() => world, {
  name: 'orders.cancel',
  act: (activities, input: { orderId: string }, context) => activities['orders.cancel'](input, context),
  prepare: async (database) => ({ orderId: await createOrder(database) }),
  countEffects: ({ database: { orm } }) => orm.$count(schema.orders, eq(schema.orders.status, 'canceled')),
  invalid: [
    [{}, 'orderId'],
    [{ orderId: 7 }, 'orderId'],
    [{ orderId: 'ord_1', reason: ['x'] }, 'reason'],
  ],
});

describeEffect(() => world, {
  name: 'cashback.grant',
  act: (activities, input: { orderId: string; amount: number; currency: string }, context) =>
    activities['cashback.grant'](input, context),
  prepare: async (database) => ({ orderId: await createOrder(database), amount: 125_000, currency: 'IDR' }),
  countEffects: ({ database: { orm } }) => orm.$count(schema.cashbackEntries),
  invalid: [
    [{ orderId: 'ord_1', amount: 0, currency: 'IDR' }, 'amount'],
    [{ orderId: 'ord_1', amount: '5', currency: 'IDR' }, 'amount'],
    [{ orderId: 'ord_1', amount: 5 }, 'currency'],
  ],
});

const mail = { to: 'ana@shop.example', subject: 'Hello', text: 'Thank you.' };

describeEffect(() => world, {
  name: 'mail.send',
  act: (activities, input: typeof mail, context) => activities['mail.send'](input, context),
  prepare: () => Promise.resolve(mail),
  countEffects: ({ transport }) => Promise.resolve(transport.sent.length),
  invalid: [
    [{ ...mail, to: null }, 'to'],
    [{ ...mail, to: 'ana@shop.example, eve@evil.example' }, 'to'],
    [{ ...mail, to: 'ana@shop.example\r\nBcc: eve@evil.example' }, 'to'],
    [{ ...mail, to: 'ana@shop.example\n' }, 'to'],
    [{ ...mail, to: 'Ana <ana@shop.example>' }, 'to'],
    [{ ...mail, to: '"eve@evil.example,"@shop.example' }, 'to'],
    [{ ...mail, to: `${'a'.repeat(250)}@shop.example` }, 'to'],
    [{ ...mail, subject: 'Hello\r\nBcc: eve@evil.example' }, 'subject'],
    [{ to: mail.to, text: 'x' }, 'subject'],
    [{ to: mail.to, subject: 'x' }, 'text'],
  ],
});

const emission = { type: 'order.created', data: { orderId: 'ord_1' } };

describeEffect(() => world, {
  name: 'outbound.emit',
  act: (activities, input: typeof emission, context) => activities['outbound.emit'](input, context),
  prepare: () => Promise.resolve(emission),
  countEffects: ({ database: { orm } }) => orm.$count(schema.messages),
  invalid: [
    [{ ...emission, type: 'order created' }, 'type'],
    [{ ...emission, type: 'order..created' }, 'type'],
    [{ ...emission, data: [1] }, 'data'],
    [{ ...emission, data: { text: 'x'.repeat(300_000) } }, 'at most 262144 bytes'],
  ],
});

describeEffect(() => world, {
  name: 'webhooks.forward',
  act: (activities, input: { eventId: string }, context) => activities['webhooks.forward'](input, context),
  prepare: async (database) => {
    const eventId = randomUUID();
    await storeRequest(database, { eventId });
    return { eventId };
  },
  countEffects: ({ database: { orm } }) => orm.$count(schema.messages),
  invalid: [
    [{ headers: 'stripe-signature' }, 'headers'],
    [{ headers: [''] }, 'headers.0'],
    [{ eventId: 7 }, 'eventId'],
    [{ eventId: '' }, 'eventId'],
    [{ source: null }, 'source'],
    [{ body: '{}' }, 'body'],
  ],
});
