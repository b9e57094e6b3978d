import { z } from 'zod';
import { goesOnAfterDeadline, listEndsTheRun } from '../step-lists.ts';
import { groupLimit, guarded, stepList } from '../schemas.ts';
import { afterDeadline, insideGroup } from './group.ts';
import { nullOutput, type VerbCheck } from './verb-check.ts';

export const doCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    ...groupLimit,
    do: stepList.meta({ description: 'Steps that share one guard or one deadline.' }),
  }),
  check(step) {
    const { path, environment, checkSteps } = step;
    const done = checkSteps(step.step.do, [...path, 'do'], insideGroup(step));
    return afterDeadline(step.step, environment, done, {
      endsTheRun: listEndsTheRun(step.step.do),
      checkLate: (seen) => checkSteps(step.step.onTimeout, [...path, 'onTimeout'], seen),
    });
  },
  outputOf: () => nullOutput,
  timesOut: goesOnAfterDeadline,
};
