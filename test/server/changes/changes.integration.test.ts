import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ConsoleAccess } from '../../../server/console/console-access.ts';
import type { Database } from '../../../storage/database.ts';
import { createTestApi, createTestConsole, statusOfTests } from '../api/api-fixture.ts';
import { openBrowser } from '../console/browser.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';

let database: Database;
let console: ConsoleAccess;
let api: FastifyInstance;
let base: string;
beforeEach(async () => {
  database = await openTestDatabase();
  console = createTestConsole(database);
  api = createTestApi({ database, console, about: () => Promise.resolve(statusOfTests) });
  base = await api.listen({ host: '127.0.0.1', port: 0 });
});
afterEach(async () => {
  await api.close();
  await database.close();
});

const token = { authorization: 'Bearer token-of-the-tests' };

/** Reads the stream until it ends. */
async function follow(headers: Record<string, string> = token) {
  const request = get(`${base}/api/v1/changes`, { headers });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  let isOver = false;
  response.on('data', (part) => (text += String(part)));
  response.on('close', () => (isOver = true));
  response.on('error', () => undefined);
  return { status: response.statusCode, text: () => text, isOver: () => isOver, leave: () => request.destroy() };
}

const store = (id: string, state: string) =>
  database.run(
    'store',
    `insert into events (source, event_id, gateway, type, native_type, occurred_at, received_at, state, body_id)
     values ('stripe', $1, 'stripe', 'payment.succeeded', 'x', now(), now(), $2, 0)`,
    [id, state],
  );

it('tells ids and states of what changes, and goes on after the last that was read', async () => {
  const first = await follow();
  await expect.poll(first.text).toContain('event: status');
  await store('evt_1', 'pending');
  await expect.poll(first.text).toContain('{"things":[{"id":"stripe/evt_1","state":"pending"}],"complete":true}');
  await database.run('dispatch', `update events set state = 'dispatched'`, []);
  await expect.poll(first.text).toContain('{"id":"stripe/evt_1","state":"dispatched"}');
  const [, place = ''] = /id: (\S+)\nevent: events\ndata: .*"pending"/.exec(first.text()) ?? [];
  const again = await follow({ ...token, 'last-event-id': place });
  await expect.poll(again.text).toContain('"dispatched"');
  expect(again.text()).not.toContain('"pending"');
  expect(again.text()).not.toContain('event: status');
});

it('ends when the server stops', async () => {
  const stream = await follow();
  await expect.poll(stream.text).toContain('event: status');
  await api.close();
  await expect.poll(stream.isOver).toBe(true);
});

it('ends when the session ends', async () => {
  const browser = openBrowser(api);
  await browser.logIn();
  const cookie = browser.cookie.replace('kait-session-8701', `kait-session-${new URL(base).port}`);
  const stream = await follow({ cookie });
  expect(stream.status).toBe(200);
  await expect.poll(stream.text).toContain('event: status');
  await database.run('end', 'delete from sessions', []);
  await expect.poll(stream.isOver).toBe(true);
});

it('is for whoever may read', async () => {
  expect((await follow({})).status).toBe(401);
});
