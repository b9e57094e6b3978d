import { afterAll, beforeAll, expect, it } from 'vitest';
import { addApiKey } from '../../../server/api/keys/api-keys.ts';
import { recordReveal } from '../../../server/record-reveal.ts';
import type { Database } from '../../../storage/database.ts';
import { audit } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { openApi, problem } from './api-fixture.ts';

let database: Database;
let ask: ReturnType<typeof openApi>;
beforeAll(async () => {
  database = await openTestDatabase();
  ask = openApi({ database });
  await database.orm.insert(audit).values([
    { at: new Date('2026-11-01T00:00:00Z'), actor: 'ana', action: 'retry', target: 'kait/a/b/c', reason: 'one' },
    {
      at: new Date('2026-11-02T00:00:00Z'),
      actor: 'ben',
      action: 'skip',
      target: 'kait/a/b/c',
      reason: 'two',
      step: 's',
    },
    { at: new Date('2026-11-03T00:00:00Z'), actor: 'ana', action: 'log-in', target: 'session 1', reason: 'three' },
  ]);
});
afterAll(() => database.close());

async function reasons(query: string, headers = {}) {
  const { body } = await ask({ url: `/api/v1/audit${query}`, headers });
  return (body as { items: { reason: string }[] }).items.map(({ reason }) => reason);
}

it.each([
  ['', ['three', 'two', 'one']],
  ['?actor=ana', ['three', 'one']],
  ['?action=skip', ['two']],
  ['?target=kait/a/b/c', ['two', 'one']],
  ['?since=2026-11-02T00:00:00Z', ['three', 'two']],
  ['?until=2026-11-02T00:00:00Z', ['one']],
  ['?actor=nobody%27--', []],
])('lists what was done, newest first: %s', async (query, expected) => {
  expect(await reasons(query)).toEqual(expected);
});

it('goes on page by page', async () => {
  const first = await ask({ url: '/api/v1/audit?limit=2' });
  const { next } = first.body as { next: string };
  expect(await reasons(`?limit=2&cursor=${next}`)).toEqual(['one']);
  expect(await ask({ url: `/api/v1/audit?actor=ana&cursor=${next}` })).toMatchObject({ status: 400 });
});

it('takes no other action', async () => {
  const answer = await ask({ url: '/api/v1/audit?action=drop' });
  expect(answer).toMatchObject({ status: 400, body: problem(400, 'invalid-request') });
});

it('shows who logged in to administrators only', async () => {
  const key = await addApiKey(database, { name: 'look', scope: 'read', expiresAt: null, actor: 'test' });
  const headers = { authorization: `Bearer ${key!.secret}` };
  const seen = await reasons('', headers);
  expect(seen).toContain('two');
  expect(seen).not.toContain('three');
  expect(await reasons('?action=log-in', headers)).toEqual([]);
});

it('records once a day that somebody has read a body', async () => {
  const read = { actor: 'ana', source: 'stripe', event: 'evt_1', what: 'the body as it was sent' };
  await recordReveal(database, read);
  await recordReveal(database, read);
  await recordReveal(database, { ...read, actor: 'ben' });
  expect(await reasons('?target=stripe/evt_1')).toEqual(['the body as it was sent', 'the body as it was sent']);
});
