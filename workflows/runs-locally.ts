import type { CallRequest } from './effects.ts';

/**
 * Of a local activity, Temporal does not end the retries at the deadline, and retries a time-out in any case. A step that has such a
 * limit makes it an ordinary one.
 */
export function runsLocally({ activity, deadlineMs, retry }: CallRequest, localActivities: readonly string[]): boolean {
  return localActivities.includes(activity) && deadlineMs === null && !retry.except.includes('TimedOut');
}
