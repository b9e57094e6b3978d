import { isObject } from '../../json.ts';
import { z } from 'zod';
import { guarded, template } from '../schemas.ts';
import { checkTemplate } from '../logic.ts';
import { duration } from '../texts.ts';
import { nullOutput, type VerbCheck } from './verb-check.ts';

export const waitCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    wait: z
      .union([duration, z.strictObject({ until: template.meta({ description: 'An RFC 3339 instant.' }) })])
      .meta({ description: 'A duration, or {"until": <RFC 3339 instant>}.' }),
  }),
  check(step) {
    const { wait } = step.step;
    if (isObject(wait)) checkTemplate(wait.until ?? null, [...step.path, 'wait', 'until'], step);
    return step.environment;
  },
  outputOf: () => nullOutput,
};
