import { afterAll, beforeAll, expect, it } from 'vitest';
import { countDeliveries } from '../../server/count-deliveries.ts';
import { retryDelivery } from '../../server/retry-delivery.ts';
import type { Database } from '../../storage/database.ts';
import { deliveries, messages } from '../../storage/schema.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { openApi } from './api/api-fixture.ts';

const at = new Date('2026-01-01T00:00:00Z');
const refused = { state: 'refused' as const, endedAt: at, claimedUntil: at, blames: 5, lastError: 'strange' };

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
  const message = (id: string, body: string) => ({
    id,
    idempotencyKey: id,
    type: 'order.created',
    body,
    createdAt: at,
  });
  await database.orm.insert(messages).values([message('emitted', '{}'), message('emptied', '')]);
  const delivery = (id: string, messageId: string) => {
    return { id, message: messageId, endpoint: id, url: 'https://shop.example', createdAt: at };
  };
  await database.orm
    .insert(deliveries)
    .values([
      { ...delivery('poison', 'emitted'), ...refused },
      { ...delivery('other', 'emitted'), ...refused },
      { ...delivery('pending', 'emitted') },
      { ...delivery('done', 'emitted'), state: 'delivered' },
      { ...delivery('forwarded', 'emptied'), ...refused },
    ]);
});
afterAll(() => database.close());

it('counts the deliveries that Temporal has not taken, and those that were refused', async () => {
  expect(await countDeliveries(database, 100)).toEqual({ pending: 1, refused: 3 });
  expect(await countDeliveries(database, 2)).toEqual({ pending: 1, refused: 2 });
});

it('offers a refused delivery to the recovery again, with a clean record and its last error', async () => {
  expect(await retryDelivery(database, 'poison')).toEqual({ retried: true, why: null });
  const row = (await database.orm.select().from(deliveries)).find(({ id }) => id === 'poison');
  expect(row).toMatchObject({ state: 'pending', endedAt: null, claimedUntil: null, blames: 0, lastError: 'strange' });
});

it.each([
  ['unknown', 'nothing'],
  ['not-refused', 'pending'],
  ['not-refused', 'done'],
  ['not-kept', 'forwarded'],
])('retries nothing: %s', async (why, id) => {
  const before = await database.orm.select().from(deliveries).orderBy(deliveries.id);
  expect(await retryDelivery(database, id)).toEqual({ retried: false, why });
  expect(await database.orm.select().from(deliveries).orderBy(deliveries.id)).toEqual(before);
});

it('answers for it on the admin port, where refused deliveries are also found', async () => {
  const ask = openApi({ database });
  expect(await ask({ url: '/api/v1/deliveries?state=refused' })).toMatchObject({
    status: 200,
    body: { items: [{ state: 'refused' }, { state: 'refused' }] },
  });
  const answer = await ask({
    method: 'POST',
    url: '/api/v1/deliveries/other/retry',
  });
  expect(answer).toEqual({ status: 200, body: { retried: true, why: null } });
});
