import { cancellationSignal } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';

/**
 * Aborted when this worker stops and its grace time is over. Unlike the SDK's own signal, not when the activity is canceled:
 * a request under way then goes on, so that its outcome is known. Call it within an activity.
 */
export function workerStopping(): AbortSignal {
  const stopping = new AbortController();
  const canceled = cancellationSignal();
  const look = () => {
    const { reason } = canceled as { reason: unknown };
    if (reason instanceof CancelledFailure && reason.message === 'WORKER_SHUTDOWN') stopping.abort();
  };
  if (canceled.aborted) look();
  else canceled.addEventListener('abort', look, { once: true });
  return stopping.signal;
}
