import { z } from 'zod';
import { listEndsTheRun } from '../step-lists.ts';
import { afterOneOf, atFork } from '../environment.ts';
import { checkCondition } from '../logic.ts';
import { whereItFails, whereItHolds } from '../narrow.ts';
import { logic, stepCommon, stepList } from '../schemas.ts';
import { nullOutput, type VerbCheck } from './verb-check.ts';

export const ifCheck: VerbCheck = {
  schema: z.strictObject({
    ...stepCommon,
    if: logic.meta({ description: 'The condition that selects the branch.', allOf: [{ $ref: '#/definitions/logic' }] }),
    then: stepList.meta({ description: 'Runs if the condition is true.' }),
    else: stepList.optional().meta({ description: 'Runs if the condition is false.' }),
  }),
  check(step) {
    const { path, environment, checkSteps, idsIn } = step;
    const { if: condition, then, else: otherwise } = step.step;
    if (condition !== undefined) checkCondition(condition, [...path, 'if'], step);
    const inBranch = atFork(environment, 'one only', [idsIn(then), idsIn(otherwise)]);
    const afterThen = checkSteps(then, [...path, 'then'], whereItHolds(inBranch(0), condition));
    const afterElse = checkSteps(otherwise, [...path, 'else'], whereItFails(inBranch(1), condition));
    return afterOneOf(environment, [
      { inside: afterThen, endsTheRun: listEndsTheRun(then) },
      { inside: afterElse, endsTheRun: listEndsTheRun(otherwise) },
    ]);
  },
  outputOf: () => nullOutput,
};
