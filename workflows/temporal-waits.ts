import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { EarlierEvents, EventClaim } from '../language/earlier-events.ts';
import type { RunInput, UncheckedContext } from '../language/definition.ts';
import type { JsonObject } from '../language/json.ts';
import { runLimits } from '../language/verbs.ts';
import type { Effects, StepIdentity, WaitRequest } from './effects.ts';
import { commandBytes, type TaskRoom } from './admission.ts';
import type { RunIdentity } from './temporal-children.ts';

/** Bytes of the events of a first look, so that it fits into a local activity's result with what else it says. */
const firstLookBytes = runLimits.localResultBytes - 2_000;
/** Bytes of those of a further look. One event always fits. */
const furtherLookBytes = 500_000;

/**
 * A run's `waitFor` steps as activities: see `activities/waits.ts`. They are tried until the database answers. Most steps find nothing in
 * the inbox, so the first look is a local activity.
 */
export function temporalWaits(
  { event }: Pick<RunInput, 'event'>,
  { workflowId, authority }: RunIdentity,
  room: TaskRoom,
): Pick<Effects, 'openWait' | 'claimEvent' | 'closeWait'> {
  const contextOf = ({ key }: StepIdentity): UncheckedContext => {
    return { source: event.source, eventId: event.id, idempotencyKey: `${workflowId}/${key}`, authority };
  };

  async function locally<Answer>(act: () => Promise<Answer>): Promise<Answer> {
    await room.take(runLimits.localResultBytes);
    return act();
  }

  return {
    async openWait({ looks, ...request }) {
      const context = contextOf(request);
      if (looks === 0) {
        return locally(() => localActivities(request)['waits.open'](inputOf(request, firstLookBytes), context));
      }
      await room.take(commandBytes);
      return ordinaryActivities(request, looks)['waits.open'](inputOf(request, furtherLookBytes), context);
    },
    claimEvent: (step, { source, id: eventId }) =>
      locally(() => localActivities(step)['waits.claim']({ step: step.key, source, eventId }, contextOf(step))),
    async closeWait(step) {
      await locally(() => localActivities(step)['waits.close']({ step: step.key }, contextOf(step)));
    },
  };

  function inputOf(request: Omit<WaitRequest, 'looks'>, mostBytes: number): JsonObject {
    const { key, types, sources, match, lookBackMs, untilMs, after } = request;
    return { step: key, types, sources, match, lookBackMs, untilMs, live: event.live, after, mostBytes };
  }
}

type WaitActivities = {
  'waits.open'(input: JsonObject, context: UncheckedContext): Promise<EarlierEvents>;
  'waits.claim'(input: JsonObject, context: UncheckedContext): Promise<EventClaim>;
  'waits.close'(input: JsonObject, context: UncheckedContext): Promise<null>;
} & Record<string, never>;

const retry = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' } as const;

function localActivities({ summary }: StepIdentity): WaitActivities {
  return proxyLocalActivities<WaitActivities>({ summary, startToCloseTimeout: '30s', retry });
}

function ordinaryActivities({ key, summary }: StepIdentity, looks: number): WaitActivities {
  const activityId = `${key}/kait:look-${looks}`;
  return proxyActivities<WaitActivities>({ activityId, summary, startToCloseTimeout: '30s', retry });
}
