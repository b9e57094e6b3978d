import type { WorkflowClient } from '@temporalio/client';
import { errorText } from '../../describe-error.ts';
import type { CanonicalEvent } from '../../language/event.ts';
import { withDeadline } from '../../storage/with-deadline.ts';
import { isGone } from '../runs/is-gone.ts';

/** `gone`: the run has ended, or never existed. */
export type SignalOutcome = { kind: 'sent' } | { kind: 'gone' } | { kind: 'failed'; reason: string };

/** Kait enforces it itself: NativeConnection keeps retrying past any deadline. */
const deadlineMs = 10_000;

/** Sends an event to a run by the signal `event`. */
export async function sendEvent(
  client: Pick<WorkflowClient, 'getHandle'>,
  workflowId: string,
  event: CanonicalEvent,
): Promise<SignalOutcome> {
  try {
    await withDeadline(client.getHandle(workflowId).signal('event', event), deadlineMs, 'Temporal');
    return { kind: 'sent' };
  } catch (error) {
    return isGone(error) ? { kind: 'gone' } : { kind: 'failed', reason: errorText(error) };
  }
}
