import { z } from 'zod';
import { listEndsTheRun } from '../endings.ts';
import { guarded, reaction, waitLimit } from '../schemas.ts';
import { checkTemplate } from '../template.ts';
import { checkReaction } from './reaction.ts';
import { objectShape, type VerbCheck } from './verb-check.ts';

export const approveCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    approve: z.string().min(1).max(500).meta({ description: 'The question; it may hold {{path}}.' }),
    timeout: waitLimit,
    onTimeout: reaction.optional().meta({ description: 'fail (default), continue, or steps.' }),
    onReject: reaction.optional().meta({ description: 'What a no does: fail (default), continue, or steps.' }),
  }),
  check(step) {
    checkTemplate(step.step.approve ?? null, [...step.path, 'approve'], step);
    const afterReject = checkReaction(step, 'onReject', step.environment);
    return checkReaction(step, 'onTimeout', afterReject);
  },
  outputOf: () =>
    objectShape({
      approved: { type: 'boolean' },
      by: { type: 'string' },
      comment: { type: ['string', 'null'] },
      at: { type: 'string' },
    }),
  timesOut: ({ onTimeout }) => onTimeout !== undefined && onTimeout !== 'fail' && !listEndsTheRun(onTimeout),
};
