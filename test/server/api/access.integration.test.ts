import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from '../../../storage/database.ts';
import { createTestApi, statusOfTests } from './api-fixture.ts';
import { codeIn, requestText, say, statusesIn } from '../receiver/raw-connection.ts';

let api: FastifyInstance;
let port: number;
beforeAll(async () => {
  // No request in these tests may reach the database.
  api = createTestApi({ database: {} as Database, about: () => Promise.resolve(statusOfTests) });
  port = Number(new URL(await api.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(() => api.close());

const token = { authorization: 'Bearer token-of-the-tests' };

async function ask(line: string, headers: Record<string, string>): Promise<[number[], string | undefined, string]> {
  const answer = await say(port, requestText(line, { host: '127.0.0.1', connection: 'close', ...headers }));
  return [statusesIn(answer), codeIn(answer), answer];
}

it.each(['127.0.0.1', 'localhost:9999', '[::1]:8701', '192.168.0.9', 'kait.internal:8701'])(
  'answers under the name %s',
  async (host) => {
    expect((await ask('GET /api/v1/status', { ...token, host })).slice(0, 2)).toEqual([[200], undefined]);
  },
);

const lines = [
  ...[
    'GET /api/v1/status',
    'GET /metrics',
    'POST /api/v1/events/a/b/replay',
    'DELETE /api/v1/endpoints/1',
    'OPTIONS /api/v1/status',
  ],
  ...['GET /', 'GET /nowhere', 'HEAD /api/v1/status', 'GET /%zz', 'GET /api/v1/events?limit=no', 'PUT /api/v1/status'],
];

it.each(lines)('answers nobody under another name, not even with the token: %s', async (line) => {
  const [statuses, , answer] = await ask(line, { ...token, host: 'attacker.example:8701' });
  expect(statuses).toEqual([421]);
  expect(answer).not.toMatch(/access-control/i);
});

it.each(lines)('answers no page of another site, not even with the token: %s', async (line) => {
  expect((await ask(line, { ...token, origin: 'https://attacker.example' }))[0]).toEqual([403]);
  expect((await ask(line, { ...token, 'sec-fetch-site': 'cross-site' }))[0]).toEqual([403]);
});

it.each(lines)('answers nobody without the token: %s', async (line) => {
  expect((await ask(line, {}))[0]).toEqual([401]);
});

it('names what to do about a refused name', async () => {
  const [, code, answer] = await ask('GET /api/v1/status', { ...token, host: 'kait.example' });
  expect(code).toBe('wrong-host');
  expect(answer).toContain('Ask by address or as localhost, or name this host in KAIT_ADMIN_HOSTS.');
});
