import { z } from 'zod';
import { afterBranch, atFork, withHandled, type Environment } from '../environment.ts';
import { isObject } from '../../json.ts';
import { goesOnAfterDeadline, stepEndsTheRun } from '../step-lists.ts';
import { groupLimit, guarded, joinOrQuorum, stepList } from '../schemas.ts';
import { afterDeadline, insideGroup } from './group.ts';
import { objectShape, type StepCheck, type VerbCheck } from './verb-check.ts';

const ids = { type: 'array', items: { type: 'string' } };

export const parallelCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    parallel: stepList.meta({
      description: 'Steps that run at the same time. The output is {done, failed}, two lists of their ids.',
    }),
    join: joinOrQuorum,
    ...groupLimit,
  }),
  /** No branch sees another. After the step all are visible, but only with `all` is it certain that each has ended. */
  check(stepCheck) {
    const { step, path, environment, checkStep, checkSteps, idsIn } = stepCheck;
    const group = insideGroup(stepCheck);
    checkQuorum(stepCheck);
    const branches = Array.isArray(step.parallel) ? step.parallel : [];
    const certainty = step.join === undefined || step.join === 'all' ? 'always' : 'sometimes';
    const ids = branches.map((branch) => idsIn([branch]));
    const inside = certainty === 'always' ? group : withHandled(group, 'all');
    const inBranch = atFork(inside, 'at once', ids);
    const done = branches.reduce<Environment>((after, branch, position) => {
      const afterOwn = checkStep(branch, [...path, 'parallel', position], inBranch(position));
      return afterBranch(after, afterOwn, certainty);
    }, environment);
    return afterDeadline(step, environment, done, {
      endsTheRun: certainty === 'always' && branches.some(stepEndsTheRun),
      checkLate: (seen) => checkSteps(step.onTimeout, [...path, 'onTimeout'], seen),
    });
  },
  outputOf: () => objectShape({ done: ids, failed: ids }),
  timesOut: goesOnAfterDeadline,
};

/** More successes than branches never come. */
function checkQuorum({ step: { join, parallel }, path, report }: StepCheck): void {
  const count = isObject(join) ? Number(join.count) : NaN;
  if (!Number.isInteger(count) || !Array.isArray(parallel) || count <= parallel.length) return;
  const message = `"count" is ${count}, which is more than there are branches (${parallel.length}), so this step always fails.`;
  report.add('KAIT1132', { path: [...path, 'join', 'count'] }, message, 'Lower "count", or add branches.');
}
