import { WorkflowNotFoundError } from '@temporalio/client';

/** Whether Temporal says that a run has ended, or that there is none. A namespace that is not found says nothing about the run. */
export function isGone(error: unknown): boolean {
  return error instanceof WorkflowNotFoundError && !/namespace/i.test(error.message);
}
