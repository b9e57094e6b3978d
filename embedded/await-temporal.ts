import { setTimeout as pause } from 'node:timers/promises';
import { Connection, isGrpcServiceError } from '@temporalio/client';

/** One question's time limit. */
const attemptMs = 1_000;

/**
 * Resolves when the server at `address` answers questions about `namespace`; its port is open earlier than that. Asks
 * until `signal` aborts, and resolves then as well, a moment later.
 */
export async function awaitTemporal(address: string, namespace: string, signal: AbortSignal): Promise<void> {
  const connection = Connection.lazy({
    address,
    channelArgs: {
      // By default gRPC pauses for a second after a refused connection, and for longer each time.
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 100,
      'grpc.use_local_subchannel_pool': 1,
    },
  });
  const describe = () => connection.workflowService.describeNamespace({ namespace });
  try {
    while (!signal.aborted) {
      try {
        await connection.withDeadline(Date.now() + attemptMs, describe);
        return;
      } catch (error) {
        if (!isGrpcServiceError(error)) throw error;
        await pause(50); // The server is not up yet, or the namespace is not there yet.
      }
    }
  } finally {
    await connection.close();
  }
}
