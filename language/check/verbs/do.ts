import { z } from 'zod';
import { guarded, stepList } from '../schemas.ts';
import { nullOutput, type VerbCheck } from './verb-check.ts';

export const doCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    do: stepList.meta({ description: 'A group of steps, for one guard over all.' }),
  }),
  check: ({ step, path, environment, checkSteps }) => checkSteps(step.do, [...path, 'do'], environment),
  outputOf: () => nullOutput,
};
