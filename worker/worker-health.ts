import { fastify, type FastifyInstance } from 'fastify';
import { boundShutdown } from '../http/bound-shutdown.ts';
import { limitConnections } from '../http/limit-connections.ts';
import { shareAnswer } from '../server/shared-answer.ts';
import type { Database } from '../storage/database.ts';

const probeMs = 2_000;
const timeouts = {
  requestTimeout: 5_000,
  connectionTimeout: 10_000,
  http: { headersTimeout: 5_000, connectionsCheckingInterval: 1_000 },
};
const mostConnections = 200;

/**
 * Serves `GET /healthz` of a worker process: 200 while it polls and reaches its database, else 503. The database is asked once a second at
 * most, however many ask the worker. A published set that it cannot serve does not make it unhealthy: the one before it is served.
 */
export function createWorkerHealth(deps: {
  database: Pick<Database, 'ping'>;
  isRunning: () => boolean;
  /** Which published set it serves, and why not a newer one. */
  definitions: () => { from: string; set: { id: number } | null; problem: string | null };
}): FastifyInstance {
  const app = fastify({ ...timeouts });
  limitConnections(app.server, { total: mostConnections, isProxy: () => false, onRejected: () => undefined });
  boundShutdown(app, timeouts.requestTimeout);
  const reachesDatabase = shareAnswer(() => deps.database.ping(probeMs), { limitMs: probeMs, what: 'The database' });
  app.get('/healthz', async (_request, reply) => {
    const database = await reachesDatabase().then(
      () => true,
      () => false,
    );
    const polling = deps.isRunning();
    const healthy = database && polling;
    const { from, set, problem } = deps.definitions();
    const definitions = { from, set: set?.id ?? null, upToDate: problem === null };
    return reply
      .code(healthy ? 200 : 503)
      .send({ status: healthy ? 'ok' : 'unavailable', polling, database, definitions });
  });
  return app;
}
