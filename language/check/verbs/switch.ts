import { z } from 'zod';
import type { JsonObject } from '../../json.ts';
import { isObject } from '../context.ts';
import { afterOneOf } from '../environment.ts';
import { checkCondition } from '../logic.ts';
import { whereItHolds } from '../narrow.ts';
import { guarded, logic, stepList } from '../schemas.ts';
import { nullOutput, type StepCheck, type VerbCheck } from './verb-check.ts';

export const switchCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    switch: z
      .array(
        z.strictObject({
          when: logic.meta({
            description: 'The case runs where this holds.',
            allOf: [{ $ref: '#/definitions/logic' }],
          }),
          do: stepList,
        }),
      )
      .min(1)
      .max(100)
      .meta({ description: 'The first case whose condition holds runs.' }),
    default: stepList.optional().meta({ description: 'Runs where no case holds.' }),
  }),
  check(step) {
    const { path, environment, checkSteps } = step;
    const branches = casesOf(step).map(({ when, do: steps }, position) => {
      const at = [...path, 'switch', position];
      if (when !== undefined) checkCondition(when, [...at, 'when'], step);
      return checkSteps(steps, [...at, 'do'], whereItHolds(environment, when));
    });
    return afterOneOf(environment, [...branches, checkSteps(step.step.default, [...path, 'default'], environment)]);
  },
  outputOf: () => nullOutput,
};

function casesOf({ step }: StepCheck): JsonObject[] {
  return Array.isArray(step.switch) ? step.switch.map((each) => (isObject(each) ? each : {})) : [];
}
