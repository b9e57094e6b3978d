import { z } from 'zod';
import { checkAction, outputOfAction } from '../actions.ts';
import { callFields, guarded, undo } from '../schemas.ts';
import type { StepCheck, VerbCheck } from './verb-check.ts';

export const callCheck: VerbCheck = {
  schema: z.strictObject({ ...guarded, ...callFields, ...undo }),
  check(step) {
    checkAction('call', step);
    return bookedBy(step) ? { ...step.environment, moneyMoved: true } : step.environment;
  },
  outputOf: (step) => outputOfAction('call', step),
};

function bookedBy({ step: { call }, activities }: StepCheck): boolean {
  return typeof call === 'string' && Object.hasOwn(activities, call) && activities[call]?.money === true;
}
