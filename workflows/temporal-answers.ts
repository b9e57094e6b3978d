import { proxyLocalActivities } from '@temporalio/workflow';
import type { RunInput, UncheckedContext } from '../language/definition.ts';
import type { JsonObject } from '../language/json.ts';
import type { TaskRoom } from './admission.ts';
import type { Effects } from './effects.ts';
import { contextOf, patiently, type RunIdentity } from './temporal-children.ts';
import { locallyIn } from './temporal-waits.ts';

type AnswerActivities = {
  'outbound.close'(input: JsonObject, context: UncheckedContext): Promise<null>;
} & Record<string, never>;

/** Ends an `emit` step's asking for answers, as an activity: see `activities/outbound-outcome.ts`. It is tried until the database answers. */
export function temporalAnswers(
  input: Pick<RunInput, 'event' | 'rescue'>,
  identity: RunIdentity,
  room: TaskRoom,
): Pick<Effects, 'closeAnswers'> {
  const locally = locallyIn(room);
  const keys = input.rescue?.keys ?? identity.workflowId; // Of the run that has emitted it.
  return {
    async closeAnswers({ key, summary }) {
      const context = { ...contextOf({ key }, input, identity), idempotencyKey: `${keys}/${key}` };
      const activities = proxyLocalActivities<AnswerActivities>({ summary, ...patiently });
      await locally(() => activities['outbound.close']({}, context));
    },
  };
}
