import { z } from 'zod';
import { runLimits } from '../../verbs.ts';
import { afterBranch, afterLoop, withLocals } from '../environment.ts';
import { checkCondition } from '../logic.ts';
import { guarded, logic, stepList } from '../schemas.ts';
import { numberShape, objectShape, type VerbCheck } from './verb-check.ts';

export const whileCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    while: logic.meta({
      description: 'Tested before each iteration. It sees index and the outputs of the iteration before.',
      allOf: [{ $ref: '#/definitions/logic' }],
    }),
    max: z
      .int()
      .min(1)
      .max(runLimits.iterations)
      .meta({ description: 'The step fails if the condition is still true after this many iterations.' }),
    do: stepList.meta({ description: 'The steps of each iteration. They see index.' }),
  }),
  /** The condition sees the outputs of the iteration before, so at first none. */
  check({ step, path, environment, checkSteps, idsIn, ...context }) {
    const inside = withLocals(environment, { index: numberShape });
    const after = checkSteps(step.do, [...path, 'do'], inside);
    const seen = afterBranch(inside, after, 'sometimes');
    if (step.while !== undefined) checkCondition(step.while, [...path, 'while'], { ...context, environment: seen });
    return afterLoop(environment, after, Array.isArray(step.do) ? idsIn(step.do) : []);
  },
  outputOf: () => objectShape({ iterations: numberShape }),
};
