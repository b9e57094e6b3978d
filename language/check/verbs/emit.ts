import { z } from 'zod';
import { checkAction, outputOfAction } from '../actions.ts';
import { emitFields, guarded, undo } from '../schemas.ts';
import type { VerbCheck } from './verb-check.ts';

export const emitCheck: VerbCheck = {
  schema: z.strictObject({ ...guarded, ...emitFields, ...undo }),
  check(step) {
    checkAction('emit', step);
    return step.environment;
  },
  outputOf: (step) => outputOfAction('emit', step),
};
