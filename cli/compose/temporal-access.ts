import { Client, Connection } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { withDeadline } from '../../storage/with-deadline.ts';

/** The connection to Temporal that the server's parts share. */
export interface TemporalAccess {
  client: Client;
  connection: Pick<Connection, 'operatorService' | 'workflowService'>;
  namespace: string;
  /** Whether a worker shares the connection, so that it can get a run's first task directly. */
  eager: boolean;
  /** The Web UI's URL, if known. */
  uiUrl: string | null;
  ping(timeoutMs: number): Promise<void>;
}

/** By default gRPC pauses up to two minutes between connects, and runs would wait that long after Temporal is back. */
const channelArgs = { 'grpc.initial_reconnect_backoff_ms': 500, 'grpc.max_reconnect_backoff_ms': 5_000 };

/**
 * For a server without a worker. Uses grpc-js, which keeps deadlines and connects on first use. The SDK's retries are off: the
 * dispatcher and `untilReachable` have their own, and a retry after `close` would end the process with an uncaught error.
 */
export function lazyTemporalAccess(
  options: Parameters<typeof Connection.lazy>[0],
  namespace: string,
  uiUrl: string | null,
): TemporalAccess & { close(): Promise<void> } {
  const connection = Connection.lazy({ ...options, interceptors: [], channelArgs });
  return { ...accessOver(connection, namespace, uiUrl, false), close: () => connection.close() };
}

/** For everything in one process. Shares the worker's connection. */
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

/** The URL of a run's page in the Web UI. */
export function runUrl(uiUrl: string, namespace: string, workflowId: string): string {
  return `${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}`;
}
