import type { JsonObject } from '../../json.ts';
import { durationMs } from '../limits.ts';
import type { CheckContext } from '../context.ts';
import { afterBranch, afterOneOf, type Environment } from '../environment.ts';
import type { Path } from '../report.ts';
import { listEndsTheRun, stepsIn } from '../step-lists.ts';
import type { StepCheck } from './verb-check.ts';

/** What is visible inside a group of steps. */
export function insideGroup({ step, path, environment, report }: StepCheck): Environment {
  checkReactionToDeadline(step, path, { report });
  return withinLimit(step, path, environment, { report });
}

/** Reports a deadline that never counts, because one around it is over no later. */
export function withinLimit(
  { deadline }: JsonObject,
  path: Path,
  environment: Environment,
  { report }: Pick<CheckContext, 'report'>,
): Environment {
  const limitMs = durationMs(deadline);
  if (limitMs === undefined || limitMs === 0) return environment; // The latter is reported with other limits.
  const { withinMs } = environment;
  if (withinMs !== undefined && limitMs >= withinMs) {
    const message = 'The deadline of the steps around it, or of the run, is no later, so this one never counts.';
    report.add('KAIT1130', { path: [...path, 'deadline'] }, message, 'Shorten it, or remove it.');
  }
  return { ...environment, withinMs: Math.min(limitMs, withinMs ?? Infinity) };
}

/** Reports `onTimeout` and `undoOnTimeout` without what they need. */
export function checkReactionToDeadline(
  { deadline, ...group }: JsonObject,
  path: Path,
  { report }: Pick<CheckContext, 'report'>,
): void {
  for (const key of ['onTimeout', 'undoOnTimeout'].filter(
    (each) => deadline === undefined && group[each] !== undefined,
  )) {
    const place = { path: [...path, key], on: 'key' } as const;
    report.add('KAIT1131', place, `Without a "deadline", "${key}" does nothing.`, 'Add "deadline", such as "2h".');
  }
  const inside = [group.do, group.parallel].flatMap((list) => stepsIn(list ?? null, []));
  if (group.undoOnTimeout === true && !inside.some(({ step }) => step.undo !== undefined || step.run !== undefined)) {
    const place = { path: [...path, 'undoOnTimeout'], on: 'key' } as const;
    const message = '"undoOnTimeout" is true, but no step inside has an "undo".';
    report.add('KAIT1117', place, message, 'Add an "undo" to the steps with effects, or remove "undoOnTimeout".');
  }
}

/** What is visible after steps that end with `done`, and may end at their deadline. */
export function afterDeadline(
  step: JsonObject,
  before: Environment,
  done: Environment,
  check: { endsTheRun: boolean; checkLate: (seen: Environment) => Environment },
): Environment {
  const { deadline, onTimeout = 'fail' } = step;
  if (deadline === undefined || onTimeout === 'fail') return afterBranch(before, done, 'always');
  const begun = afterBranch(before, done, 'sometimes');
  const late = Array.isArray(onTimeout) ? check.checkLate(begun) : begun;
  return afterOneOf(before, [
    { inside: done, endsTheRun: check.endsTheRun },
    { inside: late, endsTheRun: Array.isArray(onTimeout) && listEndsTheRun(onTimeout) },
  ]);
}
