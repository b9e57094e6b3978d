import { z } from 'zod';
import { afterBranch, atFork, withHandled, type Environment } from '../environment.ts';
import { guarded, join, stepList } from '../schemas.ts';
import { objectShape, type VerbCheck } from './verb-check.ts';

const ids = { type: 'array', items: { type: 'string' } };

export const parallelCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    parallel: stepList.meta({
      description: 'Steps that run at the same time. The output is {done, failed}, two lists of their ids.',
    }),
    join,
  }),
  /** No branch sees another. After the step all are visible, but only with `all` is it certain that each has ended. */
  check({ step, path, environment, checkStep, idsIn }) {
    const branches = Array.isArray(step.parallel) ? step.parallel : [];
    const certainty = step.join === undefined || step.join === 'all' ? 'always' : 'sometimes';
    const ids = branches.map((branch) => idsIn([branch]));
    const inside = certainty === 'always' ? environment : withHandled(environment, 'all');
    const inBranch = atFork(inside, 'at once', ids);
    return branches.reduce<Environment>((after, branch, position) => {
      const afterOwn = checkStep(branch, [...path, 'parallel', position], inBranch(position));
      return afterBranch(after, afterOwn, certainty);
    }, environment);
  },
  outputOf: () => objectShape({ done: ids, failed: ids }),
};
