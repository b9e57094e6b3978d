import { once } from 'node:events';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import { eq } from 'drizzle-orm';
import pino from 'pino';
import type { Dispatcher } from 'undici';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { deliver } from '../../../activities/deliver.ts';
import { createGuardedAgent } from '../../../http/guarded-agent.ts';
import { parseNetworks } from '../../../http/networks.ts';
import type { Database } from '../../../storage/database.ts';
import { attempts, deliveries, endpoints, messages } from '../../../storage/schema.ts';
import { flood, type RawServer, startRawServer } from '../../http/raw-server.ts';
import { expiredCertificate, serverCertificate, testCa } from '../../http/test-certificates.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { activityFixture, contextOf, fixtureTime } from '../activity-fixture.ts';
import { endpointRow, secretKeys } from './endpoint-row.ts';

let database: Database;
let dispatcher: Dispatcher;
let receiver: RawServer;
let answer: (socket: Socket) => void;
let secure: Server;
let expired: Server;
beforeAll(async () => {
  database = await openTestDatabase();
  dispatcher = createGuardedAgent({
    allow: parseNetworks(['127.0.0.0/8']),
    resolve: (host) =>
      host === 'unknown.example'
        ? Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }))
        : Promise.resolve([{ address: '127.0.0.1', family: 4 }]),
    secureContext: createSecureContext({ ca: testCa }),
  });
  receiver = await startRawServer((socket) => answer(socket));
  secure = await listening(serverCertificate);
  expired = await listening(expiredCertificate);
});
afterAll(async () => {
  await dispatcher.destroy();
  await receiver.close();
  secure.close();
  expired.close();
  await database.close();
});
afterEach(async () => {
  await database.orm.delete(messages);
  await database.orm.delete(endpoints);
});

async function listening(certificate: { cert: string; key: string }): Promise<Server> {
  const server = createServer(certificate, (_request, response) => void response.writeHead(204).end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port; // It listens on a port, not on a pipe.

/** Makes the first attempt of a delivery to `url`, and tells how it went and what is on record. */
async function attempt(url: string) {
  const policy = { timeLimit: '1s' };
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  await database.orm.insert(endpoints).values(endpointRow({ id: 'ep_1', url, patterns: ['*'], secret, policy }));
  const { activities, started } = activityFixture(database);
  await activities['outbound.emit']({ type: 'order.created', data: { orderId: 'ord_1' } }, contextOf('emit'));
  const { id } = started[0]!;
  const deps = {
    ...{ database, dispatcher, secretKeys, log: pino({ level: 'silent' }), userAgent: 'Kait/test' },
    ...{ clock: () => fixtureTime, random: () => 0.5, schedule: [0, 5_000, 300_000], requestTimeoutMs: 1_000 },
    ...{ sleep: () => Promise.resolve(), release: () => undefined },
  };
  const ended = await deliver(deps, { deliveryId: id }).then(
    () => 'delivered',
    (error: unknown) => failureOf(error as { type: string; nextRetryDelay?: number }), // Of Temporal.
  );
  const [delivery] = await database.orm.select().from(deliveries).where(eq(deliveries.id, id));
  const [made] = await database.orm.select().from(attempts).where(eq(attempts.delivery, id));
  const [endpoint] = await database.orm.select().from(endpoints);
  return [ended, delivery!.state, endpoint!.state, made!.status, made!.error];
}

function failureOf({ type, nextRetryDelay }: { type: string; nextRetryDelay?: number }): string {
  return nextRetryDelay === undefined ? type : `${type}, again in ${nextRetryDelay / 1_000} s`;
}

/** A whole answer. */
const says =
  (status: string, ...headers: string[]) =>
  (socket: Socket) =>
    void socket.end([`HTTP/1.1 ${status}`, 'connection: close', 'content-length: 0', ...headers, '', ''].join('\r\n'));
const again = 'DeliveryFailed, again in 5 s';

describe('an attempt', () => {
  it.each<[what: string, answering: (socket: Socket) => void, ...record: unknown[]]>([
    ['200', says('200 OK'), 'delivered', 'delivered', 'enabled', 200, null],
    ['204', says('204 No Content'), 'delivered', 'delivered', 'enabled', 204, null],
    ['301', says('301 Moved', 'location: /x'), again, 'started', 'enabled', 301, 'HTTP 301'],
    ['307', says('307 Temporary', 'location: /x'), again, 'started', 'enabled', 307, 'HTTP 307'],
    ['400', says('400 Bad Request'), again, 'started', 'enabled', 400, 'HTTP 400'],
    ['401', says('401 Unauthorized'), again, 'started', 'enabled', 401, 'HTTP 401'],
    ['404', says('404 Not Found'), again, 'started', 'enabled', 404, 'HTTP 404'],
    ['410', says('410 Gone'), 'DeliveryRefused', 'refused', 'disabled', 410, 'HTTP 410'],
    ['429', says('429 Slow'), again, 'started', 'enabled', 429, 'HTTP 429'],
    [
      '429 with seconds',
      says('429 Slow', 'retry-after: 120'),
      ...['DeliveryFailed, again in 120 s', 'started', 'enabled', 429, 'HTTP 429'],
    ],
    [
      '429 with a date',
      says('429 Slow', 'retry-after: Wed, 25 Nov 2026 08:02:00 GMT'),
      ...['DeliveryFailed, again in 120 s', 'started', 'enabled', 429, 'HTTP 429'],
    ],
    [
      '429 with far too many seconds',
      says('429 Slow', 'retry-after: 999999999'),
      ...['DeliveryFailed, again in 86400 s', 'started', 'enabled', 429, 'HTTP 429'],
    ],
    ['429 with a word', says('429 Slow', 'retry-after: soon'), again, 'started', 'enabled', 429, 'HTTP 429'],
    ['429 with less than 0', says('429 Slow', 'retry-after: -5'), again, 'started', 'enabled', 429, 'HTTP 429'],
    [
      '503 with seconds',
      says('503 Busy', 'retry-after: 120'),
      ...['DeliveryFailed, again in 120 s', 'started', 'enabled', 503, 'HTTP 503'],
    ],
    ['500', says('500 Oops'), again, 'started', 'enabled', 500, 'HTTP 500'],
    ['500 with seconds', says('500 Oops', 'retry-after: 120'), again, 'started', 'enabled', 500, 'HTTP 500'],
    [
      'a reset',
      (socket) => void socket.resetAndDestroy(),
      ...[again, 'started', 'enabled', null, 'no answer (ECONNRESET)'],
    ],
    ['an end', (socket) => void socket.end(), again, 'started', 'enabled', null, 'no answer (UND_ERR_SOCKET)'],
    ['a hang', () => undefined, again, 'started', 'enabled', null, 'no answer within 1000 ms'],
    [
      'a slow body of a success',
      (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nslow'),
      ...['delivered', 'delivered', 'enabled', 200, null],
    ],
    [
      'a slow body of a failure',
      (socket) => void socket.write('HTTP/1.1 500 Oops\r\ncontent-length: 9\r\n\r\nslow'),
      ...[again, 'started', 'enabled', 500, 'HTTP 500: slow'],
    ],
    [
      'a body without an end',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        flood(socket, 'x'.repeat(65_536));
      },
      ...['delivered', 'delivered', 'enabled', 200, null],
    ],
    [
      'huge headers',
      says('200 OK', `x-big: ${'x'.repeat(40_000)}`),
      ...[again, 'started', 'enabled', null, 'no answer (UND_ERR_HEADERS_OVERFLOW)'],
    ],
  ])('that gets %s', async (_what, answering, ...record) => {
    answer = answering;
    expect(await attempt(`${receiver.origin}/hook`)).toEqual(record);
  });

  it.each<[what: string, url: () => string, ...record: unknown[]]>([
    [
      'over TLS',
      () => `https://receiver.example:${portOf(secure)}/`,
      ...['delivered', 'delivered', 'enabled', 204, null],
    ],
    [
      'to a certificate that has expired',
      () => `https://receiver.example:${portOf(expired)}/`,
      ...[again, 'started', 'enabled', null, 'no answer (CERT_HAS_EXPIRED)'],
    ],
    [
      'to a certificate for another host',
      () => `https://other.example:${portOf(secure)}/`,
      ...[again, 'started', 'enabled', null, 'no answer (ERR_TLS_CERT_ALTNAME_INVALID)'],
    ],
    [
      'over TLS to a server without it',
      () => `https://receiver.example:${receiver.port}/`,
      ...[again, 'started', 'enabled', null, 'no answer (ERR_SSL_WRONG_VERSION_NUMBER)'],
    ],
    [
      'to a name that does not exist',
      () => `http://unknown.example:${receiver.port}/`,
      ...[again, 'started', 'enabled', null, 'no answer (ENOTFOUND)'],
    ],
    [
      'to a port where nobody listens',
      () => `http://127.0.0.2:${receiver.port}/`,
      ...[again, 'started', 'enabled', null, 'no answer (ECONNREFUSED)'],
    ],
    [
      'to a private address',
      () => 'http://10.0.0.1/',
      ...['DeliveryRefused', 'refused', 'enabled', null],
      '10.0.0.1 leads into a private network. To allow it, add the network to KAIT_OUTBOUND_ALLOW',
    ],
  ])('%s', async (_what, url, ...record) => {
    answer = says('500 Not TLS');
    expect(await attempt(url())).toEqual(record);
  });
});
