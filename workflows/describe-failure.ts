import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  rootCause,
  TimeoutFailure,
} from '@temporalio/common';

/** What an effect of Temporal's was rejected with; see `Effects.describe`. */
export function describeFailure(error: unknown): { type: string; message: string } {
  return { type: typeOf(innermost(error)), message: rootCause(error) ?? String(error) };
}

/** Below what tells that an activity or a child failed, why it did. */
function innermost(error: unknown): unknown {
  if ((error instanceof ActivityFailure || error instanceof ChildWorkflowFailure) && error.cause !== undefined) {
    return innermost(error.cause);
  }
  return error;
}

function typeOf(error: unknown): string {
  if (error instanceof TimeoutFailure) return 'TimedOut';
  if (error instanceof ApplicationFailure) return error.type ?? 'Error';
  return error instanceof Error ? error.name : 'Error';
}
