import { fastify } from 'fastify';
import { expect, it } from 'vitest';
import { addHealthRoutes } from '../../server/health.ts';
import type { Shortage } from '../../server/receiver/overload.ts';

const away = () => Promise.reject(new Error('connection refused'));
const there = () => Promise.resolve();

async function ready(deps: {
  ping?: () => Promise<void>;
  pingTemporal?: () => Promise<void>;
  shortage?: Shortage;
  faults?: number;
}): Promise<{ status: number; body: unknown }> {
  const app = fastify();
  addHealthRoutes(app, {
    database: { ping: deps.ping ?? there },
    pingTemporal: deps.pingTemporal ?? there,
    backlogSize: () => Promise.resolve(7),
    shortage: () => deps.shortage ?? null,
    faults: () => deps.faults ?? 0,
  });
  const answer = await app.inject('/readyz');
  return { status: answer.statusCode, body: answer.json() };
}

it('is ready while webhooks can be stored and started', async () => {
  expect(await ready({})).toEqual({
    status: 200,
    body: { status: 'ready', shortage: null, database: 'reachable', temporal: 'reachable', backlog: 7, faults: 0 },
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
  });
  const answer = await app.inject('/healthz');
  expect([answer.statusCode, answer.json()]).toEqual([200, { status: 'ok' }]);
});
