import { z } from 'zod';
import { checkAction, outputOfAction } from '../actions.ts';
import { callFields, guarded, undo } from '../schemas.ts';
import type { VerbCheck } from './verb-check.ts';

export const callCheck: VerbCheck = {
  schema: z.strictObject({ ...guarded, ...callFields, ...undo }),
  check(step) {
    checkAction('call', step);
    return step.environment;
  },
  outputOf: (step) => outputOfAction('call', step),
};
