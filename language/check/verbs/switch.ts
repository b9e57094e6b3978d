import { z } from 'zod';
import { isObject, type JsonObject } from '../../json.ts';
import { listEndsTheRun } from '../step-lists.ts';
import { afterOneOf, atFork, type BranchEnd, type Environment } from '../environment.ts';
import { checkCondition } from '../logic.ts';
import { whereItFails, whereItHolds } from '../narrow.ts';
import { guarded, logic, stepList } from '../schemas.ts';
import { nullOutput, type StepCheck, type VerbCheck } from './verb-check.ts';

export const switchCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    switch: z
      .array(
        z.strictObject({
          when: logic.meta({
            description: 'The case runs if this is true.',
            allOf: [{ $ref: '#/definitions/logic' }],
          }),
          do: stepList.meta({ description: 'The steps of the case.' }),
        }),
      )
      .min(1)
      .max(100)
      .meta({ description: 'The first case whose condition is true runs.' }),
    default: stepList.optional().meta({ description: 'Runs if no case matches.' }),
  }),
  check(step) {
    const { path, environment, checkSteps, idsIn } = step;
    const otherwise = step.step.default;
    const cases = casesOf(step);
    checkReachable(step, cases);
    const inBranch = atFork(environment, 'one only', [...cases.map(({ do: list }) => idsIn(list)), idsIn(otherwise)]);
    /** A case is reached only if the ones before it do not match. */
    const whereEarlierFail = (start: Environment, position: number) =>
      cases.slice(0, position).reduce((seen, { when }) => whereItFails(seen, when), start);
    const ends = cases.map(({ when, do: list }, position): BranchEnd => {
      const at = [...path, 'switch', position];
      const seen = { ...step, environment: whereEarlierFail(environment, position) };
      if (when !== undefined) checkCondition(when, [...at, 'when'], seen);
      const inCase = whereItHolds(whereEarlierFail(inBranch(position), position), when);
      return { inside: checkSteps(list, [...at, 'do'], inCase), endsTheRun: listEndsTheRun(list) };
    });
    const inside = checkSteps(otherwise, [...path, 'default'], whereEarlierFail(inBranch(cases.length), cases.length));
    return afterOneOf(environment, [...ends, { inside, endsTheRun: listEndsTheRun(otherwise) }]);
  },
  outputOf: () => nullOutput,
};

function casesOf({ step }: StepCheck): JsonObject[] {
  return Array.isArray(step.switch) ? step.switch.map((each) => (isObject(each) ? each : {})) : [];
}

/** The first case that matches runs, so nothing after a case that always matches can run. */
function checkReachable({ step, path, report }: StepCheck, cases: JsonObject[]): void {
  const certain = cases.findIndex(({ when }) => when === true);
  if (certain < 0) return;
  const message = 'No run gets here: the case before it always matches.';
  if (certain < cases.length - 1) report.add('KAIT1119', { path: [...path, 'switch', certain + 1] }, message);
  else if (step.default !== undefined) report.add('KAIT1119', { path: [...path, 'default'], on: 'key' }, message);
}
