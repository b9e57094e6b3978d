import { z } from 'zod';
import { afterBranch, besides } from '../environment.ts';
import { guarded, join, stepList } from '../schemas.ts';
import { objectShape, type VerbCheck } from './verb-check.ts';

const ids = { type: 'array', items: { type: 'string' } };

export const parallelCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    parallel: stepList.meta({
      description: 'Steps that run at once. The output is {done, failed}, lists of their ids.',
    }),
    join,
  }),
  /** No branch sees another; after the step all are seen, in a race or where failures are let be, perhaps. */
  check({ step, path, environment, checkStep, idsIn }) {
    const branches = Array.isArray(step.parallel) ? step.parallel : [];
    const all = idsIn(branches);
    const certainty = step.join === undefined || step.join === 'all' ? 'always' : 'sometimes';
    let after = environment;
    for (const [position, branch] of branches.entries()) {
      const own = new Set(idsIn([branch]));
      const others = all.filter((id) => !own.has(id));
      const inside = checkStep(branch, [...path, 'parallel', position], besides(environment, others));
      after = afterBranch(after, inside, certainty);
    }
    return after;
  },
  outputOf: () => objectShape({ done: ids, failed: ids }),
};
