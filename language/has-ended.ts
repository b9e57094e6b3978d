import type { StepStatus } from './definition.ts';

/** Whether a step has ended so that the next one may begin. */
export function hasEnded(status: StepStatus | undefined): boolean {
  return status === 'done' || status === 'skipped' || status === 'timedOut';
}

/** Whether a step has ever begun. */
export function hasRun(status: StepStatus = 'pending'): boolean {
  return status !== 'pending' && status !== 'skipped';
}
