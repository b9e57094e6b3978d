import { activityFailure } from './failure-types.ts';

/** The workflow for which an activity works, as Temporal says. Throws `RunRefused` if there is none: such an activity is about its own run only. */
export function ownWorkflow(workflowId: string | null): string {
  if (workflowId !== null) return workflowId;
  throw activityFailure('RunRefused', 'Kait did not start an activity that belongs to no run');
}
