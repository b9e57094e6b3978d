import { z } from 'zod';
import { guarded } from '../schemas.ts';
import { checkTemplate } from '../logic.ts';
import { errorType } from '../texts.ts';
import { nullOutput, type VerbCheck } from './verb-check.ts';

export const failCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    fail: z.string().min(1).max(500).meta({ description: 'The error message. It may contain {{path}}.' }),
    type: errorType.optional().meta({ description: 'The error type, for catch. Default: Failed.' }),
  }),
  check(step) {
    checkTemplate(step.step.fail ?? null, [...step.path, 'fail'], step);
    return step.environment;
  },
  outputOf: () => nullOutput,
};
