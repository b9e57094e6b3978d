import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseNetworks } from '../../../http/networks.ts';
import { createEndpointStore, type EndpointStore } from '../../../activities/outbound/endpoints.ts';
import type { Database } from '../../../storage/database.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { fixtureTime } from '../activity-fixture.ts';

const names = new Map([
  ['receiver.test', ['127.0.0.1', '::1']],
  ['mixed.test', ['127.0.0.1', '8.8.8.8']],
  ['public.test', ['8.8.8.8']],
]);

let database: Database;
let store: EndpointStore;
beforeAll(async () => {
  database = await openTestDatabase();
  store = createEndpointStore({
    database,
    clock: () => fixtureTime,
    allow: parseNetworks(['127.0.0.0/8', '::1']),
    resolve: (hostname) => {
      const addresses = names.get(hostname);
      return addresses === undefined
        ? Promise.reject(new Error('ENOTFOUND'))
        : Promise.resolve(addresses.map((address) => ({ address, family: 4 })));
    },
  });
});
afterAll(() => database.close());

describe('outbound endpoints', () => {
  it('are added with a secret that is shown once, listed without it, and removed', async () => {
    const added = await store.add({ url: 'https://shop.example', patterns: ['order.*', 'order.*', '*'] });
    const { secret, ...shown } = added;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(added.id).toMatch(/^ep_[0-9a-f]{32}$/);
    expect(shown).toMatchObject({ url: 'https://shop.example/', patterns: ['order.*', '*'], state: 'enabled' });
    expect(await store.list()).toEqual([shown]);
    expect(await store.remove(added.id)).toBe(true);
    expect(await store.remove(added.id)).toBe(false);
    expect(await store.list()).toEqual([]);
  });

  it('have different secrets', async () => {
    const request = { url: 'https://shop.example/', patterns: ['*'] };
    const [one, other] = [await store.add(request), await store.add(request)];
    expect(one.secret).not.toBe(other.secret);
  });

  it.each([
    'https://8.8.8.8/x',
    'http://127.0.0.1:9000/',
    'http://[::1]:9000/',
    'http://receiver.test:9000/',
    'https://unknown.test/',
  ])('may be at %s', async (url) => {
    expect((await store.add({ url, patterns: ['*'] })).url).toBe(url);
  });

  it.each([
    ['shop.example', 'http or https'],
    ['ftp://shop.example/', 'http or https'],
    ['file:///etc/passwd', 'http or https'],
    [`https://shop.example/${'x'.repeat(2048)}`, '2048'],
    ['https://user:password@shop.example/', 'without credentials'],
    ['https://10.0.0.1/', 'private network'],
    ['https://0xa.1/', 'private network'],
    ['https://[fd00::1]/', 'private network'],
    ['https://169.254.169.254/latest', 'private network'],
    ['http://8.8.8.8/', 'Expected https'],
    ['http://public.test/', 'Expected https'],
    ['http://mixed.test/', 'Expected https'],
    ['http://unknown.test/', 'Expected https'],
  ])('may not be at %s', async (url, reason) => {
    await expect(store.add({ url, patterns: ['*'] })).rejects.toMatchObject({
      code: 'KAIT_ENDPOINT_URL_INVALID',
      message: expect.stringContaining(reason) as string,
    });
  });

  it.each([[[]], [['order.*.created']], [['order*']], [['.*']], [['']], [['order created']], [['*', '**']]])(
    'may not subscribe to %j',
    async (patterns) => {
      await expect(store.add({ url: 'https://shop.example/', patterns })).rejects.toMatchObject({
        code: 'KAIT_ENDPOINT_PATTERN_INVALID',
      });
    },
  );
});
