import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fastify, type FastifyInstance } from 'fastify';
import { eq } from 'drizzle-orm';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addCallbackRoutes } from '../../server/callback-routes.ts';
import { callbackToken } from '../../storage/callback-token.ts';
import type { Database } from '../../storage/database.ts';
import { recordAnswer } from '../../storage/message-answers.ts';
import { endpoints, messages } from '../../storage/schema.ts';
import { activityFixture, contextOf, fixtureTime } from '../activities/activity-fixture.ts';
import { endpointRow } from '../activities/outbound/endpoint-row.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { sampleInstallation } from './sample-installation.ts';

/* The receivers' answers to webhooks: two endpoints are asked, and may answer for an hour. */

const installation = sampleInstallation();
const ackUntil = new Date(fixtureTime.getTime() + 3_600_000);
const json = { 'content-type': 'application/json' };

let database: Database;
let app: FastifyInstance;
let now: number;
/** The deliveries to `ep_1` and `ep_2`. */
let first: string;
let second: string;

beforeAll(async () => {
  database = await openTestDatabase();
});
beforeEach(async () => {
  now = fixtureTime.getTime();
  app = fastify();
  addCallbackRoutes(app, { database, installation, log: pino({ level: 'silent' }), now: () => now });
  await database.orm
    .insert(endpoints)
    .values(
      ['ep_1', 'ep_2'].map((id) =>
        endpointRow({ id, url: `https://${id}.example/`, patterns: ['*'], secret: 'whsec_x' }),
      ),
    );
  const { activities, started } = activityFixture(database, { publicUrl: 'https://hooks.shop.example' });
  const input = { type: 'order.created', data: {}, ackUntil: ackUntil.toISOString() };
  await activities['outbound.emit'](input, contextOf('run/tell'));
  const idOf = (endpoint: string) => started.find((each) => each.endpoint === endpoint)?.id ?? '';
  [first, second] = [idOf('ep_1'), idOf('ep_2')];
});
afterEach(async () => {
  await app.close();
  await database.orm.delete(messages);
  await database.orm.delete(endpoints);
});
afterAll(() => database.close());

const urlOf = (delivery: string) =>
  `/callback/${callbackToken(installation, { delivery, expiresAt: ackUntil.getTime() / 1_000 })}`;
const post = (url: string, body: string | Buffer, headers: Record<string, string> = json) =>
  app.inject({ method: 'POST', url, body, headers });
const answer = async (delivery: string, body: string) => (await post(urlOf(delivery), body)).statusCode;
const stored = async () => {
  const { ack, ackBy, ackAt } = messages;
  const [row] = await database.orm.select({ ack, ackBy, ackAt }).from(messages);
  return row;
};
const nothing = { ack: null, ackBy: null, ackAt: null };

describe('a callback URL', () => {
  it('takes the first answer, and says the same if the receiver repeats it', async () => {
    const taken = await post(urlOf(first), '{"ok": true, "id": "A-1"}');
    expect([taken.statusCode, taken.json(), taken.headers['cache-control']]).toEqual([
      200,
      { accepted: true },
      'no-store',
    ]);
    now += 1_000;
    expect(await answer(first, '{"id":"A-1","ok":true}')).toBe(200);
    expect(await stored()).toEqual({ ack: '{"id":"A-1","ok":true}', ackBy: 'ep_1', ackAt: fixtureTime });
  });

  it('refuses another answer, and one of another endpoint, and keeps the first', async () => {
    expect(await answer(first, '{"ok":true}')).toBe(200);
    const other = await post(urlOf(first), '{"ok":false}');
    expect([other.statusCode, other.json()]).toEqual([409, { error: 'Another answer was given before, and counts.' }]);
    expect(await answer(second, '{"ok":true}')).toBe(409);
    expect(await stored()).toEqual({ ack: '{"ok":true}', ackBy: 'ep_1', ackAt: fixtureTime });
  });

  it.each(['null', '"ok"', '"{\\"a\\":1}"', '1.5', '[]', '{}', '{"__proto__":{"a":1}}', '"\\u0000\\ud800"'])(
    'takes the answer %s as it is',
    async (body) => {
      expect(await answer(first, body)).toBe(200);
      expect((await stored())?.ack).toBe(body);
      expect(await answer(first, body)).toBe(200);
    },
  );

  it('keeps numbers beyond 2^53 as texts of the same digits, as those of events', async () => {
    expect(await answer(first, '{"id":12345678901234567890,"limit":1e999}')).toBe(200);
    expect((await stored())?.ack).toBe('{"id":"12345678901234567890","limit":"1e999"}');
  });

  it('asks a client that waits for that to send its body', async () => {
    await app.listen({ host: '127.0.0.1', port: 0 });
    const server = app.server;
    const { port } = server.address() as AddressInfo;
    server.on('checkContinue', (incoming, response) => server.emit('request', incoming, response)); // As the receiver does.
    const sending = request({ port, path: urlOf(first), method: 'POST', headers: { ...json, expect: '100-continue' } });
    sending.flushHeaders();
    await once(sending, 'continue');
    sending.end('1');
    const [{ statusCode }] = (await once(sending, 'response')) as [IncomingMessage];
    expect(statusCode).toBe(200);
  });

  it('takes no answer after the time, except for the repetition of the one that counts', async () => {
    now = ackUntil.getTime() - 1;
    expect(await answer(first, '1')).toBe(200);
    now += 1;
    expect([await answer(first, '1'), await answer(first, '2')]).toEqual([200, 409]);
  });

  it('is over when its time is', async () => {
    now = ackUntil.getTime();
    const late = await post(urlOf(first), '1');
    expect([late.statusCode, late.json()]).toEqual([410, { error: 'The time to answer is over.' }]);
    expect(await stored()).toEqual(nothing);
  });

  it('is over when the run has stopped waiting, and when retention has deleted what was asked', async () => {
    await database.orm.update(messages).set({ ackAt: fixtureTime });
    expect(await answer(first, '1')).toBe(410);
    await database.orm.delete(messages);
    expect(await answer(first, '1')).toBe(404);
    now = ackUntil.getTime();
    expect(await answer(first, '1')).toBe(410);
  });

  it('takes one of two answers that come at the same moment', async () => {
    const at = fixtureTime;
    const outcomes = await Promise.all(
      [first, second, first, second].map((delivery, index) =>
        recordAnswer(database, { delivery, answer: { index }, at }),
      ),
    );
    expect(outcomes.toSorted()).toEqual(['other', 'other', 'other', 'taken']);
    const winner = outcomes.indexOf('taken');
    expect(await stored()).toEqual({
      ack: JSON.stringify({ index: winner }),
      ackBy: ['ep_1', 'ep_2', 'ep_1', 'ep_2'][winner],
      ackAt: at,
    });
  });

  it('of an endpoint that was removed, or of a message that nobody is to answer, leads nowhere', async () => {
    await database.orm.delete(endpoints).where(eq(endpoints.id, 'ep_1'));
    expect(await answer(first, '1')).toBe(404);
    await database.orm.update(messages).set({ ackUntil: null });
    expect(await answer(second, '1')).toBe(404);
    expect(await stored()).toEqual(nothing);
  });

  it('tells whoever has no genuine token nothing but 404, whatever is sent', async () => {
    const token = urlOf(first);
    const answers = await Promise.all([
      post('/callback/', '1'),
      post('/callback/x.y', '1'),
      post(token.slice(0, -1), '1'),
      post(`${token}.`, '1'),
      post(`${token}%00`, '1'),
      post(`/callback/${'A'.repeat(5_000)}`, '1'),
      post('/callback/x.y', 'x'.repeat(100_000)),
      post('/callback/x.y', '<a/>', { 'content-type': 'text/xml' }),
      app.inject({ method: 'GET', url: '/callback/x.y' }),
      post(urlOf('dlv_none'), '1'),
    ]);
    expect(new Set(answers.map(({ statusCode, body }) => `${statusCode} ${body}`))).toEqual(
      new Set(['404 {"error":"Not found."}']),
    );
    expect(await stored()).toEqual(nothing);
  });

  it.each(['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const)('does not answer to %s', async (method) => {
    const { statusCode, headers } = await app.inject({ method, url: urlOf(first) });
    expect([statusCode, headers.allow]).toEqual([405, 'POST']);
  });

  it.each<[string, number, string | Buffer, Record<string, string>]>([
    ['no body', 400, '', json],
    ['no body and no type', 400, '', {}],
    ['a word', 400, 'yes', json],
    ['half an object', 400, '{"ok":', json],
    ['text that is not UTF-8', 400, Buffer.from([0x22, 0xff, 0x22]), json],
    ['65 levels', 400, `${'['.repeat(65)}${']'.repeat(65)}`, json],
    ['30,000 levels', 400, `${'['.repeat(30_000)}${']'.repeat(30_000)}`, json],
    ['65,537 bytes', 413, `"${'x'.repeat(65_535)}"`, json],
    ['a form', 415, 'ok=true', { 'content-type': 'application/x-www-form-urlencoded' }],
    ['text', 415, '{}', { 'content-type': 'text/plain' }],
  ])('refuses %s', async (_what, status, body, headers) => {
    expect((await post(urlOf(first), body, headers)).statusCode).toBe(status);
    expect(await stored()).toEqual(nothing);
  });

  it('takes 65,536 bytes, and 64 levels', async () => {
    const most = `"${'x'.repeat(65_534)}"`;
    expect(await answer(first, most)).toBe(200);
    await database.orm.update(messages).set(nothing);
    expect(await answer(first, `${'['.repeat(64)}${']'.repeat(64)}`)).toBe(200);
  });

  it('can be tried ten times at once, and others still can', async () => {
    const statuses: number[] = [];
    for (let tried = 0; tried < 12; tried += 1) statuses.push(await answer(first, 'x'));
    expect(statuses).toEqual([...Array<number>(10).fill(400), 429, 429]);
    expect(await answer(second, '1')).toBe(200);
  });
});
