import type { ActivityOptions } from '@temporalio/client';
import type { CanonicalEvent } from '../language/event.ts';
import { taskQueuesOf } from '../storage/installation.ts';
import { withDeadline } from '../storage/with-deadline.ts';
import type { DispatchOutcome } from './dispatch-event.ts';
import { startFailureOf } from '../storage/start-failure.ts';
import { idRefusal } from './start-limits.ts';
import { shortSummary } from '../storage/short-summary.ts';

export interface StartFetchDeps {
  /** `client.activity`. */
  client: { start(activity: string, options: ActivityOptions): Promise<unknown> };
  /** Its id. Fetches use the queue of the deliveries, because a slow gateway must not hold up the runs' activities. */
  installation: string;
}

/** Enforced here, because the SDK's native connection keeps retrying beyond its own deadline. */
const startDeadlineMs = 10_000;

/**
 * Hands a notice to Temporal as a standalone activity, which asks the gateway what the notice is about: see `gateway.fetch`.
 * Starting one that is
 * running is a duplicate by its id and counts as done. One that has ended is asked again, as after a replay: an answer is stored once,
 * however often it comes.
 */
export function createStartFetch(deps: StartFetchDeps): (notice: CanonicalEvent) => Promise<DispatchOutcome> {
  return async (notice) => {
    const options = optionsOf(notice, deps);
    const refusal = idRefusal(options.id);
    if (refusal !== null) return { kind: 'refused', runs: [], reason: refusal, certain: true };
    try {
      await withDeadline(deps.client.start('gateway.fetch', options), startDeadlineMs, 'Temporal');
    } catch (error) {
      const failure = startFailureOf(error);
      if (failure.kind === 'refused') return { ...failure, runs: [] };
      if (failure.kind !== 'duplicate') {
        return {
          kind: 'unstarted',
          runs: [],
          reason: failure.reason,
          temporalSeemsDown: failure.kind === 'unavailable',
        };
      }
    }
    return { kind: 'done', runs: [], duplicates: 0, fetching: true };
  };
}

/** There is no time limit, because the activity itself decides when to give up, and records it. */
function optionsOf(notice: CanonicalEvent, { installation }: StartFetchDeps): ActivityOptions {
  const { source, id, gateway } = notice;
  return {
    id: `${installation}/fetch/${source}/${id}`,
    idReusePolicy: 'ALLOW_DUPLICATE',
    taskQueue: taskQueuesOf(installation).deliveries,
    args: [{ source, eventId: id }],
    startToCloseTimeout: '30 seconds',
    retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '10 minutes' },
    // A source that is flooded with notices must not crowd out endpoints and other sources.
    priority: { fairnessKey: `fetch/${source}`.slice(0, 64) },
    summary: shortSummary(`Ask ${gateway} about a notice`),
  };
}
