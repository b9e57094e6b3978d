import { afterAll, beforeAll, expect, it } from 'vitest';
import { answerOnce } from '../../../server/api/idempotency.ts';
import { addApiKey } from '../../../server/api/keys/api-keys.ts';
import type { Database } from '../../../storage/database.ts';
import { applyRetention } from '../../../storage/retention.ts';
import { apiKeys, idempotencyKeys } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { createTestApi, problem } from './api-fixture.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());

/** Two servers with one database. */
function openServers(changes: object = {}) {
  const servers = [createTestApi({ database, ...changes }), createTestApi({ database, ...changes })];
  return async (
    { key, name = 'a', url = '/api/v1/keys', token = 'token-of-the-tests' }: Record<string, string | undefined>,
    server = 0,
  ) => {
    const response = await servers[server]!.inject({
      method: 'POST',
      url: url,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        ...(key !== undefined && { 'idempotency-key': key }),
      },
      body: JSON.stringify({ name, scope: 'read' }),
    });
    const replayed = response.headers['idempotency-replayed'];
    return { status: response.statusCode, replayed, body: response.json<Record<string, unknown>>() };
  };
}

const named = async (name: string) =>
  (await database.orm.select().from(apiKeys)).filter((each) => each.name === name).length;

it('works on a request once, and answers its repetition with the same, on every server', async () => {
  const post = openServers();
  const first = await post({ key: 'k1', name: 'once' });
  expect([first.status, first.replayed]).toEqual([201, undefined]);
  expect(await post({ key: 'k1', name: 'once' })).toEqual({ ...first, replayed: 'true' });
  expect(await post({ key: 'k1', name: 'once' }, 1)).toEqual({ ...first, replayed: 'true' });
  expect(await named('once')).toBe(1);
});

it('repeats a refusal, too', async () => {
  const post = openServers();
  await post({ name: 'taken' });
  const refused = { status: 409, replayed: undefined, body: problem(409, 'name-taken') };
  expect(await post({ key: 'k2', name: 'taken' })).toEqual(refused);
  expect(await post({ key: 'k2', name: 'taken' })).toEqual({ ...refused, replayed: 'true' });
});

it('keeps no secret that the database could show', async () => {
  const { body } = await openServers()({ key: 'k3', name: 'hidden' });
  const rows = await database.orm.select().from(idempotencyKeys);
  const stored = rows.map(({ id, answer }) => id + Buffer.from(answer ?? []).toString('latin1')).join('');
  expect(stored).not.toContain(String(body.secret));
  expect(stored).not.toContain('hidden');
  expect(stored).not.toContain('k3');
});

it('refuses the key for another request, and takes it from another API key', async () => {
  const post = openServers();
  await post({ key: 'k4', name: 'one' });
  expect(await post({ key: 'k4', name: 'other' })).toMatchObject({ status: 422, body: problem(422, 'key-reused') });
  const added = await addApiKey(database, { name: 'second', scope: 'admin', expiresAt: null, actor: 'test' });
  expect(await post({ key: 'k4', name: 'other', token: added!.secret })).toMatchObject({
    status: 201,
    replayed: undefined,
  });
});

it.each(['', 'a b', 'é', 'a'.repeat(201)])('takes no key such as %j', async (key) => {
  expect(await openServers()({ key, name: 'never' })).toMatchObject({ status: 400 });
  expect(await named('never')).toBe(0);
});

const request = (key: string) => ({ key, callerSecret: 'Bearer t', method: 'post', url: '/', body: {} });
const done = { status: 200, contentType: null, body: 'done', headers: {} };
const log = { warn: () => undefined };

it('answers 409 while the first request is being worked on', async () => {
  let finish: () => void = () => undefined;
  const working = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let begun: () => void = () => undefined;
  const started = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const first = answerOnce({ database, log }, request('k5'), async () => {
    begun();
    await working;
    return done;
  });
  await started;
  const second = answerOnce({ database, log }, request('k5'), () => Promise.resolve(done));
  await expect(second).rejects.toMatchObject({ status: 409, code: 'in-progress', headers: { 'retry-after': '1' } });
  finish();
  expect(await first).toEqual(done);
  expect(await answerOnce({ database, log }, request('k5'), () => Promise.reject(new Error('twice')))).toMatchObject(
    done,
  );
});

it('gives the key to the next one if the process died, but only for the same request', async () => {
  await answerOnce({ database, log }, request('k6'), async () => {
    await database.orm.update(idempotencyKeys).set({ leaseUntil: new Date(0) }); // As if it was long ago.
    const other = answerOnce({ database, log }, { ...request('k6'), url: '/other' }, () => Promise.resolve(done));
    await expect(other).rejects.toMatchObject({ status: 422 });
    expect(await answerOnce({ database, log }, request('k6'), () => Promise.resolve(done))).toEqual(done);
    return { ...done, body: 'too late' };
  });
  expect(await answerOnce({ database, log }, request('k6'), () => Promise.reject(new Error('x')))).toMatchObject(done);
});

it.each([
  ['a failure of its own', () => Promise.reject(new Error('bug'))],
  ['an answer that says so', () => Promise.resolve({ ...done, status: 503 })],
  ['an answer that is too large', () => Promise.resolve({ ...done, body: 'x'.repeat(600_000) })],
])('keeps no answer of %s', async (what, work) => {
  await answerOnce({ database, log }, request(what), work).catch(() => undefined);
  expect(await answerOnce({ database, log }, request(what), () => Promise.resolve(done))).toEqual(done);
});

it('works on it once if ten come at once', async () => {
  const post = openServers();
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_each, index) => post({ key: 'k7', name: 'race' }, index % 2)),
  );
  expect(answers.filter(({ status }) => status !== 201 && status !== 409)).toEqual([]);
  expect(answers.filter(({ status, replayed }) => status === 201 && replayed === undefined)).toHaveLength(1);
  expect(await named('race')).toBe(1);
});

it('forgets keys after a day', async () => {
  await answerOnce({ database, log }, request('k8'), () => Promise.resolve(done));
  const now = new Date(Date.now() + 25 * 3_600_000);
  await applyRetention(database, [], { now, pause: () => Promise.resolve() });
  expect(await database.orm.select().from(idempotencyKeys)).toEqual([]);
});
