import { createServer, type AddressInfo } from 'node:net';
import { Connection } from '@temporalio/client';
import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { unavailableOf } from '../../../server/api/unavailable.ts';
import type { Database } from '../../../storage/database.ts';
import * as schema from '../../../storage/schema.ts';
import { withDeadline } from '../../../storage/with-deadline.ts';
import { openApi, problem } from './api-fixture.ts';

/* The errors are the drivers' own: of a port on which nothing listens, and of a server that hangs up. */

let closedPort: number;
let pool: pg.Pool;
let database: Database;
beforeAll(async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  closedPort = (server.address() as AddressInfo).port;
  await new Promise((resolve) => server.close(resolve));
  pool = new pg.Pool({ host: '127.0.0.1', port: closedPort });
  const away: Pick<Database, 'kind' | 'orm' | 'run'> = {
    kind: 'postgres',
    orm: drizzle(pool, { schema }),
    run: async (name, text, values) => (await pool.query({ name, text, values })).rows as never[],
  };
  database = away as Database;
});
afterAll(() => pool.end());

const caught = (work: Promise<unknown>) =>
  work.then(
    () => new Error('no error'),
    (error: unknown) => error,
  );

const away = (what: string) => ({
  status: 503,
  code: 'unavailable',
  message: `${what} did not answer. Send the request again.`,
  headers: { 'retry-after': '5' },
});

it('knows a PostgreSQL on whose port nothing listens, also under a query of drizzle', async () => {
  expect(unavailableOf(await caught(pool.query('select 1')))).toMatchObject(away('The database'));
  expect(unavailableOf(await caught(database.orm.select().from(schema.installation)))).toMatchObject(
    away('The database'),
  );
});

it('knows a PostgreSQL that hangs up', async () => {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const hung = new pg.Pool({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  const error = await caught(hung.query('select 1'));
  await hung.end();
  server.close();
  expect(unavailableOf(error)).toMatchObject(away('The database'));
});

it.each(['PGlite is closed', 'PGlite is closing'])('knows what the embedded database says: %s', (message) => {
  expect(unavailableOf(new Error('Failed query', { cause: new Error(message) }))).toMatchObject(away('The database'));
});

it('knows a Temporal on whose port nothing listens', async () => {
  const connection = Connection.lazy({ address: `127.0.0.1:${closedPort}`, interceptors: [] });
  const error = await caught(
    connection.withDeadline(Date.now() + 2_000, () => connection.workflowService.getSystemInfo({})),
  );
  await connection.close();
  expect(unavailableOf(error)).toMatchObject(away('Temporal'));
});

it('knows a Temporal that is still starting', () => {
  const error = Object.assign(new Error('Temporal is still starting'), { name: 'TemporalToCome' });
  expect(unavailableOf(error)?.message).toBe('Temporal is still starting. Send the request again.');
});

it('knows what has run out of time', async () => {
  const error = await caught(withDeadline(new Promise(() => undefined), 1, 'Temporal'));
  expect(unavailableOf(error)).toMatchObject(away('Temporal'));
});

it.each([
  ['57P01', 'terminating connection due to administrator command'],
  ['57P03', 'the database system is starting up'],
  ['53300', 'sorry, too many clients already'],
  ['25006', 'cannot execute INSERT in a read-only transaction'],
  ['08006', 'connection failure'],
])('knows what PostgreSQL says with %s', (code, message) => {
  const error = Object.assign(new pg.DatabaseError(message, 1, 'error'), { code });
  expect(unavailableOf(new Error('Failed query', { cause: error }))).toMatchObject(away('The database'));
});

it.each([
  ['a unique key', Object.assign(new pg.DatabaseError('duplicate key', 1, 'error'), { code: '23505' })],
  ['a mistake in a statement', Object.assign(new pg.DatabaseError('syntax error', 1, 'error'), { code: '42601' })],
  ['a mistake in a query to Temporal', Object.assign(new Error('3'), { code: 3, details: 'invalid query' })],
  ['a bug', new TypeError('x is not a function')],
  ['a text about a connection', new Error('The Connection terminated')],
  ['no error', 'Connection terminated'],
])('does not take %s for an outage', (_what, error) => {
  expect(unavailableOf(error)).toBeNull();
});

it('looks at no endless chain of causes', () => {
  const error = new Error('a');
  error.cause = error;
  expect(unavailableOf(error)).toBeNull();
});

const asking = [
  ...['/events', '/events/a/b', '/events/a/b/body', '/runs', '/runs/a', '/runs/a/retries', '/find?text=a'],
  ...['/approvals', '/turns', '/deliveries', '/rejections', '/published', '/keys'],
];

it.each(asking)('answers 503 while the database is away: GET %s', async (path) => {
  expect(await openApi({ database })({ url: `/api/v1${path}` })).toEqual({
    status: 503,
    body: problem(503, 'unavailable', 'The database did not answer. Send the request again.'),
  });
});

it('answers 503 while the database is away to a request with an idempotency key', async () => {
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'a' };
  const answer = await openApi({ database })({
    method: 'POST',
    url: '/api/v1/keys',
    headers,
    body: '{"name":"a","scope":"read"}',
  });
  expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
});

it('answers 503 while Temporal is away to who lists runs by their state', async () => {
  const down = Object.assign(new Error('14 UNAVAILABLE: No connection established'), {
    code: 14,
    details: '',
    metadata: {},
  });
  const ask = openApi({ database, queryRuns: () => Promise.reject(new Error('Failed', { cause: down })) });
  expect(await ask({ url: '/api/v1/runs?state=parked' })).toEqual({
    status: 503,
    body: problem(503, 'unavailable', 'Temporal did not answer. Send the request again.'),
  });
});
