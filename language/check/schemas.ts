import { z } from 'zod';
import { definitionName, duration, emittedType, errorType, eventType, localName } from './texts.ts';

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

/** Of steps, variables and loops' items. */
export const localNameSchema = localName;

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
  except: z.array(errorType).min(1).max(50).optional().meta({ description: 'Error types that are not tried again.' }),
});

const limits = {
  timeout: duration.optional().meta({ description: 'Limit of one attempt. Default 30s.' }),
  deadline: duration.optional().meta({ description: 'Limit of all attempts with their pauses. Default: none.' }),
  heartbeat: duration.optional().meta({ description: 'How often an attempt must show that it is alive. Default 10s.' }),
  retry: retry.optional().meta({ description: 'How failed attempts are repeated.' }),
};

const triggerSchema = z.strictObject({
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

/** Event types, one or several. */
export const eventTypes = z.union([eventType, z.array(eventType).min(1).max(100)]);
export const sourceNames = z.union([z.string().min(1), z.array(z.string().min(1)).min(1).max(100)]);

/** What `onTimeout`, `onReject` and `onItemError` may be. */
export const reaction = z.union([z.enum(['fail', 'continue']), stepList]);

/** Of a wait: without one, a run stays open for ever when what it waits for never comes. */
export const waitLimit = duration.meta({ description: 'How long to wait. Required.' });

export const join = z.enum(['all', 'settle', 'first']).optional().meta({
  description: 'all: the first failure ends the step; settle: none does; first: the first success does. Default all.',
});

export const callFields = {
  ...limits,
  call: z.string().meta({ description: 'The activity to run, such as orders.create.' }),
  with: fields.optional().meta({ description: 'Its input.' }),
};

export const emitFields = {
  emit: emittedType.meta({ description: 'The type of the outbound webhook, such as order.created.' }),
  with: fields.optional().meta({ description: "The webhook's data." }),
};

export const httpFields = {
  ...limits,
  http: z.string().min(1).max(2_048).meta({ description: 'The URL, which may hold {{path}}.' }),
  method: z
    .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
    .optional()
    .meta({ description: 'Default GET, or POST where there is a body.' }),
  headers: fields.optional().meta({ description: '{"secret": "NAME"} stands for a secret.' }),
  query: fields.optional().meta({ description: 'Added to the URL. A list repeats its name; null leaves it out.' }),
  body: template.optional().meta({ description: 'Text is sent as it is, anything else as JSON.' }),
  expect: z
    .array(z.int().min(200).max(599))
    .min(1)
    .max(50)
    .optional()
    .meta({ description: 'The statuses that count as success. Default 200 to 299.' }),
};

/** What `undo` holds; which action it is, is told by hand, as with verbs. */
export const undo = {
  undo: z
    .unknown()
    .optional()
    .meta({ description: 'Takes the effect back: a call, http or emit.', allOf: [{ $ref: '#/definitions/undo' }] }),
};

export const definitionSchema = z.strictObject({
  $schema: z.string().optional(),
  name: definitionName.meta({ description: 'Shows as the workflow type in Temporal.' }),
  title: title.optional(),
  on: z
    .union([triggerSchema, z.literal('run')])
    .meta({ description: 'The events that start it, or "run": only a run step does.' }),
  defaults: z
    .strictObject(limits)
    .optional()
    .meta({ description: 'For every call, http and emit that does not say otherwise.' }),
  onFail: z
    .enum(['undo', 'park', 'fail'])
    .optional()
    .meta({ description: 'What a failure does that nothing handles. Default undo where any undo is declared.' }),
  vars: z
    .record(localName, z.unknown())
    .optional()
    .meta({ description: 'Initial values of vars.', additionalProperties: { $ref: '#/definitions/template' } }),
  steps: stepList,
  output: template.optional(),
});
