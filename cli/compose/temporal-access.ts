import { Client, Connection } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { withDeadline } from '../../storage/with-deadline.ts';
import { withOwnMemos } from './own-memos.ts';
import { type WebUi, webUiAt } from './web-ui.ts';

/** The connection to Temporal that the server's parts share. */
export interface TemporalAccess {
  /** Resolves when the rest can be used, and rejects if that will never be. */
  ready: Promise<void>;
  client: Client;
  connection: Pick<Connection, 'operatorService' | 'workflowService'>;
  namespace: string;
  /** Whether a worker shares the connection, so that it can get a run's first task directly. */
  eager: boolean;
  /** Null if there is none, or if its address is not known. */
  ui: WebUi | null;
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
  payloadCodecs: PayloadCodec[] = [],
): TemporalAccess & { close(): Promise<void> } {
  const connection = Connection.lazy({ ...options, interceptors: [], channelArgs });
  const ui = uiUrl === null ? null : webUiAt(uiUrl);
  const client = clientOver(connection, namespace, payloadCodecs);
  return { ...accessOver(client, connection, ui, false), close: () => connection.close() };
}

/** For everything in one process. Shares the worker's connection. */
export function sharedTemporalAccess(
  connection: NativeConnection,
  namespace: string,
  ui: WebUi | null,
  payloadCodecs: PayloadCodec[] = [],
): TemporalAccess {
  return accessOver(clientOver(connection, namespace, payloadCodecs), connection, ui, true);
}

/** A client that reads no values of others, and large ones of Kait's own by `payloadCodecs`. */
export function clientOver(
  connection: Connection | NativeConnection,
  namespace: string,
  payloadCodecs: PayloadCodec[],
): Client {
  return new Client({ connection: withOwnMemos(connection), namespace, dataConverter: { payloadCodecs } });
}

function accessOver(
  client: Client,
  connection: Connection | NativeConnection,
  ui: WebUi | null,
  eager: boolean,
): TemporalAccess {
  return {
    ready: Promise.resolve(),
    client,
    connection,
    namespace: client.options.namespace,
    eager,
    ui,
    async ping(timeoutMs) {
      await withDeadline(connection.workflowService.getSystemInfo({}), timeoutMs, 'Temporal');
    },
  };
}

/** The path of a run's page in the Web UI. */
export function runPath(namespace: string, workflowId: string): string {
  return `/namespaces/${encodeURIComponent(namespace)}/workflows/${encodeURIComponent(workflowId)}`;
}
