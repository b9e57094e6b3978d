import type { RunRules } from '../../authoring/run-rules.ts';
import { emitActivity, httpActivity, limitsMs } from '../../workflows/actions.ts';
import { failurePolicyOf, undoesOnCancel } from '../../workflows/undo.ts';

/** The interpreter's own rules, with the activities that the tests name. */
export const runRules: RunRules = {
  localActivities: ['orders.create', 'orders.cancel', 'outbound.emit'],
  taskQueueOf: (activity) => (activity === 'points.add' ? 'points-python' : null),
  emitActivity,
  httpActivity,
  limitsMs,
  handsUp: (definition) => definition === 'undoable',
  failurePolicyOf,
  undoesOnCancel,
};
