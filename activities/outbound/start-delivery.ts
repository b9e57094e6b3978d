import type { ActivityOptions } from '@temporalio/client';
import { taskQueuesOf } from '../../storage/installation.ts';
import { withDeadline } from '../../storage/with-deadline.ts';
import { cutToBytes } from '../../language/well-formed.ts';
import { startFailureOf } from '../../storage/start-failure.ts';
import { DeliveryNotStartable, type StartableDelivery } from './delivery-starter.ts';
import { retryAfterMaxMs } from '../../http/retry-after.ts';
import { longestDeliveryMs, type RetrySchedule } from './attempt-outcome.ts';

/** Time limit of one attempt. The request's own limit is shorter, so that this one only ends attempts that died. */
const attemptTimeoutMs = 30_000;
/** Our own, since the SDK's native connection keeps retrying beyond its deadline. */
const startTimeoutMs = 10_000;

export interface StartDeliveryDeps {
  /** `client.activity`. */
  client: { start(activity: string, options: ActivityOptions): Promise<unknown> };
  /** Its id. */
  installation: string;
  schedule: RetrySchedule;
}

/**
 * Hands a delivery to Temporal as a standalone activity, which outlives the run that emitted it. Temporal refuses a second start
 * of a delivery that is running or was delivered, by its id; that counts as done. One that Temporal or an operator ended is started
 * again; it goes on where its row says. Rejects with {@link DeliveryNotStartable} if it can never start, and with another error if
 * Temporal does not answer.
 */
export function createStartDelivery(deps: StartDeliveryDeps): (delivery: StartableDelivery) => Promise<void> {
  return async (delivery) => {
    const options = deliveryOptions(delivery, deps);
    try {
      await withDeadline(deps.client.start('outbound.deliver', options), startTimeoutMs, 'Temporal');
    } catch (error) {
      const failure = startFailureOf(error);
      if (failure.kind === 'refused') throw new DeliveryNotStartable(failure.reason, { cause: error });
      if (failure.kind !== 'duplicate') throw error;
    }
  };
}

/** The time in ms after which Temporal ends a delivery. Only an outage takes longer; the recovery then starts it again. */
function deliveryTimeLimitMs(schedule: RetrySchedule): number {
  return longestDeliveryMs(schedule, { attemptTimeoutMs, retryAfterMaxMs });
}

function deliveryOptions(
  { id, endpoint, url, type }: StartableDelivery,
  { installation, schedule }: StartDeliveryDeps,
): ActivityOptions {
  return {
    id: `${installation}/delivery/${id}`,
    idReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    taskQueue: taskQueuesOf(installation).deliveries,
    args: [{ deliveryId: id }],
    startToCloseTimeout: attemptTimeoutMs,
    scheduleToCloseTimeout: deliveryTimeLimitMs(schedule),
    // The activity counts the requests and sets the pauses between them. These pauses are for attempts that died with their worker
    // or database. They have no limit, since such an attempt sent nothing.
    retry: { initialInterval: '10 seconds', backoffCoefficient: 2, maximumInterval: '5 minutes' },
    ...firstPause(schedule),
    // An endpoint with a thousand deliveries due shares the queue fairly with one that has a single delivery.
    priority: { fairnessKey: endpoint },
    summary: cutToBytes(`${type} to ${hostOf(url)}`, 400),
  };
}

/** The URL itself stays out of the message, since it may hold a secret. */
function hostOf(url: string): string {
  if (!URL.canParse(url)) throw new DeliveryNotStartable("The endpoint's URL is invalid");
  return new URL(url).host;
}

function firstPause([firstPauseMs = 0]: RetrySchedule): Pick<ActivityOptions, 'startDelay'> {
  return firstPauseMs > 0 ? { startDelay: firstPauseMs } : {};
}
