import { statfs } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { Config } from '../../config.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import { countPending } from '../../server/backlog.ts';
import type { People } from '../../language/check/people-file.ts';
import type { Decide } from '../../server/approvals/decide.ts';
import { addLinkRoutes } from '../../server/approvals/link-routes.ts';
import { addCallbackRoutes } from '../../server/callback-routes.ts';
import { createClientAddress } from '../../server/receiver/client-address.ts';
import type { Installation } from '../../storage/installation.ts';
import { createByteBudget, type ByteBudget } from '../../server/receiver/byte-budget.ts';
import { addHealthRoutes } from '../../server/health.ts';
import type { Inbox } from '../../server/inbox.ts';
import { createOverload, type Overload } from '../../server/receiver/overload.ts';
import type { Metrics } from '../../server/metrics.ts';
import { createReceiver } from '../../server/receiver/receiver.ts';
import { addRejectionCounts, addRejectionSamples, createRejections } from '../../server/receiver/rejections.ts';
import type { SourceRegistry } from '../../server/source-registry.ts';
import type { Database } from '../../storage/database.ts';
import type { TemporalAccess } from './temporal-access.ts';

/** The public HTTP server with its overload checks. It does not listen yet. */
export interface ComposedReceiver {
  app: FastifyInstance;
  /** Starts measuring the load and recording rejections. */
  start(): void;
  /** Accepts no more requests, and records the last rejections. */
  stop(): Promise<void>;
}

const requestTimeoutMs = 10_000;
/** Limits in bytes for bodies in memory, from arrival until they are stored. Parsed, they take about five times as much. */
const bodyBudget = { total: 64 * 2 ** 20, each: 32 * 2 ** 20 };

interface ReceiverDeps {
  config: Config;
  database: Database;
  temporal: TemporalAccess;
  sources: SourceRegistry;
  backlogSize: () => Promise<number>;
  inbox: Inbox;
  isWanted: (event: CanonicalEvent) => boolean;
  /** The number of mistakes in the definitions folder. */
  faults: () => number;
  /** How many task queues no worker serves; null if nobody knows. */
  unservedQueues: () => Promise<number | null>;
  /** How many processes cannot serve the newest published set. */
  behind: () => Promise<number>;
  metrics: Metrics;
  log: Logger;
  installation: Installation;
  people: () => Promise<People>;
  decide: Decide;
}

export function composeReceiver(deps: ReceiverDeps): ComposedReceiver {
  const { config, database, temporal, backlogSize, log } = deps;
  const bodies = createByteBudget(bodyBudget);
  const overload = watchLoad(deps, bodies);
  const rejections = createRejections({
    addCounts: (counts) => addRejectionCounts(database, counts),
    addSamples: (samples) => addRejectionSamples(database, samples),
    log,
    now: () => new Date(),
  });
  const { trustedProxies, bodyLimitBytes, headerLimitBytes, connections } = config.receiver;
  const app = createReceiver({
    ...{ sources: deps.sources, inbox: deps.inbox, isWanted: deps.isWanted, metrics: deps.metrics },
    ...{ rejections, overload, bodies, trustedProxies, log },
    limits: { bodyBytes: bodyLimitBytes, headerBytes: headerLimitBytes, connections, requestTimeoutMs },
    now: () => Date.now(),
  });
  const clientAddress = createClientAddress(trustedProxies);
  addLinkRoutes(app, {
    ...{ database, installation: deps.installation, people: deps.people, decide: deps.decide, clientAddress, log },
    now: () => Date.now(),
  });
  addCallbackRoutes(app, { database, installation: deps.installation, log, now: () => Date.now() });
  addHealthRoutes(app, {
    database,
    pingTemporal: (timeoutMs) => temporal.ping(timeoutMs),
    backlogSize,
    shortage: () => overload.shortage(),
    faults: deps.faults,
    unservedQueues: deps.unservedQueues,
    behind: deps.behind,
  });
  return {
    app,
    start() {
      overload.start();
      rejections.start();
    },
    async stop() {
      await app.close();
      overload.stop();
      await rejections.stop();
    },
  };
}

/** Watches the disk only for the embedded database, which fills it. */
function watchLoad({ config, database, log }: ReceiverDeps, bodies: ByteBudget): Overload {
  const { backlogLimit, diskReserveBytes } = config.overload;
  const freeBytes = async () => {
    const { bavail, bsize } = await statfs(config.home);
    return bavail * bsize;
  };
  return createOverload({
    bodies,
    backlog: { limit: backlogLimit, size: (limit) => countPending(database, limit) },
    disk: database.kind === 'pglite' ? { freeBytes, reserveBytes: diskReserveBytes } : null,
    log,
    now: () => Date.now(),
  });
}
