import type { FastifyInstance } from 'fastify';
import type { Database } from '../storage/database.ts';
import { withDeadline } from '../storage/with-deadline.ts';
import type { Shortage } from './receiver/overload.ts';
import { shareAnswer } from './shared-answer.ts';

const probeMs = 2_000;

/**
 * `GET /healthz` answers while the process runs. `GET /readyz` answers 200 while webhooks can be stored, else 503. It reports a
 * Temporal outage as `degraded` with 200, so that the load balancer keeps sending webhooks, which the inbox can still store.
 * So it does with mistakes in the definitions folder, of which `faults` gives the number, with task queues without a worker, and with
 * processes that cannot serve what was published. A server that is not ready would get no webhooks, although it can store them. While Kait rejects webhooks as overloaded, `shortage` names what it is short of.
 *
 * Anybody can ask, so the database and Temporal are asked once a second at most, however many ask Kait.
 */
export function addHealthRoutes(
  app: FastifyInstance,
  deps: {
    database: Pick<Database, 'ping'>;
    pingTemporal: (timeoutMs: number) => Promise<void>;
    backlogSize: () => Promise<number>;
    shortage: () => Shortage | null;
    /** The number of mistakes in the definitions folder. */
    faults: () => number;
    /** How many task queues no worker serves; null if nobody knows. */
    unservedQueues: () => Promise<number | null>;
    /** How many servers and workers cannot serve the newest published set; null if nobody knows. */
    behind: () => Promise<number | null>;
    /** In milliseconds, never going back. Default: the process's own clock. */
    now?: () => number;
  },
): void {
  app.get('/healthz', () => ({ status: 'ok' }));
  const check = shareAnswer(
    () =>
      Promise.all([
        reachable(deps.database.ping(probeMs)),
        reachable(deps.pingTemporal(probeMs)),
        withDeadline(deps.backlogSize(), probeMs, 'The database').catch(() => null),
        withDeadline(deps.unservedQueues(), probeMs, 'Temporal').catch(() => null),
        withDeadline(deps.behind(), probeMs, 'The database').catch(() => null),
      ]),
    { limitMs: probeMs * 2, what: 'The check', ...(deps.now && { now: deps.now }) },
  );
  app.get('/readyz', async (_request, reply) => {
    const [database, temporal, backlog, unservedQueues, behind] = await check();
    const shortage = deps.shortage();
    const faults = deps.faults();
    const ready = database && shortage === null;
    const degraded = !temporal || faults > 0 || (unservedQueues ?? 0) > 0 || (behind ?? 0) > 0;
    const status = !database ? 'unavailable' : shortage !== null ? 'overloaded' : degraded ? 'degraded' : 'ready';
    return reply.code(ready ? 200 : 503).send({
      status,
      shortage,
      database: database ? 'reachable' : 'unreachable',
      temporal: temporal ? 'reachable' : 'unreachable',
      backlog,
      faults,
      unservedQueues,
      behind,
    });
  });
}

function reachable(ping: Promise<void>): Promise<boolean> {
  return ping.then(
    () => true,
    () => false,
  );
}
