import { z } from 'zod';
import { guarded, stepList } from '../schemas.ts';
import { nullOutput, type VerbCheck } from './verb-check.ts';

export const doCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    do: stepList.meta({ description: 'Steps that share one guard.' }),
  }),
  check: ({ step, path, environment, checkSteps }) => checkSteps(step.do, [...path, 'do'], environment),
  outputOf: () => nullOutput,
};
