import { Client, Connection } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { withDeadline } from '../../storage/with-deadline.ts';

/** A way to Temporal, for the server's parts. */
export interface TemporalAccess {
  client: Client;
  connection: Pick<Connection, 'operatorService' | 'workflowService'>;
  namespace: string;
  /** Whether a worker shares the connection, so that first tasks may be handed to it directly. */
  eager: boolean;
  /** Where the Web UI is, as far as it is known. */
  uiUrl: string | null;
  ping(timeoutMs: number): Promise<void>;
}

/** gRPC's own longest pause between two connects is two minutes, for which runs would wait although Temporal is back. */
const channelArgs = { 'grpc.initial_reconnect_backoff_ms': 500, 'grpc.max_reconnect_backoff_ms': 5_000 };

/**
 * For a server without a worker: grpc-js, which keeps to deadlines. Connects by itself when it is first used. Without the SDK's
 * retries: the dispatcher and `untilReachable` have their own, and a retry that comes due after `close` would end the
 * process with an uncaught error.
 */
export function lazyTemporalAccess(
  options: Parameters<typeof Connection.lazy>[0],
  namespace: string,
  uiUrl: string | null,
): TemporalAccess & { close(): Promise<void> } {
  const connection = Connection.lazy({ ...options, interceptors: [], channelArgs });
  return { ...accessOver(connection, namespace, uiUrl, false), close: () => connection.close() };
}

/** For the all-in-one process: the worker's own connection. */
export function sharedTemporalAccess(
  connection: NativeConnection,
  namespace: string,
  uiUrl: string | null,
): TemporalAccess {
  return accessOver(connection, namespace, uiUrl, true);
}

function accessOver(
  connection: Connection | NativeConnection,
  namespace: string,
  uiUrl: string | null,
  eager: boolean,
): TemporalAccess {
  return {
    client: new Client({ connection, namespace }),
    connection,
    namespace,
    eager,
    uiUrl,
    async ping(timeoutMs) {
      await withDeadline(connection.workflowService.getSystemInfo({}), timeoutMs, 'Temporal');
    },
  };
}

/** The run's page in the Web UI. */
export function runUrl(uiUrl: string, namespace: string, workflowId: string): string {
  return `${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;
}
