import { Client, Connection } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import type { NativeConnection } from '@temporalio/worker';
import { withDeadline } from '../../storage/with-deadline.ts';
import { withOwnMemos } from './own-memos.ts';
import { type TemporalPlace, temporalProblem } from './temporal-problem.ts';
import { type WebUi, webUiAt } from './web-ui.ts';

/** The connection to Temporal that the server's parts share. */
export interface TemporalAccess {
  /** Resolves when the rest can be used, and rejects if that will never be. */
  ready: Promise<void>;
  client: Client;
  connection: Pick<Connection, 'operatorService' | 'workflowService'>;
  namespace: string;
  /** `host:port`. Null if it is not known yet. */
  address: string | null;
  /** Whether a worker shares the connection, so that it can get a run's first task directly. */
  eager: boolean;
  /** Null if there is none, or if its address is not known. */
  ui: WebUi | null;
  ping(timeoutMs: number): Promise<void>;
  /** Why runs cannot be started there, as a sentence without a full stop. Null if they can. */
  problem(timeoutMs: number): Promise<string | null>;
}

/** By default gRPC pauses up to two minutes between connects, and runs would wait that long after Temporal is back. */
const channelArgs = { 'grpc.initial_reconnect_backoff_ms': 500, 'grpc.max_reconnect_backoff_ms': 5_000 };

/**
 * For a server without a worker. Uses grpc-js, which keeps deadlines and connects on first use. The SDK's retries are off: the
 * dispatcher and `untilReachable` have their own, and a retry after `close` would end the process with an uncaught error.
 */
export function lazyTemporalAccess(
  options: Parameters<typeof Connection.lazy>[0],
  place: Omit<TemporalPlace, 'address'>,
  uiUrl: string | null,
  payloadCodecs: PayloadCodec[] = [],
): TemporalAccess & { close(): Promise<void> } {
  const connection = Connection.lazy({ ...options, interceptors: [], channelArgs });
  const ui = uiUrl === null ? null : webUiAt(uiUrl);
  const client = clientOver(connection, place.namespace, payloadCodecs);
  const at = { ...place, address: options?.address ?? defaultAddress };
  return { ...accessOver(client, connection, at, { ui, eager: false }), close: () => connection.close() };
}

/** For everything in one process. Shares the worker's connection. */
export function sharedTemporalAccess(
  connection: NativeConnection,
  place: TemporalPlace,
  ui: WebUi | null,
  payloadCodecs: PayloadCodec[] = [],
): TemporalAccess {
  return accessOver(clientOver(connection, place.namespace, payloadCodecs), connection, place, { ui, eager: true });
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
  place: TemporalPlace,
  { ui, eager }: Pick<TemporalAccess, 'ui' | 'eager'>,
): TemporalAccess {
  const { namespace, address } = place;
  const { workflowService } = connection;
  return {
    ready: Promise.resolve(),
    client,
    connection,
    namespace,
    address,
    eager,
    ui,
    async ping(timeoutMs) {
      await withDeadline(workflowService.getSystemInfo({}), timeoutMs, 'Temporal');
    },
    async problem(timeoutMs) {
      try {
        await withDeadline(workflowService.getSystemInfo({}), timeoutMs, 'Temporal');
      } catch (error) {
        return temporalProblem(error, place);
      }
      try {
        await withDeadline(workflowService.describeNamespace({ namespace }), timeoutMs, 'Temporal');
      } catch (error) {
        // Not everybody who may start runs may look at the namespace.
        return isMissing(error) ? temporalProblem(error, place) : null;
      }
      return null;
    },
  };
}

/** What the SDK connects to if nothing is said. */
const defaultAddress = '127.0.0.1:7233';

const notFound = 5;

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === notFound;
}
