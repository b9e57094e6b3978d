import { z } from 'zod';
import { fields, guarded } from '../schemas.ts';
import { checkFields } from '../template.ts';
import { emittedType } from '../texts.ts';
import type { VerbCheck } from './verb-check.ts';

export const emitCheck: VerbCheck = {
  schema: z.strictObject({
    ...guarded,
    emit: emittedType.meta({ description: 'The type of the outbound webhook, such as order.created.' }),
    with: fields.optional().meta({ description: "The webhook's data." }),
  }),
  lists: [],
  check(step) {
    checkFields(step.step.with, [...step.path, 'with'], step);
    return step.environment;
  },
  outputOf: () => ({
    type: 'object',
    properties: { messageId: { type: 'string' }, deliveries: { type: 'integer' } },
    additionalProperties: false,
  }),
};
