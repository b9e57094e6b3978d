import { NativeConnection } from '@temporalio/worker';
import type { Logger } from 'pino';
import { createClaimCheck } from '../../storage/claim-check.ts';
import { createPayloadStore } from '../../storage/payload-store.ts';
import { installRuntime } from '../../worker/install-runtime.ts';
import type { Cleanup } from './cleanup.ts';
import { type ComposedWorker, composeWorker } from './compose-worker.ts';
import { sharedTemporalAccess, type TemporalAccess } from './temporal-access.ts';
import { untilReachable } from './until-reachable.ts';
import type { WebUi } from './web-ui.ts';

export interface TemporalTarget {
  connection: Parameters<typeof NativeConnection.connect>[0];
  namespace: string;
  ui: WebUi | null;
}

type ForWorker = Omit<Parameters<typeof composeWorker>[0], 'connection' | 'namespace'>;

/**
 * Connects to Temporal and starts a worker there. `connected` is called before the worker is started. This module takes as long to load as
 * the rest of Kait, because of the SDK's libraries.
 */
export async function joinTemporal(
  { connection: address, namespace, ui }: TemporalTarget,
  deps: ForWorker & { log: Logger; signal: AbortSignal; connected: (access: TemporalAccess) => void },
  cleanup: Cleanup,
): Promise<ComposedWorker> {
  const { database, log, signal } = deps;
  installRuntime(log);
  const connect = () => NativeConnection.connect(address);
  const connection = await untilReachable('Temporal', 'TEMPORAL_ADDRESS', connect, { log, signal });
  cleanup.add(() => connection.close());
  const claimCheck = createClaimCheck({ payloads: createPayloadStore(database) });
  deps.connected(sharedTemporalAccess(connection, namespace, ui, [claimCheck]));
  const worker = await composeWorker({ ...deps, connection, namespace });
  cleanup.add(() => worker.stop());
  return worker;
}
