import { z } from 'zod';
import { checkAction, messageShape, outputOfAction } from '../actions.ts';
import { afterBranch, withStep, type Environment } from '../environment.ts';
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

function isAwaited({ step }: Pick<StepCheck, 'step'>): boolean {
  return step.await !== undefined || step.onExhausted !== undefined;
}

/** The steps of `onExhausted` see what became of the deliveries. */
function ended({ step: { id }, environment }: StepCheck): Environment {
  return typeof id === 'string'
    ? withStep(environment, id, { certainty: 'always', output: awaitedShape })
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
  outputOf: (step) => (isAwaited(step) ? awaitedShape : outputOfAction('emit', step)),
  timesOut: ({ onTimeout }) => onTimeout !== undefined && onTimeout !== 'fail' && !listEndsTheRun(onTimeout),
};
