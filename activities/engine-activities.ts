import { z } from 'zod';
import { mailbox, mailboxLimit } from '../language/mailbox.ts';
import { ownPrefix } from '../language/own-event-types.ts';
import { tenantForm, tenantPattern } from '../language/tenant.ts';
import type { CatalogueEntry } from './catalogue-entry.ts';
import { secretText } from './secret-text-schema.ts';

/** Dot-separated words. The last word of an endpoint's pattern may also be `*`. */
export const eventTypePattern = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;

const recipient = z
  .string()
  .max(mailboxLimit, { error: 'expected at most 254 characters', abort: true })
  .regex(mailbox, 'expected one mail address, such as ana@shop.example');

/** Of a form that fits into what Temporal takes. */
const formValue = z.union([z.string().max(65_536), z.number(), z.boolean(), z.null()]);
const queryValue = z.union([z.string().max(2048), z.number(), z.boolean(), z.null()]);

/**
 * The activities that a definition may `call` and that are parts of Kait itself, because they use what only it has: the mail transport, the
 * inbox, and the queue of deliveries.
 */
export const engineActivities = {
  'mail.send': {
    title: 'Send a mail',
    /** Takes a `template`, or `subject` and `text`. With a template, these two replace the template's own. */
    input: z.strictObject({
      to: recipient.describe('One mail address.'),
      template: z.string().max(64).optional().describe('A file of definitions/mails, without .json.'),
      subject: z
        .string()
        .min(1)
        .max(500)
        .optional()
        .describe('Required without a template; otherwise replaces its subject.'),
      text: z.string().max(100_000).optional().describe('Required without a template; otherwise replaces its text.'),
      values: z.record(z.string(), z.json()).optional().describe('Available to the template as `values`.'),
    }),
    output: z.strictObject({ messageId: z.string() }),
    example: { to: 'sari@shop.example', subject: 'Thank you', text: 'We have received your payment.' },
    where: 'network',
    refusal: 'MailRefused',
  },
  'http.request': {
    title: 'Send an HTTP request',
    input: z.strictObject({
      url: z.string().max(2048).describe('With http or https.'),
      method: z
        .enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
        .optional()
        .describe('Default: GET, or POST if there is a body.'),
      headers: z
        .record(z.string().max(128), secretText)
        .optional()
        .describe('{"secret": "NAME"} stands for the value of a secret.'),
      query: z
        .record(z.string().max(128), z.union([queryValue, z.array(queryValue).max(100)]))
        .optional()
        .describe('Added to the URL, encoded. A list repeats its name; null omits it.'),
      body: z.json().optional().describe('A text is sent as it is, anything else as JSON.'),
      form: z
        .record(z.string().max(256), z.union([formValue, z.array(formValue).max(100)]))
        .optional()
        .describe('A body as HTML forms send it, instead of `body`. A list repeats its name; null omits it.'),
      fill: z
        .array(
          z.strictObject({
            at: z
              .array(z.union([z.string(), z.int()]))
              .min(1)
              .max(64),
            value: secretText,
          }),
        )
        .max(50)
        .optional()
        .describe('The places in `body` or `form` where secrets belong.'),
      keepHeaders: z
        .array(z.string().max(128))
        .max(20)
        .optional()
        .describe('Headers of the answer that the output keeps as well.'),
      expect: z
        .array(z.int().min(200).max(599))
        .min(1)
        .max(50)
        .optional()
        .describe('The statuses that count as success. Default: 200 to 299.'),
    }),
    /** `body` is parsed if its content type is JSON; otherwise it is text. The names of `headers` are in lower case. */
    output: z.strictObject({ status: z.int(), body: z.json(), headers: z.record(z.string(), z.string()) }),
    example: {
      url: 'https://warehouse.example.com/picks',
      headers: { authorization: { concat: ['Bearer ', { secret: 'KAIT_SECRET_WAREHOUSE' }] } },
      body: { order: 'INV-2026-0042' },
    },
    where: 'network',
    verb: 'http',
  },
  'webhooks.forward': {
    title: 'Forward the request unchanged',
    input: z.strictObject({
      headers: z
        .array(z.string().min(1).max(128))
        .max(50)
        .optional()
        .describe('The kept headers to forward. Default: all that the source keeps.'),
      source: z
        .string()
        .min(1)
        .max(63)
        .optional()
        .describe('The source of `eventId`. Default: the source of the run’s event.'),
      eventId: z
        .string()
        .min(1)
        .max(1000)
        .optional()
        .describe('The event to forward, such as one that the run waited for. Default: the run’s own event.'),
    }),
    /** `deliveries` counts those of this step: none if another event of the same request was forwarded first. */
    output: z.strictObject({ messageId: z.string(), deliveries: z.int() }),
    example: { headers: ['stripe-signature'] },
    where: 'local',
  },
} as const satisfies Record<string, CatalogueEntry>;

const outcomeOfDeliveries = {
  delivered: z.int(),
  failed: z.array(z.strictObject({ endpoint: z.string(), state: z.string(), status: z.int().nullable() })),
};

/** Activities behind a verb. A definition cannot `call` them. */
export const verbActivities = {
  'outbound.emit': {
    title: 'Emit an outbound webhook',
    input: z.strictObject({
      type: z
        .string()
        .max(128)
        .regex(eventTypePattern, 'expected an event type, such as order.created')
        .refine((type) => !type.startsWith(ownPrefix), `expected a type that does not begin with ${ownPrefix}`),
      data: z.record(z.string(), z.json()),
      tenant: z.string().regex(tenantPattern, `expected ${tenantForm}`).optional(),
      /** Until then, receivers may answer on a callback URL. Absent: they get none. */
      ackUntil: z.iso.datetime().optional(),
    }),
    output: z.strictObject({ messageId: z.string(), deliveries: z.int() }),
    where: 'local',
  },
  'outbound.outcome': {
    title: 'Tell what became of an outbound webhook',
    input: z.strictObject({}),
    /** `failed`: the deliveries that ended without success. */
    output: z.strictObject(outcomeOfDeliveries),
    where: 'network', // Its retries take longer than a task.
  },
  'outbound.answer': {
    title: 'Tell what the receivers of an outbound webhook answered',
    /** `closes`: once all deliveries have failed, no answer is taken any more. Otherwise they may be sent again after a repair. */
    input: z.strictObject({ closes: z.boolean() }),
    /** `by`: the endpoint whose answer `ack` is. Null: none is to be expected, because all deliveries have failed. */
    output: z.strictObject({ ...outcomeOfDeliveries, ack: z.json(), by: z.union([z.null(), z.string()]) }),
    where: 'network', // As above.
  },
} as const satisfies Record<string, CatalogueEntry>;

const everything = { ...engineActivities, ...verbActivities };
type Everything = typeof everything;

export type ActivityName = keyof Everything;
export type ActivityInput<Name extends ActivityName> = z.infer<Everything[Name]['input']>;
export type ActivityOutput<Name extends ActivityName> = z.infer<Everything[Name]['output']>;

export function engineActivity<Name extends ActivityName>(name: Name): Everything[Name] {
  return everything[name];
}

/** Whether a verb needs the activity of this name as it is. */
export function isBehindVerb(name: string): boolean {
  if (Object.hasOwn(verbActivities, name)) return true;
  return Object.hasOwn(engineActivities, name) && 'verb' in engineActivities[name as keyof typeof engineActivities];
}
