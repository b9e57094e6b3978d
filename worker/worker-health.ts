import { fastify, type FastifyInstance } from 'fastify';
import type { Database } from '../storage/database.ts';

const probeMs = 2_000;

/** Serves `GET /healthz` of a worker process: 200 while it polls and reaches its database, else 503. */
export function createWorkerHealth(deps: { database: Database; isRunning: () => boolean }): FastifyInstance {
  const app = fastify({ requestTimeout: 5_000 });
  app.get('/healthz', async (_request, reply) => {
    const database = await deps.database.ping(probeMs).then(
      () => true,
      () => false,
    );
    const polling = deps.isRunning();
    const healthy = database && polling;
    return reply.code(healthy ? 200 : 503).send({ status: healthy ? 'ok' : 'unavailable', polling, database });
  });
  return app;
}
