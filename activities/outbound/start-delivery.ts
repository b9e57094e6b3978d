import { ActivityExecutionAlreadyStartedError, type ActivityOptions } from '@temporalio/client';
import { withDeadline } from '../../storage/with-deadline.ts';
import type { StartableDelivery } from './delivery-starter.ts';
import { retryAfterMaxMs } from '../../http/retry-after.ts';
import { longestDeliveryMs, type RetrySchedule } from './retry-schedule.ts';

/** Time limit of one attempt. The request's own limit is shorter, so that Temporal's only ends attempts that died. */
const attemptTimeoutMs = 30_000;
/** Our own, since the SDK's native connection keeps retrying beyond its deadline. */
const startTimeoutMs = 10_000;

export interface StartDeliveryDeps {
  /** `client.activity`. */
  client: { start(activity: string, options: ActivityOptions): Promise<unknown> };
  /** One that only deliveries use: receivers that are slow or down must not hold up the runs' activities. */
  taskQueue: string;
  schedule: RetrySchedule;
}

/**
 * Hands a delivery to Temporal as a standalone activity, which outlives the run that emitted it. A second start of the same
 * delivery, running or ended, is refused by its id and counts as done. Rejects where Temporal does not answer.
 */
export function createStartDelivery(deps: StartDeliveryDeps): (delivery: StartableDelivery) => Promise<void> {
  return async (delivery) => {
    const options = deliveryOptions(delivery, deps);
    try {
      await withDeadline(deps.client.start('outbound.deliver', options), startTimeoutMs, 'Temporal');
    } catch (error) {
      if (!(error instanceof ActivityExecutionAlreadyStartedError)) throw error;
    }
  };
}

/** How long after its start a delivery has certainly ended in Temporal, in ms. */
export function deliveryTimeLimitMs(schedule: RetrySchedule): number {
  return longestDeliveryMs(schedule, { attemptTimeoutMs, retryAfterMaxMs });
}

function deliveryOptions(
  { id, endpoint, url, type }: StartableDelivery,
  { taskQueue, schedule }: StartDeliveryDeps,
): ActivityOptions {
  return {
    id: `delivery/${id}`,
    idReusePolicy: 'REJECT_DUPLICATE',
    taskQueue,
    args: [{ deliveryId: id }],
    startToCloseTimeout: attemptTimeoutMs,
    scheduleToCloseTimeout: deliveryTimeLimitMs(schedule),
    // The activity names the pause itself; these pauses are for attempts that died with their worker or database.
    retry: {
      maximumAttempts: schedule.length,
      initialInterval: '10 seconds',
      backoffCoefficient: 2,
      maximumInterval: '1 hour',
    },
    ...firstPause(schedule),
    // One endpoint with a thousand deliveries due shares the queue fairly with one that has a single one.
    priority: { fairnessKey: endpoint },
    summary: `${type} to ${new URL(url).host}`.slice(0, 200),
  };
}

function firstPause([firstPauseMs = 0]: RetrySchedule): Pick<ActivityOptions, 'startDelay'> {
  return firstPauseMs > 0 ? { startDelay: firstPauseMs } : {};
}
