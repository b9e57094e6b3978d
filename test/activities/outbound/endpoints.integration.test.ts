import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseNetworks } from '../../../http/networks.ts';
import { createEndpointStore, type EndpointStore, type NewEndpoint } from '../../../activities/outbound/endpoints.ts';
import { openSecrets, validKeys } from '../../../activities/outbound/endpoint-secrets.ts';
import type { Database } from '../../../storage/database.ts';
import { endpoints } from '../../../storage/schema.ts';
import { parseSecretKeys, type SecretKeys } from '../../../storage/secret-keys.ts';
import { eq } from 'drizzle-orm';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { fixtureTime } from '../activity-fixture.ts';
import { secretKeys } from './endpoint-row.ts';

const names = new Map([
  ['receiver.test', ['127.0.0.1', '::1']],
  ['mixed.test', ['127.0.0.1', '8.8.8.8']],
  ['public.test', ['8.8.8.8']],
]);

let database: Database;
let store: EndpointStore;
let storeWith: (keys: SecretKeys | null) => EndpointStore;
beforeAll(async () => {
  database = await openTestDatabase();
  storeWith = (keys) =>
    createEndpointStore({
      database,
      clock: () => fixtureTime,
      secretKeys: keys,
      allow: parseNetworks(['127.0.0.0/8', '::1']),
      resolve: (hostname) => {
        const addresses = names.get(hostname);
        return addresses === undefined
          ? Promise.reject(new Error('ENOTFOUND'))
          : Promise.resolve(addresses.map((address) => ({ address, family: 4 })));
      },
    });
  store = storeWith(secretKeys);
});
afterAll(() => database.close());

const oauth2At = (tokenUrl: string) => ({
  ...{ kind: 'oauth2' as const, tokenUrl, clientId: 'kait', clientSecret: 'secret_1' },
  ...{ scope: null, audience: null, method: 'client_secret_basic' as const },
});
const newKey = parseSecretKeys('08'.repeat(32))!;

/** The keys that sign a webhook to the endpoint at this time. */
async function keysAt(id: string, time: string): Promise<string[]> {
  const [row] = await database.orm.select().from(endpoints).where(eq(endpoints.id, id));
  return validKeys(openSecrets(secretKeys, id, row!), new Date(time));
}

describe('outbound endpoints', () => {
  it('are added with a secret that is shown once, listed without it, and removed', async () => {
    const added = await store.add({ url: 'https://shop.example', patterns: ['order.*', 'order.*', '*'] });
    const { secret, ...shown } = added;
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(added.id).toMatch(/^ep_[0-9a-f]{32}$/);
    expect(shown).toMatchObject({ url: 'https://shop.example/', patterns: ['order.*', '*'], state: 'enabled' });
    expect(await store.list()).toEqual([shown]);
    expect(await store.get(added.id)).toEqual(shown);
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

  it.each([
    ['id.shop.example', 'auth.tokenUrl: Expected an http or https URL'],
    ['https://user:password@id.shop.example/', 'auth.tokenUrl: Expected a URL without credentials'],
    ['https://169.254.169.254/token', 'auth.tokenUrl: 169.254.169.254 is in a private network'],
    ['http://public.test/token', 'auth.tokenUrl: Expected https for public.test'],
  ])('may not get their OAuth2 tokens at %s, neither at first nor later', async (tokenUrl, reason) => {
    const auth = oauth2At(tokenUrl);
    const invalid = { code: 'KAIT_ENDPOINT_URL_INVALID', message: expect.stringContaining(reason) as string };
    await expect(store.add({ url: 'https://shop.example/', patterns: ['*'], auth })).rejects.toMatchObject(invalid);
    const { id } = await store.add({ url: 'https://shop.example/', patterns: ['*'] });
    await expect(store.edit(id, { auth }, { version: null })).rejects.toMatchObject(invalid);
    // Another tenant learns nothing of the endpoint.
    expect(await store.edit(id, { auth }, { version: null, tenant: 'other' })).toBeUndefined();
  });

  it('may get their OAuth2 tokens where they may be, and those of tenants where these may be', async () => {
    const request = { url: 'https://shop.example/', patterns: ['*'], auth: oauth2At('http://127.0.0.1:9000/token') };
    const { id } = await store.add(request);
    const [row] = await database.orm.select().from(endpoints).where(eq(endpoints.id, id));
    expect(openSecrets(secretKeys, id, row!).auth).toEqual(request.auth);
    await expect(store.add({ ...request, tenant: 'acme' })).rejects.toMatchObject({
      code: 'KAIT_ENDPOINT_URL_INVALID',
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

describe('the secrets of an endpoint', () => {
  const receiver = { url: 'https://shop.example/', patterns: ['*'] };
  const v1 = (until: string | null) => ({ key: 'v1', until });

  it('are in the database only sealed, and shown as names', async () => {
    const { id, secret } = await store.add({
      ...receiver,
      headers: { 'X-Api-Key': 'a key of the receiver' },
      auth: { kind: 'bearer', token: 'a token of the receiver' },
    });
    const [row] = await database.orm.select().from(endpoints).where(eq(endpoints.id, id));
    const bytes = Buffer.from(row!.secrets).toString('latin1');
    expect([secret!, 'a key of', 'a token of'].filter((text) => bytes.includes(text))).toEqual([]);
    expect((await store.get(id))?.credentials).toEqual({
      ...{ headers: ['x-api-key'], auth: 'bearer', clientCertificate: false, signing: [v1(null)], publicKey: null },
    });
  });

  it('are rotated with an overlap in which both keys sign', async () => {
    const { id, secret } = await store.add(receiver);
    const rotated = await store.rotate(id, { overlapMs: 60_000, version: null });
    expect(rotated).toMatchObject({
      version: 2,
      secret: expect.stringMatching(/^whsec_/),
      credentials: { signing: [v1(null), v1('2026-11-25T08:01:00.000Z')] },
    });
    expect((rotated as NewEndpoint).secret).not.toBe(secret);
    expect(await keysAt(id, '2026-11-25T08:00:59Z')).toEqual([(rotated as NewEndpoint).secret, secret]);
    expect(await keysAt(id, '2026-11-25T08:01:00Z')).toEqual([(rotated as NewEndpoint).secret]);
  });

  it('include an Ed25519 key as soon as the signature is v1a, whose public half is shown', async () => {
    const { id } = await store.add(receiver);
    const edited = await store.edit(id, { policy: { signature: { standard: ['v1', 'v1a'] } } }, { version: 1 });
    expect(edited).toMatchObject({
      secret: null,
      credentials: { signing: [{ key: 'v1a' }, { key: 'v1' }], publicKey: expect.stringMatching(/^whpk_.{43}=$/) },
    });
  });

  it('may be one that the receiver has already', async () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
    const { id, ...added } = await store.add({ ...receiver, secret });
    expect(added.secret).toBeNull();
    expect(await keysAt(id, '2026-11-25T08:00:00Z')).toEqual([secret]);
  });

  it.each(['whsec_', 'whsec_c2hvcnQ=', 'secret', `whsec_${'A'.repeat(92)}`])('are not %s', async (secret) => {
    await expect(store.add({ ...receiver, secret })).rejects.toThrow(
      expect.objectContaining({ code: 'KAIT_ENDPOINT_SECRET_INVALID' }),
    );
  });

  it('are sealed anew with the key in front, and stay the same', async () => {
    const { id, secret } = await store.add(receiver);
    const both = { current: newKey.current, all: new Map([...newKey.all, ...secretKeys.all]) };
    expect(await storeWith(both).resealAll()).toMatchObject({ resealed: expect.any(Number), key: newKey.current.id });
    expect(await storeWith(both).resealAll()).toEqual({ resealed: 0, key: newKey.current.id });
    expect((await storeWith(newKey).get(id))?.credentials?.signing).toEqual([v1(null)]);
    expect((await store.get(id))?.credentials).toBeNull();
    await storeWith({ current: secretKeys.current, all: both.all }).resealAll();
    expect(await keysAt(id, '2026-11-25T08:00:00Z')).toEqual([secret]);
  });

  it('need a key', async () => {
    await expect(storeWith(null).add(receiver)).rejects.toThrow(
      expect.objectContaining({ code: 'KAIT_SECRETS_KEY_MISSING' }),
    );
  });
});

describe('a change of an endpoint', () => {
  const receiver = { url: 'https://shop.example/', patterns: ['*'] };

  it('changes what it names, and takes back what is null', async () => {
    const { id } = await store.add({
      ...receiver,
      policy: { timeLimit: '5s', rate: 2 },
      headers: { 'x-one': '1', 'x-two': '2' },
    });
    const changes = { policy: { rate: null, concurrency: 3 }, headers: { 'X-One': null, 'x-three': '3' } };
    expect(await store.edit(id, { ...changes, description: 'the shop' }, { version: 1 })).toMatchObject({
      ...{ version: 2, url: 'https://shop.example/', description: 'the shop' },
      policy: { timeLimit: '5s', concurrency: 3 },
      credentials: { headers: ['x-two', 'x-three'] },
    });
    expect((await store.get(id))?.policy).toEqual({ timeLimit: '5s', concurrency: 3 });
  });

  it('is refused after another one', async () => {
    const { id } = await store.add(receiver);
    await store.edit(id, { description: 'first' }, { version: 1 });
    expect(await store.edit(id, { description: 'second' }, { version: 1 })).toBe('conflict');
    expect((await store.get(id))?.description).toBe('first');
  });

  it('leads into no private network either', async () => {
    const { id } = await store.add(receiver);
    await expect(store.edit(id, { url: 'https://10.0.0.1/' }, { version: null })).rejects.toThrow(
      expect.objectContaining({ code: 'KAIT_ENDPOINT_URL_INVALID' }),
    );
  });

  it('touches no endpoint of another tenant', async () => {
    const { id } = await store.add({ ...receiver, tenant: 'acme' });
    expect(await store.get(id, 'other')).toBeUndefined();
    expect(await store.edit(id, { description: 'x' }, { version: null, tenant: 'other' })).toBeUndefined();
    expect(await store.rotate(id, { overlapMs: 0, version: null, tenant: 'other' })).toBeUndefined();
    expect(await store.setState(id, 'paused', { tenant: 'other' })).toBeUndefined();
    expect(await store.remove(id, { tenant: 'other' })).toBe(false);
    expect((await store.list({ tenant: 'other' })).map((endpoint) => endpoint.id)).not.toContain(id);
    expect((await store.list({ tenant: 'acme' })).map((endpoint) => endpoint.id)).toEqual([id]);
  });

  it('pauses it, and enables it with a clean record', async () => {
    const { id } = await store.add(receiver);
    await database.orm.update(endpoints).set({ failures: 5, failingSince: fixtureTime, openUntil: fixtureTime });
    expect(await store.setState(id, 'paused')).toMatchObject({ state: 'paused', failingSince: fixtureTime });
    expect(await store.setState(id, 'enabled')).toMatchObject({
      state: 'enabled',
      failingSince: null,
      openUntil: null,
    });
  });
});
