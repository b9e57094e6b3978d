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
  ...[
    'POST /',
    'GET /api/v1/nowhere',
    'HEAD /api/v1/status',
    'GET /api/%zz',
    'GET /api/v1/events?limit=no',
    'PUT /api/v1/status',
  ],
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

const own = () => `http://127.0.0.1:${port}`;

it.each<[string, () => Record<string, string>]>([
  ['of a sandboxed frame or a file', () => ({ origin: 'null' })],
  ['of another port of this machine', () => ({ origin: 'http://127.0.0.1:1' })],
  ['of its own name by https', () => ({ origin: `https://127.0.0.1:${port}` })],
  ['with an empty origin', () => ({ origin: '' })],
  ['with its own origin twice', () => ({ origin: own(), Origin: own() })],
  ['with its own origin and then another', () => ({ origin: own(), Origin: 'https://attacker.example' })],
  ['of another site', () => ({ 'sec-fetch-site': 'cross-site' })],
  ['of a neighbouring site', () => ({ 'sec-fetch-site': 'same-site' })],
  ['of two sites at once', () => ({ 'sec-fetch-site': 'none', 'Sec-Fetch-Site': 'cross-site' })],
  ['of another site, with its own origin', () => ({ origin: own(), 'sec-fetch-site': 'cross-site' })],
])('answers no page %s', async (_whose, headers) => {
  const answer = await ask('POST /api/v1/events/a/b/replay', { ...token, host: `127.0.0.1:${port}`, ...headers() });
  expect(answer.slice(0, 2)).toEqual([[403], 'foreign-page']);
  expect(answer[2]).not.toMatch(/access-control/i);
});

it('answers a page of its own origin, and a person who types the address', async () => {
  const host = `127.0.0.1:${port}`;
  const page = { ...token, host, origin: own(), 'sec-fetch-site': 'same-origin' };
  expect((await ask('GET /api/v1/status', page))[0]).toEqual([200]);
  expect((await ask('GET /api/v1/status', { ...token, host, 'sec-fetch-site': 'none' }))[0]).toEqual([200]);
});

it.each([
  ['first', { host: '127.0.0.1', Host: 'attacker.example' }],
  ['last', { host: 'attacker.example', Host: '127.0.0.1' }],
  ['twice', { host: '127.0.0.1', Host: '127.0.0.1' }],
])('answers nobody who names two hosts, its own %s', async (_which, hosts) => {
  expect((await ask('GET /api/v1/status', { ...token, ...hosts }))[0]).toEqual([421]);
});

it.each(['authorization', 'idempotency-key', 'content-type'])('takes the header %s once only', async (name) => {
  const doubled = {
    ...token,
    'content-type': 'application/json',
    [name]: 'Bearer token-of-the-tests',
    [name.toUpperCase()]: 'b',
  };
  const [statuses, code, answer] = await ask('POST /api/v1/keys', doubled);
  expect([statuses, code]).toEqual([[400], 'invalid-request']);
  expect(answer).toContain(`The header ${name} was sent more than once.`);
});

it.each(['PROPFIND', 'MKCOL', 'SEARCH'])('answers 405 for %s with a body', async (method) => {
  const request = requestText(
    `${method} /api/v1/status`,
    { host: '127.0.0.1', connection: 'close', ...token, 'content-type': 'application/json' },
    '{"a":1}',
  );
  const answer = await say(port, request);
  expect([statusesIn(answer), codeIn(answer)]).toEqual([[405], 'method-not-allowed']);
  expect(answer).toMatch(/^allow: GET, HEAD\r$/im);
});

it.each(lines)('answers nobody without the token: %s', async (line) => {
  expect((await ask(line, {}))[0]).toEqual([401]);
});

it('names what to do about a refused name', async () => {
  const [, code, answer] = await ask('GET /api/v1/status', { ...token, host: 'kait.example' });
  expect(code).toBe('wrong-host');
  expect(answer).toContain('Ask by address or as localhost, or name this host in KAIT_ADMIN_HOSTS.');
});

it.each([
  ['GET /../../etc/passwd', 503],
  ['GET /assets/..%2f..%2fpackage.json', 503],
  ['HEAD /', 503],
])('takes every other path for the console, which is not built here: %s', async (line, status) => {
  const [statuses, , answer] = await ask(line, {});
  expect(statuses).toEqual([status]);
  expect(answer).toContain("content-security-policy: default-src 'none'");
});
