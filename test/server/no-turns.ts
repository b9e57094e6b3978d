import type { TurnDeps } from '../../server/dispatch-event.ts';

/** For definitions without a `key` or `limits`. */
export const noTurns: TurnDeps = {
  take: ({ definition }) => Promise.reject(new Error(`${definition} takes turns`)),
  end: (workflowId) => Promise.reject(new Error(`${workflowId} has no turn`)),
};
