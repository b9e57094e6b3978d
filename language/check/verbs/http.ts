import { z } from 'zod';
import { checkAction, outputOfAction } from '../actions.ts';
import { guarded, httpFields, undo } from '../schemas.ts';
import type { VerbCheck } from './verb-check.ts';

export const httpCheck: VerbCheck = {
  schema: z.strictObject({ ...guarded, ...httpFields, ...undo }),
  check(step) {
    checkAction('http', step);
    return step.environment;
  },
  outputOf: (step) => outputOfAction('http', step),
};
