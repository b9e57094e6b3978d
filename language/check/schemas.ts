import { z } from 'zod';
import { definitionName, duration, emittedType, errorType, eventType, localName } from './texts.ts';

/*
 * The form of definitions. Findings and the schema for editors both come from here. What a schema leaves open (`z.unknown()`) is
 * checked by hand. The definitions that `meta` refers to are in `json-schema.ts`.
 */

export const logic = z.unknown().meta({ allOf: [{ $ref: '#/definitions/logic' }] });
export const template = z.unknown().meta({ allOf: [{ $ref: '#/definitions/template' }] });
/** A list of steps. Each step is checked by the schema of its own verb. */
export const stepList = z
  .array(z.unknown())
  .min(1)
  .meta({ items: { $ref: '#/definitions/step' } });

export const fields = z
  .record(z.string(), z.unknown())
  .meta({ additionalProperties: { $ref: '#/definitions/template' } });

/** Names of steps, variables and loop items. */
export const localNameSchema = localName;

const title = z.string().min(1).max(200);

export const stepCommon = {
  id: localName.meta({ description: 'Unique in the whole definition. The output of the step is steps.<id>.' }),
  title: title.optional().meta({ description: 'Shown beside the id, for example in the Temporal Web UI.' }),
};

export const guarded = {
  ...stepCommon,
  if: logic
    .meta({ description: 'The step is skipped if this is false.', allOf: [{ $ref: '#/definitions/logic' }] })
    .optional(),
};

export const retry = z.strictObject({
  attempts: z
    .int()
    .min(1)
    .max(1_000)
    .optional()
    .meta({ description: 'The number of attempts, including the first. Default 20.' }),
  first: duration.optional().meta({ description: 'The pause after the first attempt. Default 1s.' }),
  factor: z
    .number()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Each pause is the one before times this factor. Default 2.' }),
  max: duration.optional().meta({ description: 'The longest pause. Default 5m.' }),
  except: z.array(errorType).min(1).max(50).optional().meta({ description: 'Error types that are not retried.' }),
});

const limits = {
  timeout: duration.optional().meta({ description: 'The limit of one attempt. Default 30s.' }),
  deadline: duration
    .optional()
    .meta({ description: 'The limit of all attempts together, with their pauses. Default: no limit.' }),
  heartbeat: duration.optional().meta({
    description: 'An attempt is over if its worker gives no sign of life for this long. Default 10s.',
  }),
  retry: retry.optional().meta({ description: 'How failed attempts are retried.' }),
};

const sourceName = z.string().min(1).meta({ completes: 'sources' });
export const sourceNames = z.union([sourceName, z.array(sourceName).min(1).max(100)]);

const eventTrigger = z.strictObject({
  event: z
    .union([eventType, z.array(eventType).min(1).max(100)])
    .meta({ description: 'The types of the events, canonical (payment.succeeded) or native. One of them must match.' }),
  source: sourceNames.optional().meta({ description: 'Only events from these sources. Default: every source.' }),
  if: logic
    .meta({
      description: 'Only events for which this is true. The only root of its paths is event.',
      allOf: [{ $ref: '#/definitions/logic' }],
    })
    .optional(),
});

const cron = z.string().min(1);

const scheduleTrigger = z.strictObject({
  schedule: z.union([cron, z.array(cron).min(1).max(10)]).meta({
    description:
      'The times: five fields as in crontab, such as "0 8 * * 1-5" for 08:00 from Monday to Friday, or @hourly, @daily, @weekly, @monthly, @yearly. If there are several, each of them starts runs.',
  }),
  timezone: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'The time zone of these times, such as Asia/Jakarta. Default UTC.' }),
  catchUp: duration.optional().meta({
    description:
      'How late a run may start, for example after an outage: between 1m and 7d. If several times were missed, a run starts only for the last one. Default 1h.',
  }),
  if: logic
    .meta({
      description: 'No run starts at times at which this is false. Its paths start at event or settings.',
      allOf: [{ $ref: '#/definitions/logic' }],
    })
    .optional(),
});

const manualTrigger = z.strictObject({
  manual: z.record(z.string(), z.unknown()).meta({
    description:
      'JSON Schema of the input with which somebody starts a run. Runs see the input as event.data. Checked before a run starts.',
  }),
});

/** By the key that tells them apart. */
export const triggerSchemas = { event: eventTrigger, schedule: scheduleTrigger, manual: manualTrigger };

/** One event type or several. */
export const eventTypes = z.union([eventType, z.array(eventType).min(1).max(100)]);

/** The values of `onTimeout`, `onReject` and `onItemError`. */
export const reaction = z.union([z.enum(['fail', 'continue']), stepList]);

/** The time limit of a group of steps; see `verbs/group.ts`. */
export const groupLimit = {
  deadline: duration.optional().meta({
    description:
      'How long these steps may take together, from the first one on. Then what is under way is canceled. What was done stays. Default: no limit.',
  }),
  onTimeout: reaction
    .optional()
    .meta({ description: 'What to do if they are not done by the deadline: fail (default), continue, or steps.' }),
  undoOnTimeout: z
    .boolean()
    .optional()
    .meta({ description: 'At the deadline, undo what these steps have done, before onTimeout. Default false.' }),
};

/** The limit of a wait. Without one, a run would stay open forever if nothing arrives. */
export const waitLimit = duration.meta({ description: 'How long to wait. There is no default.' });

export const join = z.enum(['all', 'settle', 'first']).optional().meta({
  description:
    'all: the first failure ends the step. settle: all run to their end. first: the first success ends the step. Default all.',
});

/** Of a `parallel`: also a quorum. */
export const joinOrQuorum = z
  .union([
    z.strictObject({
      count: z.int().min(1).max(1_000).meta({
        description: 'How many branches have to succeed. The step ends as soon as they have, or no longer can.',
      }),
    }),
    z.enum(['all', 'settle', 'first']),
  ])
  .optional()
  .meta({
    description:
      'all: the first failure ends the step. settle: all run to their end. first: the first success ends the step. {"count": 2}: two successes end it. The branches that are not needed are canceled and undone. Default all.',
  });

export const callFields = {
  ...limits,
  call: z.string().meta({ description: 'The activity to run, such as orders.create.' }),
  with: fields.optional().meta({ description: 'The input of the activity.' }),
};

export const emitFields = {
  emit: emittedType.meta({
    completes: 'emitted',
    description: 'The type of the outbound webhook, such as order.created.',
  }),
  with: fields.optional().meta({ description: 'The data of the webhook.' }),
  tenant: z.string().min(1).max(500).optional().meta({
    description:
      'Whose endpoints get it, such as {{event.tenant}}: those that were added for this tenant, and no others. Without it, only your own endpoints do.',
  }),
};

/** What an `emit` step waits for. Not for an `undo`. */
export const awaitFields = {
  await: z
    .union([
      // First, so that a mistake in it is reported. One of them: see the check.
      z.strictObject({
        delivered: duration.optional().meta({ description: 'The longest time to wait for the deliveries.' }),
        ack: duration.optional().meta({ description: 'How long a receiver may take to answer.' }),
      }),
      z.literal('delivered'),
    ])
    .optional()
    .meta({
      description:
        'delivered: waits until each delivery of the webhook has ended, for at most 7 days; {"delivered": "2d"} for at most two. {"ack": "24h"}: waits until a receiver has answered on the URL in the header kait-callback-url, for at most 24 hours. Default: the step does not wait.',
    }),
  onTimeout: reaction.optional().meta({
    description:
      'What to do if not all deliveries have ended in time, or no receiver has answered: fail (default), continue, or steps.',
  }),
  onExhausted: stepList.optional().meta({
    description:
      'Runs if a delivery ended without success, or, with "ack", if all did before any answer; steps.<id>.failed lists those. Without it, the step fails with DeliveryExhausted. The step waits as with "await": "delivered".',
  }),
};

const urlText = z.string().min(1).max(2_048);
const rawUrl = z.strictObject({
  raw: urlText.meta({ description: 'The URL. Its values are inserted as they are, after its host.' }),
});

export const httpFields = {
  ...limits,
  http: z.union([urlText, rawUrl]).meta({
    description:
      'The URL. It may contain {{path}} after its host; each value is encoded for its place. {"raw": "…"} inserts the values as they are.',
  }),
  method: z
    .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
    .optional()
    .meta({ description: 'Default: GET, or POST if there is a body.' }),
  headers: fields.optional().meta({
    description:
      'Request headers. {"secret": "NAME"} stands for the value of a secret, {"concat": ["Bearer ", {"secret": "NAME"}]} joins it with text.',
  }),
  query: fields.optional().meta({ description: 'Query parameters. A list repeats the parameter; null omits it.' }),
  body: template.optional().meta({ description: 'A text is sent as it is, anything else as JSON.' }),
  form: fields.optional().meta({
    description:
      'A body as HTML forms send it (application/x-www-form-urlencoded), instead of body. A list repeats the field; null omits it.',
  }),
  keepHeaders: z.array(z.string().min(1).max(128)).min(1).max(20).optional().meta({
    description:
      'Headers of the answer that output.headers keeps beside location, content-type, etag, retry-after and the like. Cookies are never kept.',
  }),
  expect: z
    .array(z.int().min(200).max(599))
    .min(1)
    .max(50)
    .optional()
    .meta({ description: 'The statuses that count as success. Default: 200 to 299.' }),
};

/** The content of `undo` is checked by hand, by its verb. */
export const undo = {
  undo: z
    .unknown()
    .optional()
    .meta({ description: 'A call, http or emit that takes the effect back.', allOf: [{ $ref: '#/definitions/undo' }] }),
  undoWhen: z.enum(['done', 'maybe']).optional().meta({
    description:
      'done: undone if it was done. maybe: also if it failed or was canceled and may have been done. Default: maybe for http, run and activities over the network, done for emit and activities on the database.',
  }),
};

export const definitionSchema = z.strictObject({
  $schema: z.string().optional(),
  name: definitionName.meta({ description: 'Unique among the definitions. It is the workflow type in Temporal.' }),
  title: title.optional().meta({ description: 'What the definition does, for people. kait explain shows it.' }),
  on: z.union([eventTrigger, scheduleTrigger, manualTrigger, z.literal('run')]).meta({
    description:
      'What starts a run: an event of a gateway, a schedule, or a person (manual). With "run", only run steps of other definitions start one.',
  }),
  key: template
    .meta({
      description:
        'Runs with the same key go one at a time, in the order in which their events arrived. Its paths start at event or settings. Null: no key.',
      allOf: [{ $ref: '#/definitions/template' }],
    })
    .optional(),
  hold: z.enum(['active', 'run']).optional().meta({
    description:
      'Until when a run keeps its key. active: until it first waits for an event, a person, or longer than a minute. run: to its end. Default active.',
  }),
  limits: z
    .strictObject({
      perKey: z.enum(['queue', 'skip', 'latest']).optional().meta({
        description:
          'What becomes of an event whose key is taken. queue: its run waits. skip: it starts no run. latest: its run waits, in place of others that wait. Default queue.',
      }),
      debounce: duration.optional().meta({
        description:
          'A run starts when its key has had no new event for this long. Events before the last one are merged into it.',
      }),
      rate: z
        .strictObject({
          max: z.int().min(1).max(1_000).meta({ description: 'How many runs may start.' }),
          per: duration.meta({ description: 'In how long a time.' }),
        })
        .optional()
        .meta({ description: 'The most runs of this definition that start in a time. Others wait.' }),
      concurrent: z
        .int()
        .min(1)
        .max(10_000)
        .optional()
        .meta({ description: 'The most runs of this definition that are active at once. Others wait.' }),
    })
    .optional()
    .meta({ description: 'When runs may start.' }),
  onPoison: z.enum(['skip', 'block', 'park']).optional().meta({
    description:
      'What becomes of the key of a run that fails. skip: the next run has it. block: it stays until an operator frees it. park: the failed run parks, and the next one has the key. Default skip.',
  }),
  defaults: z
    .strictObject(limits)
    .optional()
    .meta({ description: 'Limits and retries of every call and http step, unless the step has its own.' }),
  onFail: z.enum(['undo', 'park', 'fail']).optional().meta({
    description: 'What happens on a failure that no step handles. Default: undo if any step has an undo, else fail.',
  }),
  deadline: duration.optional().meta({
    description:
      'How long a run may take. Then what is under way is canceled. Undoing, onTimeout and afterUndo do not count. Default: no limit.',
  }),
  onTimeout: reaction.optional().meta({
    description:
      'What to do if a run is not done by its deadline: fail (default), continue, or steps. After continue, and after the steps, the run completes with its output.',
  }),
  vars: z
    .record(localName, z.unknown())
    .optional()
    .meta({
      description: 'The initial values of variables, which paths read as vars.<name>.',
      additionalProperties: { $ref: '#/definitions/template' },
    }),
  steps: stepList.meta({ description: 'What a run does, in this order.' }),
  output: template.optional().meta({ description: 'The result of the run. Default: null.' }),
  afterUndo: stepList.optional().meta({
    description:
      'Runs once a run has failed and was undone. These steps see error, with notUndone: the steps whose effects may still stand. Nothing undoes them, and the run fails in any case.',
  }),
});
