import { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createClaimCheck } from '../../storage/claim-check.ts';
import { createPayloadStore } from '../../storage/payload-store.ts';
import { installRuntime } from '../../worker/install-runtime.ts';
import type { Cleanup } from './cleanup.ts';
import { type ComposedWorker, composeWorker } from './compose-worker.ts';
import { sharedTemporalAccess, type TemporalAccess } from './temporal-access.ts';
import { type ClusterConnection, connectToCluster } from './connect-to-cluster.ts';
import type { WebUi } from './web-ui.ts';

export interface TemporalTarget {
  connection: ClusterConnection;
  namespace: string;
  /** Whether it has answered already. */
  isThere: boolean;
  ui: WebUi | null;
}

type ForWorker = Omit<Parameters<typeof composeWorker>[0], 'connection' | 'namespace'>;

/**
 * Connects to Temporal and starts a worker there. `connected` is called before the worker is started. This module takes as long to load as
 * the rest of Kait, because of the SDK's libraries.
 */
export async function joinTemporal(
  { connection: options, namespace, isThere, ui }: TemporalTarget,
  deps: ForWorker & {
    log: Logger;
    signal: AbortSignal;
    /** Receives what keeps Kait from connecting, each time it changes. */
    waiting: (problem: string) => void;
    connected: (access: TemporalAccess) => void;
  },
  cleanup: Cleanup,
): Promise<ComposedWorker> {
  const { config, database, log, signal, waiting } = deps;
  installRuntime(log);
  const place = { namespace, home: config.home };
  const connection = isThere
    ? await NativeConnection.connect(options)
    : await connectToCluster(options, place, { log, signal, waiting });
  cleanup.add(() => connection.close());
  const claimCheck = createClaimCheck({ payloads: createPayloadStore(database) });
  deps.connected(sharedTemporalAccess(connection, { ...place, address: options.address ?? '' }, ui, [claimCheck]));
  const worker = await composeWorker({ ...deps, connection, namespace });
  cleanup.add(() => worker.stop());
  return worker;
}
