import { activityInfo, cancellationSignal, type Info } from '@temporalio/activity';
import type { CurrentAttempt } from '../activities/http-request.ts';
import { policyPauseMs } from '../activities/retry-pause.ts';
import { attemptGraceMs } from '../language/retry.ts';
import { workerStopping } from './worker-stopping.ts';

/** The attempt of the activity that calls this, as Temporal describes it. */
export function currentAttempt(): CurrentAttempt {
  const info = activityInfo();
  return {
    timeoutMs: stepTimeoutMs(info),
    pauseMs: policyPauseMs(info),
    canceled: cancellationSignal(),
    stopping: workerStopping(),
  };
}

/**
 * The step's time limit, which ends before Temporal's own. A deadline that is not longer has replaced that, and is Temporal's to
 * enforce: an attempt that ended before it would be followed by another.
 */
function stepTimeoutMs({ startToCloseTimeoutMs, scheduleToCloseTimeoutMs }: Info): number {
  const isDeadline = scheduleToCloseTimeoutMs > 0 && scheduleToCloseTimeoutMs <= startToCloseTimeoutMs;
  if (isDeadline) return startToCloseTimeoutMs;
  return Math.max(startToCloseTimeoutMs - attemptGraceMs, startToCloseTimeoutMs / 2);
}
