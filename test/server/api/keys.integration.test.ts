import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthenticator } from '../../../server/api/authenticate.ts';
import { addApiKey, findApiKey, noteKeyUse, revokeApiKey, type StoredKey } from '../../../server/api/keys/api-keys.ts';
import { hashOf, idOf, newSecret } from '../../../server/api/keys/key-secret.ts';
import type { Scope } from '../../../server/api/scopes.ts';
import type { Database } from '../../../storage/database.ts';
import { apiKeys, audit } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { openApi, problem, type Asked, statusOfTests } from './api-fixture.ts';

let database: Database;
let ask: ReturnType<typeof openApi>;
beforeAll(async () => {
  database = await openTestDatabase();
  ask = openApi({ database, about: () => Promise.resolve(statusOfTests), wakeDispatcher: () => undefined });
});
afterAll(() => database.close());

const json = { 'content-type': 'application/json' };
const as = (secret: string) => ({ authorization: `Bearer ${secret}` });
const make = (body: object, headers = {}) =>
  ask({ method: 'POST', url: '/api/v1/keys', headers: { ...json, ...headers }, body: JSON.stringify(body) });

async function secretFor(name: string, scope: Scope, expiresAt: Date | null = null): Promise<string> {
  return (await addApiKey(database, { name, scope, expiresAt, actor: 'test' }))!.secret;
}

it('makes a key that works, and keeps no secret', async () => {
  const made = (await make({ name: 'ci', scope: 'read', by: 'ana@desk' })) as {
    status: number;
    body: { secret: string };
  };
  expect(made).toMatchObject({
    status: 201,
    body: { name: 'ci', scope: 'read', createdBy: 'ana@desk (admin token)', expiresAt: null, revokedAt: null },
  });
  const { secret } = made.body;
  expect(await ask({ url: '/api/v1/status', headers: as(secret) })).toMatchObject({ status: 200 });
  expect(await ask({ url: '/metrics', headers: as(secret) })).toMatchObject({ status: 200 });
  const rows = await database.orm.select().from(apiKeys);
  expect(JSON.stringify(rows)).not.toContain(secret.slice(18));
  expect(JSON.stringify((await ask({ url: '/api/v1/keys' })).body)).not.toContain(secret.slice(18));
  expect(await database.orm.select().from(audit)).toMatchObject([
    {
      actor: 'ana@desk (admin token)',
      action: 'add-key',
      target: `API key ${idOf(secret)}`,
      reason: 'API key "ci" with the scope read, until it is revoked',
    },
  ]);
});

describe('scopes', () => {
  const post = (url: string, body = '{}'): Asked => ({ method: 'POST', url, headers: json, body });
  it.each<[Scope, string, Asked, number]>([
    ['read', 'lists', { url: '/api/v1/events' }, 200],
    ['read', 'reads the document', { url: '/api/v1/openapi.json' }, 200],
    ['read', 'replays', post('/api/v1/events/a/b/replay'), 403],
    ['read', 'migrates a run', post('/api/v1/runs/r/migrate'), 403],
    ['read', 'migrates runs', post('/api/v1/migrations'), 403],
    ['read', 'retries a run', post('/api/v1/runs/r/retry'), 403],
    ['read', 'retries failed runs', post('/api/v1/retries'), 403],
    ['operate', 'migrates a run without a reason', post('/api/v1/runs/r/migrate'), 400],
    ['read', 'sees unredacted bytes', { url: '/api/v1/events/a/b?raw=true' }, 403],
    ['read', 'lists keys', { url: '/api/v1/keys' }, 403],
    ['read', 'sends what is invalid', post('/api/v1/endpoints', '{'), 403],
    ['read', 'looks for a route that does not exist', { url: '/api/v1/nothing' }, 404],
    ['read', 'asks a gateway for what did not arrive', post('/api/v1/sources/a/fetch'), 403],
    ['read', 'reads an unredacted body', { url: '/api/v1/events/a/b/body' }, 403],
    ['operate', 'reads an unredacted body', { url: '/api/v1/events/a/b/body' }, 404],
    ['operate', 'lists', { url: '/api/v1/events' }, 200],
    ['operate', 'replays', post('/api/v1/events/a/b/replay'), 200],
    ['operate', 'sees unredacted bytes', { url: '/api/v1/events/a/b?raw=true' }, 404],
    ['operate', 'makes keys', post('/api/v1/keys'), 403],
    ['operate', 'adds endpoints', post('/api/v1/endpoints'), 403],
    ['operate', 'removes endpoints', { method: 'DELETE', url: '/api/v1/endpoints/a' }, 403],
    ['operate', 'publishes', post('/api/v1/published'), 403],
    ['admin', 'replays', post('/api/v1/events/a/b/replay'), 200],
    ['admin', 'lists keys', { url: '/api/v1/keys' }, 200],
  ])('a key with %s %s', async (scope, what, asked, status) => {
    const secret = await secretFor(`${scope} ${what}`, scope);
    expect(await ask({ ...asked, headers: { ...asked.headers, ...as(secret) } })).toMatchObject({ status });
  });

  it('says what is missing', async () => {
    const headers = as(await secretFor('only look', 'read'));
    const detail = 'This needs a key with the scope admin, but "only look" has read.';
    expect(await ask({ url: '/api/v1/keys', headers })).toEqual({
      status: 403,
      body: problem(403, 'missing-scope', detail),
    });
  });
});

it('writes the name of the key into the audit, and on whose behalf it acts', async () => {
  const headers = { ...json, ...as(await secretFor('robot', 'admin')) };
  await make({ name: 'made by robot', scope: 'read', by: 'ben' }, headers);
  await make({ name: 'made by robot alone', scope: 'read' }, headers);
  const actors = (await database.orm.select().from(audit)).slice(-2).map(({ actor }) => actor);
  expect(actors).toEqual(['ben (robot)', 'robot']);
});

describe('keys that do not open', () => {
  it.each([
    [
      'revoked',
      401,
      'The key "leaver" was revoked.',
      async () => {
        const secret = await secretFor('leaver', 'admin');
        await revokeApiKey(database, { id: idOf(secret)!, actor: 'test' });
        return secret;
      },
    ],
    ['expired', 401, 'The key "old" has expired.', () => secretFor('old', 'admin', new Date(Date.now() - 1_000))],
    [
      'with a wrong secret',
      401,
      'This key is not known here.',
      async () => {
        const { id, secret } = newSecret();
        await database.orm
          .insert(apiKeys)
          .values({ id, name: 'x', scope: 'admin', hash: hashOf('other'), createdBy: 'y' });
        return secret;
      },
    ],
    ['made up', 401, 'This key is not known here.', () => Promise.resolve(newSecret().secret)],
    ['mistyped', 401, 'This key is not known here.', async () => (await secretFor('typo', 'read')).replace(/.$/, 'x')],
    ['in capitals', 401, 'This key is not known here.', async () => (await secretFor('caps', 'read')).toUpperCase()],
    ['huge', 401, 'This key is not known here.', () => Promise.resolve('kait_'.padEnd(8_000, 'a'))],
    ['of SQL', 401, 'This key is not known here.', () => Promise.resolve(`kait_'or'1'='1'--`)],
    ['two at once', 401, 'This key is not known here.', () => Promise.resolve('a b')],
  ] as [string, number, string, () => Promise<string>][])('%s', async (_what, status, detail, secret) => {
    const answer = await ask({ url: '/api/v1/status', headers: as(await secret()) });
    expect(answer).toEqual({ status, body: problem(status, 'unauthorized', detail) });
  });
});

it.each([
  [{ name: 'twice', scope: 'read' }, 409, 'name-taken'],
  [{ name: 'Admin Token', scope: 'read' }, 409, 'name-taken'],
  [{ name: 'a\nb', scope: 'read' }, 400, 'invalid-request'],
  [{ name: ' a', scope: 'read' }, 400, 'invalid-request'],
  [{ name: '', scope: 'read' }, 400, 'invalid-request'],
  [{ name: 'a'.repeat(65), scope: 'read' }, 400, 'invalid-request'],
  [{ name: 'a', scope: 'root' }, 400, 'invalid-request'],
  [{ name: 'a', scope: ['read'] }, 400, 'invalid-request'],
  [{ name: 'a' }, 400, 'invalid-request'],
  [{ name: 'a', scope: 'read', expiresAt: '2020-01-01T00:00:00Z' }, 400, 'invalid-request'],
  [{ name: 'a', scope: 'read', expiresAt: '2999-01-01T00:00:00Z' }, 400, 'invalid-request'],
  [{ name: 'a', scope: 'read', expiresAt: '90d' }, 400, 'invalid-request'],
  [{ name: 'a', scope: 'read', hash: 'mine' }, 400, 'invalid-request'],
])('makes no key of %j', async (body, status, code) => {
  await addApiKey(database, { name: 'twice', scope: 'read', expiresAt: null, actor: 'test' });
  expect(await make(body)).toMatchObject({ status, body: problem(status, code) });
});

it('revokes a key, safely repeated, and makes its name free', async () => {
  const id = idOf(await secretFor('again', 'read'))!;
  const revoke = () => ask({ method: 'DELETE', url: `/api/v1/keys/${id}` });
  expect([await revoke(), await revoke()]).toEqual([
    { status: 204, body: '' },
    { status: 204, body: '' },
  ]);
  expect(await ask({ method: 'DELETE', url: '/api/v1/keys/nothing' })).toMatchObject({ status: 404 });
  expect(await make({ name: 'again', scope: 'read' })).toMatchObject({ status: 201 });
});

describe('another server', () => {
  const open = (nowMs: { value: number }, findKey = (id: string) => findApiKey(database, id)) => {
    const used: string[] = [];
    const authenticator = createAuthenticator({
      readLink: () => null,
      findGeneration: () => Promise.resolve(1),
      token: 'token-of-the-tests',
      findKey,
      noteUse: (id) => void used.push(id),
      now: () => nowMs.value,
    });
    const check = async (secret: string, address = '192.0.2.1') => {
      const answer = await authenticator.check(`Bearer ${secret}`, address);
      return answer instanceof Error ? answer.code : answer.name;
    };
    return { check, used };
  };

  it('refuses a revoked key within seconds', async () => {
    const nowMs = { value: Date.now() };
    const { check } = open(nowMs);
    const secret = await secretFor('elsewhere', 'read');
    expect(await check(secret)).toBe('elsewhere');
    await revokeApiKey(database, { id: idOf(secret)!, actor: 'test' });
    expect(await check(secret)).toBe('elsewhere');
    nowMs.value += 3_000;
    expect(await check(secret)).toBe('unauthorized');
  });

  it('notes the use of a key every five minutes', async () => {
    const nowMs = { value: Date.now() };
    const { check, used } = open(nowMs);
    const secret = await secretFor('busy', 'read');
    const id = idOf(secret)!;
    for (const passedMs of [0, 1_000, 200_000, 100_000, 1_000]) {
      nowMs.value += passedMs;
      await check(secret);
    }
    expect(used).toEqual([id, id]);
    await noteKeyUse(database, id);
    expect(await database.orm.select().from(apiKeys)).toContainEqual(
      expect.objectContaining({ id, lastUsedAt: expect.any(Date) as Date }),
    );
  });

  it('asks the database about no garbage, and refuses an address that sends much of it, but no key that was right', async () => {
    const asked: string[] = [];
    const nowMs = { value: Date.now() };
    const { check } = open(nowMs, (id) => {
      asked.push(id);
      return findApiKey(database, id);
    });
    const secret = await secretFor('patient', 'read');
    expect(await check(secret)).toBe('patient');
    asked.length = 0;
    const answers: string[] = [];
    for (let number = 0; number < 110; number++) answers.push(await check(`kait_${number}`));
    expect(asked).toEqual([]);
    expect([answers.slice(0, 100), answers.slice(100)]).toEqual([
      Array(100).fill('unauthorized'),
      Array(10).fill('too-many-wrong-keys'),
    ]);
    expect(await check(newSecret().secret)).toBe('too-many-wrong-keys');
    expect(asked).toEqual([]);
    expect([await check(secret), await check('token-of-the-tests')]).toEqual(['patient', 'admin token']);
    expect(await check('x', '192.0.2.2')).toBe('unauthorized');
    nowMs.value += 1_000;
    expect(await check('x')).toBe('unauthorized');
  });

  it('says that it cannot tell while the database does not answer', async () => {
    const nowMs = { value: Date.now() };
    const answers: Promise<StoredKey | null>[] = [Promise.reject(new Error('gone'))];
    const secret = await secretFor('later', 'read');
    const { check } = open(nowMs, (id) => answers.pop() ?? findApiKey(database, id));
    expect([await check(secret), await check(secret)]).toEqual(['unavailable', 'later']);
  });
});
