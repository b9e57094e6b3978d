import { z } from 'zod';
import { afterBranch, besides } from '../environment.ts';
import { guarded, stepList } from '../schemas.ts';
import { nullOutput, type VerbCheck } from './verb-check.ts';

export const parallelCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    parallel: stepList.meta({ description: 'Steps that run at once; the first failure cancels the others.' }),
  }),
  lists: ['parallel'],
  /** No branch sees another; after the step all are seen. */
  check({ step, path, environment, checkStep, idsIn }) {
    const branches = Array.isArray(step.parallel) ? step.parallel : [];
    let after = environment;
    for (const [position, branch] of branches.entries()) {
      const others = branches.filter((other) => other !== branch).flatMap((other) => idsIn([other]));
      const branchPath = [...path, 'parallel', position];
      after = afterBranch(after, checkStep(branch, branchPath, besides(environment, others)), 'always');
    }
    return after;
  },
  outputOf: () => nullOutput,
};
