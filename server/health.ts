import type { FastifyInstance } from 'fastify';
import type { Database } from '../storage/database.ts';
import type { Shortage } from './receiver/load-shedding.ts';

const probeMs = 2_000;

/**
 * `GET /healthz`: the process answers. `GET /readyz`: 200 while webhooks can be stored, 503 otherwise. Temporal being away is
 * reported as `degraded`, not as 503: a balancer that took the receiver out then would refuse webhooks that the inbox can keep.
 * `shedding` says for want of what webhooks are turned away.
 */
export function addHealthRoutes(
  app: FastifyInstance,
  deps: {
    database: Pick<Database, 'ping'>;
    pingTemporal: (timeoutMs: number) => Promise<void>;
    backlogSize: () => Promise<number>;
    shortage: () => Shortage | null;
  },
): void {
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const [database, temporal, backlog] = await Promise.all([
      reachable(deps.database.ping(probeMs)),
      reachable(deps.pingTemporal(probeMs)),
      deps.backlogSize().catch(() => null),
    ]);
    const shedding = deps.shortage();
    const open = database && shedding === null;
    const status = !database ? 'unavailable' : shedding !== null ? 'shedding' : !temporal ? 'degraded' : 'ready';
    return reply.code(open ? 200 : 503).send({
      status,
      shedding,
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
