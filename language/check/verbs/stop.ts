import { z } from 'zod';
import { guarded } from '../schemas.ts';
import { checkTemplate } from '../logic.ts';
import { nullOutput, type VerbCheck } from './verb-check.ts';

export const stopCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    stop: z.string().min(1).max(500).meta({ description: 'Why the run completes here. It may contain {{path}}.' }),
  }),
  check(step) {
    checkTemplate(step.step.stop ?? null, [...step.path, 'stop'], step);
    return step.environment;
  },
  outputOf: () => nullOutput,
};
