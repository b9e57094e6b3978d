import { z } from 'zod';
import { afterOneOf } from '../environment.ts';
import { checkCondition } from '../logic.ts';
import { whereItHolds } from '../narrow.ts';
import { logic, stepCommon, stepList } from '../schemas.ts';
import { nullOutput, type VerbCheck } from './verb-check.ts';

export const ifCheck: VerbCheck = {
  schema: z.strictObject({
    ...stepCommon,
    if: logic.meta({ description: 'Which of the branches runs.', allOf: [{ $ref: '#/definitions/logic' }] }),
    then: stepList.meta({ description: 'Runs where the condition holds.' }),
    else: stepList.optional().meta({ description: 'Runs where it does not.' }),
  }),
  check(step) {
    const { path, environment, checkSteps } = step;
    if (step.step.if !== undefined) checkCondition(step.step.if, [...path, 'if'], step);
    const afterThen = checkSteps(step.step.then, [...path, 'then'], whereItHolds(environment, step.step.if));
    const afterElse = checkSteps(step.step.else, [...path, 'else'], environment);
    return afterOneOf(environment, [afterThen, afterElse]);
  },
  outputOf: () => nullOutput,
};
