import { z } from 'zod';
import { checkAction, messageShape, outputOfAction } from '../actions.ts';
import { afterBranch, withStep, type Environment } from '../environment.ts';
import { isObject, type JsonObject } from '../../json.ts';
import type { JsonShape } from '../json-shape.ts';
import { awaitFields, emitFields, guarded, undo } from '../schemas.ts';
import { listEndsTheRun } from '../step-lists.ts';
import { checkReaction, objectShape, type StepCheck, type VerbCheck } from './verb-check.ts';

const failedShape = objectShape({
  endpoint: { type: 'string' },
  state: { type: 'string' },
  status: { type: ['integer', 'null'] },
});
const awaitedShape: JsonShape = {
  ...messageShape,
  properties: {
    ...messageShape.properties,
    delivered: { type: 'integer' },
    failed: { type: 'array', items: failedShape },
  },
};

/** `by` is null, and `ack` too, if all deliveries have failed or there are none. */
const answeredShape: JsonShape = {
  ...awaitedShape,
  properties: { ...awaitedShape.properties, ack: {}, by: { type: ['string', 'null'] } },
};

function awaitedShapeOf({ await: awaited }: JsonObject): JsonShape {
  return isObject(awaited) && awaited.ack !== undefined ? answeredShape : awaitedShape;
}

function isAwaited({ step }: Pick<StepCheck, 'step'>): boolean {
  return step.await !== undefined || step.onExhausted !== undefined;
}

function checkAwait({ step, path, report }: StepCheck): void {
  const { await: awaited } = step;
  const place = { path: [...path, 'await'] };
  const hint = 'Use {"ack": "24h"} for an answer, or {"delivered": "2d"} for the deliveries.';
  if (!isObject(awaited)) return;
  const said = ['ack', 'delivered'].filter((each) => awaited[each] !== undefined);
  if (said.length === 1) return;
  const message =
    said.length === 0
      ? 'It is not said what to wait for.'
      : 'A step waits for an answer or for its deliveries, not for both.';
  report.add('KAIT1135', place, message, hint);
}

/** The steps of `onExhausted` see what became of the deliveries. */
function ended({ step, environment }: StepCheck): Environment {
  return typeof step.id === 'string'
    ? withStep(environment, step.id, { certainty: 'always', output: awaitedShapeOf(step) })
    : environment;
}

export const emitCheck: VerbCheck = {
  schema: z.strictObject({ ...guarded, ...emitFields, ...awaitFields, ...undo }),
  check(step) {
    checkAction('emit', step);
    const { onExhausted, onTimeout } = step.step;
    if (onTimeout !== undefined && !isAwaited(step)) {
      const place = { path: [...step.path, 'onTimeout'], on: 'key' } as const;
      step.report.add('KAIT1134', place, 'This step does not wait, so it is never late.', 'Add "await": "delivered".');
    }
    checkAwait(step);
    const seen = ended(step);
    const after = Array.isArray(onExhausted)
      ? afterBranch(
          step.environment,
          step.checkSteps(onExhausted, [...step.path, 'onExhausted'], seen),
          'sometimes',
          seen,
        )
      : step.environment;
    return checkReaction(step, 'onTimeout', after);
  },
  outputOf: (step) => (isAwaited(step) ? awaitedShapeOf(step.step) : outputOfAction('emit', step)),
  timesOut: ({ onTimeout }) => onTimeout !== undefined && onTimeout !== 'fail' && !listEndsTheRun(onTimeout),
};
