import { isObject, type JsonObject } from '../json.ts';
import { actionSchemas, checkAction, type Action } from './actions.ts';
import type { CheckContext } from './context.ts';
import { checkForm } from './form.ts';
import { checkLimits } from './limits.ts';
import type { Path } from './report.ts';

const actions = Object.keys(actionSchemas) as Action[]; // The keys of a constant.

/** Checks what takes a step back: an action of its own, which sees the step's output. */
export function checkUndo(step: JsonObject, stepPath: Path, context: CheckContext): void {
  const { undo } = step;
  if (undo === undefined || !actions.some((action) => step[action] !== undefined)) return; // The form's check has said so.
  const path = [...stepPath, 'undo'];
  if (!isObject(undo)) {
    context.report.add('KAIT1103', { path }, '"undo" must be an object, such as {"call": "orders.cancel"}.');
    return;
  }
  const found = actions.filter((action) => undo[action] !== undefined);
  const [action, second] = found;
  if (action === undefined || second !== undefined) {
    const message =
      action === undefined
        ? 'This "undo" does nothing.'
        : `An "undo" does one thing, and this one has ${found.join(' and ')}.`;
    context.report.add('KAIT1114', { path }, message, 'Give it one of: call, http, emit.');
    return;
  }
  checkForm(actionSchemas[action], undo, path, 'this undo', context.report);
  checkLimits(undo, path, context);
  checkAction(action, { ...context, step: undo, path });
}
