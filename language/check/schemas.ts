import { z } from 'zod';
import { definitionName, duration, eventType, localName } from './texts.ts';

/*
 * The form of everything, once: findings, and the schema that editors use, both come from here. What a schema leaves open
 * (`z.unknown()`) is checked by hand; what `meta` refers to is defined in `json-schema.ts`.
 */

export const logic = z.unknown().meta({ allOf: [{ $ref: '#/definitions/logic' }] });
export const template = z.unknown().meta({ allOf: [{ $ref: '#/definitions/template' }] });
/** Of a step list; each step is checked by the schema of its own verb. */
export const stepList = z
  .array(z.unknown())
  .min(1)
  .meta({ items: { $ref: '#/definitions/step' } });

export const fields = z
  .record(z.string(), z.unknown())
  .meta({ additionalProperties: { $ref: '#/definitions/template' } });

const title = z.string().min(1).max(200).meta({ description: 'What the Temporal Web UI shows. Default: the id.' });

export const stepCommon = {
  id: localName.meta({ description: 'Unique in the whole definition. The output is steps.<id>.' }),
  title: title.optional(),
};

export const guarded = {
  ...stepCommon,
  if: logic
    .meta({ description: 'The step is skipped where this is false.', allOf: [{ $ref: '#/definitions/logic' }] })
    .optional(),
};

const retry = z.strictObject({
  attempts: z.int().min(1).max(1_000).optional().meta({ description: 'All attempts, the first included. Default 20.' }),
  first: duration.optional().meta({ description: 'Pause after the first attempt. Default 1s.' }),
  factor: z.number().min(1).max(100).optional().meta({ description: 'By which each pause grows. Default 2.' }),
  max: duration.optional().meta({ description: 'Longest pause. Default 5m.' }),
});

export const limits = {
  timeout: duration.optional().meta({ description: 'Limit of one attempt. Default 30s.' }),
  retry: retry.optional(),
};

export const triggerSchema = z.strictObject({
  event: z
    .union([eventType, z.array(eventType).min(1).max(100)])
    .meta({ description: 'Canonical (payment.succeeded) or native event types; any may match.' }),
  source: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1).max(100)])
    .optional()
    .meta({ description: 'Only events of these sources. Default: of every source.' }),
  if: logic
    .meta({ description: 'Only events for which this holds. It sees event.', allOf: [{ $ref: '#/definitions/logic' }] })
    .optional(),
});

export const definitionSchema = z.strictObject({
  $schema: z.string().optional(),
  name: definitionName.meta({ description: 'Shows as the workflow type in Temporal.' }),
  title: title.optional(),
  on: triggerSchema,
  defaults: z
    .strictObject(limits)
    .optional()
    .meta({ description: 'For every call and emit that does not say otherwise.' }),
  steps: stepList,
  output: template.optional(),
});
