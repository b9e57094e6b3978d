import { proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { EarlierEvents, EventClaim } from '../language/earlier-events.ts';
import type { RunInput, UncheckedContext } from '../language/definition.ts';
import type { JsonObject } from '../language/json.ts';
import { runLimits } from '../language/verbs.ts';
import { jsonBytes } from '../language/well-formed.ts';
import type { Effects, StepIdentity, WaitRequest } from './effects.ts';
import { commandBytes, type TaskRoom } from './admission.ts';
import { contextOf, patiently, type RunIdentity } from './temporal-children.ts';

/** Bytes of the events of a first look, so that it fits into a local activity's result with what else it says. */
const firstLookBytes = runLimits.localResultBytes - 2_000;
/** Bytes of those of a further look. One event always fits. */
const furtherLookBytes = 500_000;

/**
 * A run's `waitFor` steps as activities: see `activities/waits.ts`. They are tried until the database answers. Most steps find nothing in
 * the inbox, so the first look is a local activity.
 */
export function temporalWaits(
  input: Pick<RunInput, 'event'>,
  identity: RunIdentity,
  room: TaskRoom,
): Pick<Effects, 'openWait' | 'claimEvent' | 'closeWait'> {
  const locally = locallyIn(room);
  const contextFor = (step: StepIdentity) => contextOf(step, input, identity);

  return {
    async openWait({ looks, ...request }) {
      const context = contextFor(request);
      if (looks === 0) {
        return locally(() => localActivities(request)['waits.open'](inputOf(request, firstLookBytes), context));
      }
      await room.take(commandBytes);
      return ordinaryActivities(request, looks)['waits.open'](inputOf(request, furtherLookBytes), context);
    },
    claimEvent: (step, { source, id: eventId }) =>
      locally(() => localActivities(step)['waits.claim']({ step: step.key, source, eventId }, contextFor(step))),
    async closeWait(step) {
      await locally(() => localActivities(step)['waits.close']({ step: step.key }, contextFor(step)));
    },
  };

  function inputOf(request: Omit<WaitRequest, 'looks'>, mostBytes: number): JsonObject {
    const { key, types, sources, match, lookBackMs, untilMs, after } = request;
    return { step: key, types, sources, match, lookBackMs, untilMs, live: input.event.live, after, mostBytes };
  }
}

/** Runs a local activity of Kait's own once its result has room in the task. */
export function locallyIn(room: TaskRoom): <Answer>(act: () => Promise<Answer>) => Promise<Answer> {
  return async (act) => {
    await room.take(runLimits.localResultBytes);
    const answer = await act();
    room.giveBack(runLimits.localResultBytes - jsonBytes(answer));
    return answer;
  };
}

type WaitActivities = {
  'waits.open'(input: JsonObject, context: UncheckedContext): Promise<EarlierEvents>;
  'waits.claim'(input: JsonObject, context: UncheckedContext): Promise<EventClaim>;
  'waits.close'(input: JsonObject, context: UncheckedContext): Promise<null>;
} & Record<string, never>;

function localActivities({ summary }: StepIdentity): WaitActivities {
  return proxyLocalActivities<WaitActivities>({ summary, ...patiently });
}

function ordinaryActivities({ key, summary }: StepIdentity, looks: number): WaitActivities {
  const activityId = `${key}/kait:look-${looks}`;
  return proxyActivities<WaitActivities>({ activityId, summary, ...patiently });
}
