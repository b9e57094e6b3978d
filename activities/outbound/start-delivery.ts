import type { ActivityOptions } from '@temporalio/client';
import { taskQueuesOf } from '../../storage/installation.ts';
import { withDeadline } from '../../storage/with-deadline.ts';
import { shortSummary } from '../../storage/short-summary.ts';
import { startFailureOf } from '../../storage/start-failure.ts';
import { longestAttemptMs } from './attempt-outcome.ts';
import type { StartableDelivery, StartDelivery } from './delivery-starter.ts';

/** Our own, since the SDK's native connection keeps retrying beyond its deadline. */
const startTimeoutMs = 10_000;

export interface StartDeliveryDeps {
  /** `client.activity`. */
  client: { start(activity: string, options: ActivityOptions): Promise<unknown> };
  /** Its id. */
  installation: string;
}

/**
 * Hands a delivery to Temporal as a standalone activity, which outlives the run that emitted it. Temporal refuses a second start
 * of a delivery that is running or was delivered, by its id: it is a duplicate. One that Temporal or an operator ended is started
 * again; it goes on where its row says. So is one that somebody has sent again, even if it was delivered: its activity does nothing once its row
 * has ended. Never rejects.
 */
export function createStartDelivery(deps: StartDeliveryDeps): StartDelivery {
  return async (delivery) => {
    // The URL itself stays out of the reason, since it may hold a secret.
    if (!URL.canParse(delivery.url)) return { kind: 'refused', reason: "The endpoint's URL is invalid", certain: true };
    try {
      const options = deliveryOptions(delivery, deps);
      await withDeadline(deps.client.start('outbound.deliver', options), startTimeoutMs, 'Temporal');
      return { kind: 'started' };
    } catch (error) {
      return startFailureOf(error);
    }
  };
}

function deliveryOptions(
  { id, endpoint, url, type, replayed }: StartableDelivery,
  { installation }: StartDeliveryDeps,
): ActivityOptions {
  return {
    id: `${installation}/delivery/${id}`,
    idReusePolicy: replayed ? 'ALLOW_DUPLICATE' : 'ALLOW_DUPLICATE_FAILED_ONLY',
    taskQueue: taskQueuesOf(installation).deliveries,
    args: [{ deliveryId: id }],
    startToCloseTimeout: longestAttemptMs, // The request's own limit is shorter, so that this one only ends attempts that died.
    // The activity counts the requests and sets the pauses between them. These pauses are for attempts that died with their worker
    // or database. They have no limit, since such an attempt sent nothing.
    retry: { initialInterval: '10 seconds', backoffCoefficient: 2, maximumInterval: '5 minutes' },
    // An endpoint with a thousand deliveries due shares the queue fairly with one that has a single delivery.
    priority: { fairnessKey: endpoint },
    summary: shortSummary(`${type} to ${new URL(url).host}`),
  };
}
