import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import { isObject } from '../context.ts';
import { afterBranch, withLocals, type Environment } from '../environment.ts';
import { guarded, stepList } from '../schemas.ts';
import { errorType } from '../texts.ts';
import { errorShape, nullOutput, type StepCheck, type VerbCheck } from './verb-check.ts';

export const tryCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    try: stepList.meta({ description: 'Steps whose failure is handled.' }),
    catch: z
      .array(
        z.strictObject({
          errors: z.array(errorType).min(1).max(50).optional().meta({ description: 'Error types. Default: any.' }),
          do: stepList.meta({ description: 'Handles the failure. It sees error.' }),
        }),
      )
      .min(1)
      .max(50)
      .optional()
      .meta({ description: 'The first that names the type, or none, handles the failure.' }),
    finally: stepList.optional().meta({ description: 'Runs in any case, also when the run is canceled.' }),
  }),
  /** What was tried may have failed on the way, so none of it is certain afterwards, nor within the handlers. */
  check(step) {
    const { path, environment, checkSteps } = step;
    const tried = afterBranch(environment, checkSteps(step.step.try, [...path, 'try'], environment), 'sometimes');
    const handled = handlersOf(step).reduce<Environment>((after, handler, position) => {
      const inside = withLocals(tried, { error: errorShape });
      const handlerPath = [...path, 'catch', position, 'do'];
      return afterBranch(after, { ...checkSteps(handler.do, handlerPath, inside), locals: after.locals }, 'sometimes');
    }, tried);
    checkHandlers(step);
    const last = checkSteps(step.step.finally, [...path, 'finally'], handled);
    return afterBranch(handled, last, 'always');
  },
  outputOf: () => nullOutput,
};

function handlersOf({ step }: StepCheck): JsonObject[] {
  return Array.isArray(step.catch) ? step.catch.map((each) => (isObject(each) ? each : {})) : [];
}

function checkHandlers(step: StepCheck): void {
  const { path, report } = step;
  if (step.step.catch === undefined && step.step.finally === undefined) {
    const hint = 'Add "catch": [{"do": […]}] or "finally": […].';
    report.add('KAIT1122', { path: [...path, 'try'], on: 'key' }, 'Nothing handles what fails in this "try".', hint);
  }
  const handlers = handlersOf(step);
  const catchAll = handlers.findIndex(({ errors }) => errors === undefined);
  if (catchAll >= 0 && catchAll < handlers.length - 1) {
    const message = 'No failure gets here: the handler before takes every type.';
    report.add('KAIT1119', { path: [...path, 'catch', catchAll + 1] }, message, 'Put the one without "errors" last.');
  }
}
