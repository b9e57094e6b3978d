import { proxyLocalActivities } from '@temporalio/workflow';
import type { RunInput, UncheckedContext } from '../language/definition.ts';
import type { JsonObject } from '../language/json.ts';
import type { Effects } from './effects.ts';
import { commandBytes, type TaskRoom } from './admission.ts';
import { contextOf, patiently, type RunIdentity } from './temporal-children.ts';

type TurnActivities = {
  'turns.end'(input: JsonObject, context: UncheckedContext): Promise<null>;
} & Record<string, never>;

/** A run's turn as an activity: see `activities/turns.ts`. It is tried until the database answers. */
export function temporalTurns(
  input: Pick<RunInput, 'event'>,
  identity: RunIdentity,
  room: TaskRoom,
): Pick<Effects, 'endTurn'> {
  return {
    async endTurn(how) {
      await room.take(commandBytes);
      const activities = proxyLocalActivities<TurnActivities>({ summary: 'gives its turn back', ...patiently });
      await activities['turns.end']({ how }, contextOf({ key: 'kait:turn' }, input, identity));
    },
  };
}
