import { fastify } from 'fastify';
import { expect, it, vi } from 'vitest';
import { addHealthRoutes } from '../../server/health.ts';
import type { Shortage } from '../../server/receiver/overload.ts';

const away = () => Promise.reject(new Error('connection refused'));
const there = () => Promise.resolve();

async function ready(deps: {
  ping?: () => Promise<void>;
  pingTemporal?: () => Promise<void>;
  shortage?: Shortage;
  faults?: number;
  unserved?: number | null;
  behind?: number;
}): Promise<{ status: number; body: unknown }> {
  const app = fastify();
  addHealthRoutes(app, {
    database: { ping: deps.ping ?? there },
    pingTemporal: deps.pingTemporal ?? there,
    backlogSize: () => Promise.resolve(7),
    shortage: () => deps.shortage ?? null,
    faults: () => deps.faults ?? 0,
    unservedQueues: () => Promise.resolve(deps.unserved === undefined ? 0 : deps.unserved),
    behind: () => Promise.resolve(deps.behind ?? 0),
  });
  const answer = await app.inject('/readyz');
  return { status: answer.statusCode, body: answer.json() };
}

it('is ready while webhooks can be stored and started', async () => {
  expect(await ready({})).toEqual({
    status: 200,
    body: {
      status: 'ready',
      shortage: null,
      database: 'reachable',
      temporal: 'reachable',
      backlog: 7,
      faults: 0,
      unservedQueues: 0,
      behind: 0,
    },
  });
});

it('stays ready and reports degraded while no worker serves a task queue, so that no webhook is turned away', async () => {
  expect(await ready({ unserved: 1 })).toMatchObject({ status: 200, body: { status: 'degraded', unservedQueues: 1 } });
});

it('stays ready and reports degraded while a process cannot serve what was published', async () => {
  expect(await ready({ behind: 2 })).toMatchObject({ status: 200, body: { status: 'degraded', behind: 2 } });
});

it('does not take an unknown number of task queues without a worker for one', async () => {
  expect(await ready({ unserved: null })).toMatchObject({
    status: 200,
    body: { status: 'ready', unservedQueues: null },
  });
});

it('stays ready and reports degraded while only Temporal is unreachable', async () => {
  expect(await ready({ pingTemporal: away })).toMatchObject({
    status: 200,
    body: { status: 'degraded', database: 'reachable', temporal: 'unreachable' },
  });
});

it('stays ready and reports degraded while a definition has a mistake, so that no webhook is turned away', async () => {
  expect(await ready({ faults: 2 })).toMatchObject({
    status: 200,
    body: { status: 'degraded', database: 'reachable', temporal: 'reachable', faults: 2 },
  });
});

it('is unavailable while the database is unreachable', async () => {
  expect(await ready({ ping: away, shortage: 'disk' })).toMatchObject({
    status: 503,
    body: { status: 'unavailable', database: 'unreachable' },
  });
});

it('is not ready while it is overloaded, and names the shortage', async () => {
  expect(await ready({ shortage: 'disk', pingTemporal: away })).toMatchObject({
    status: 503,
    body: { status: 'overloaded', shortage: 'disk' },
  });
});

it('is alive as long as it answers', async () => {
  const app = fastify();
  addHealthRoutes(app, {
    database: { ping: away },
    pingTemporal: away,
    backlogSize: away,
    shortage: () => 'disk',
    faults: () => 1,
    unservedQueues: () => Promise.resolve(1),
    behind: () => Promise.resolve(1),
  });
  const answer = await app.inject('/healthz');
  expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'ok' }]);
});

function counting() {
  const clock = { ms: 0 };
  const database = { ping: vi.fn(there) };
  const [pingTemporal, backlogSize] = [vi.fn(there), vi.fn(() => Promise.resolve(7))];
  const app = fastify();
  const unservedQueues = () => Promise.resolve(0);
  const rest = { shortage: () => null, faults: () => 0, unservedQueues, behind: unservedQueues, now: () => clock.ms };
  addHealthRoutes(app, { database, pingTemporal, backlogSize, ...rest });
  const asked = () => [database.ping, pingTemporal, backlogSize].map((each) => each.mock.calls.length);
  return { app, clock, database, asked };
}

it.each(['GET', 'HEAD'] as const)('asks both servers once for a thousand %s requests at once', async (method) => {
  const { app, asked } = counting();
  const requests = Array.from({ length: 1_000 }, (_each, index) => app.inject({ method, url: `/readyz?${index}` }));
  expect(new Set((await Promise.all(requests)).map(({ statusCode }) => statusCode))).toEqual(new Set([200]));
  expect(asked()).toEqual([1, 1, 1]);
});

it('shares an answer for a second after it came, and then asks again', async () => {
  const { app, clock, asked } = counting();
  await app.inject('/readyz');
  clock.ms = 999;
  await app.inject('/readyz');
  expect(asked()).toEqual([1, 1, 1]);
  clock.ms = 1_000;
  await app.inject('/readyz');
  expect(asked()).toEqual([2, 2, 2]);
});

it('shares a failing answer too', async () => {
  const { app, clock, database, asked } = counting();
  database.ping.mockImplementation(away);
  expect((await app.inject('/readyz')).statusCode).toBe(503);
  database.ping.mockImplementation(there);
  expect((await app.inject('/readyz')).statusCode).toBe(503);
  expect(asked()).toEqual([1, 1, 1]);
  clock.ms = 1_000;
  expect((await app.inject('/readyz')).statusCode).toBe(200);
});

it('asks neither server on /healthz, nor for a method that it does not have', async () => {
  const { app, asked } = counting();
  const methods = ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const;
  await Promise.all([app.inject('/healthz'), ...methods.map((method) => app.inject({ method, url: '/readyz' }))]);
  expect(asked()).toEqual([0, 0, 0]);
});
