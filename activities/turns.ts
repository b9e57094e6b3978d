import { z } from 'zod';
import { turnEnds } from '../language/turns.ts';
import type { Database } from '../storage/database.ts';
import { endTurn } from '../storage/turns/end-turn.ts';
import { askDatabase } from './ask-database.ts';
import { ownWorkflow } from './own-workflow.ts';
import { parseShape } from './parse-input.ts';

const endInput = z.strictObject({ how: z.enum(turnEnds) });

/** The activity with which a run gives its turn back. A run can do that for itself only. */
export function createTurnActivities(deps: {
  database: Database;
  /** The workflow that asks for the activity, as Temporal says; null if none does. */
  workflowId: () => string | null;
}) {
  return {
    'turns.end': async (input: unknown): Promise<null> => {
      const { how } = parseShape('turns.end', endInput, input);
      const workflowId = ownWorkflow(deps.workflowId());
      await askDatabase(() => endTurn(deps.database, { workflowId, how }));
      return null;
    },
  };
}
