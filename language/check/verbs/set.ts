import { z } from 'zod';
import { membersOf } from '../context.ts';
import { withStrangers, withVars, type Origin } from '../environment.ts';
import { guarded } from '../schemas.ts';
import { checkFields } from '../logic.ts';
import { originOfTemplate } from '../stranger.ts';
import { isReservedName, localName } from '../texts.ts';
import { nullOutput, type VerbCheck } from './verb-check.ts';

export const setCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    set: z
      .record(localName, z.unknown())
      .meta({ description: 'Sets vars.<name>.', additionalProperties: { $ref: '#/definitions/template' } }),
  }),
  check(step) {
    const path = [...step.path, 'set'];
    checkFields(step.step.set, path, step);
    const names = membersOf(step.step.set, path).map(({ key }) => key);
    for (const name of names.filter(isReservedName)) {
      step.report.add('KAIT1110', { path: [...path, name], on: 'key' }, `"${name}" is a reserved name.`);
    }
    const origins = membersOf(step.step.set, path).map(({ key, value }): [string, Origin | undefined] => [
      `vars.${key}`,
      originOfTemplate(value, step.environment)?.origin,
    ]);
    return withStrangers(withVars(step.environment, names), origins);
  },
  outputOf: () => nullOutput,
};
