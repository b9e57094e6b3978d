import { z } from 'zod';
import { listEndsTheRun } from '../step-lists.ts';
import { withStep, type Environment } from '../environment.ts';
import { guarded, reaction, waitLimit } from '../schemas.ts';
import { checkTemplate } from '../logic.ts';
import { checkReaction, objectShape, type StepCheck, type VerbCheck } from './verb-check.ts';
const answerShape = objectShape({
  approved: { type: 'boolean' },
  by: { type: 'string' },
  comment: { type: ['string', 'null'] },
  at: { type: 'string' },
});

/** The steps of `onReject` see the answer. */
function answered({ step: { id }, environment }: StepCheck): Environment {
  return typeof id === 'string' ? withStep(environment, id, { certainty: 'always', output: answerShape }) : environment;
}

export const approveCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    approve: z.string().min(1).max(500).meta({ description: 'The question. It may contain {{path}}.' }),
    timeout: waitLimit,
    onTimeout: reaction
      .optional()
      .meta({ description: 'What to do if nobody answers in time: fail (default), continue, or steps.' }),
    onReject: reaction.optional().meta({ description: 'What to do on a no: fail (default), continue, or steps.' }),
  }),
  check(step) {
    checkTemplate(step.step.approve ?? null, [...step.path, 'approve'], step);
    const afterReject = checkReaction(step, 'onReject', step.environment, answered(step));
    return checkReaction(step, 'onTimeout', afterReject);
  },
  outputOf: () => answerShape,
  timesOut: ({ onTimeout }) => onTimeout !== undefined && onTimeout !== 'fail' && !listEndsTheRun(onTimeout),
};
