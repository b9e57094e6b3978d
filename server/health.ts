import type { FastifyInstance } from 'fastify';
import type { Database } from '../storage/database.ts';

const probeMs = 2_000;

/**
 * `GET /healthz`: the process answers. `GET /readyz`: 200 while webhooks can be stored, 503 otherwise. Temporal being away is
 * reported as `degraded`, not as 503: a balancer that took the receiver out then would refuse webhooks that the inbox can keep.
 */
export function addHealthRoutes(
  app: FastifyInstance,
  deps: { database: Database; pingTemporal: (timeoutMs: number) => Promise<void>; backlogSize: () => Promise<number> },
): void {
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const [database, temporal, backlog] = await Promise.all([
      reachable(deps.database.ping(probeMs)),
      reachable(deps.pingTemporal(probeMs)),
      deps.backlogSize().catch(() => null),
    ]);
    const status = !database ? 'unavailable' : !temporal ? 'degraded' : 'ready';
    return reply.code(database ? 200 : 503).send({
      status,
      database: database ? 'reachable' : 'unreachable',
      temporal: temporal ? 'reachable' : 'unreachable',
      backlog,
    });
  });
}

function reachable(ping: Promise<void>): Promise<boolean> {
  return ping.then(
    () => true,
    () => false,
  );
}
