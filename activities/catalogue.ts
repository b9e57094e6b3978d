import { z } from 'zod';

/** What a step can call, or a verb does: its shapes, checked where a definition is loaded and again where it runs. */
export interface CatalogueEntry {
  title: string;
  input: z.ZodObject;
  output: z.ZodObject;
  /**
   * `local`: short, on the database only; a Temporal local activity, so that several cost one workflow task.
   * `network`: an ordinary activity, whose attempts Temporal keeps and shows.
   */
  where: 'local' | 'network';
}

const reference = z.string().min(1).max(256);
const orderId = z.string().min(1).max(64);
/** ISO 4217, upper case. */
const currency = z.string().regex(/^[A-Z]{3}$/, 'expected three upper-case letters, such as IDR');
/** Minor units; zod's `int` ends at 2^53 - 1. */
const amountMinor = z.int();

/** Dot-separated words; the last word of an endpoint's pattern may be `*`. */
export const eventTypePattern = /^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/;

/** RFC 5321's dot-atom and host names with at least two labels: one address, and nothing that a header could hide. */
const mailbox =
  /^[\w!#$%&'*+/=?^`{|}~-]+(\.[\w!#$%&'*+/=?^`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const recipient = z
  .string()
  .max(254, { error: 'expected at most 254 characters', abort: true })
  .regex(mailbox, 'expected one mail address, such as ana@shop.example');

const queryValue = z.union([z.string().max(2048), z.number(), z.boolean(), z.null()]);

/** A header's value as text, or the name of a secret that the activity looks up. */
const headerValue = z.union([z.string().max(8192), z.strictObject({ secret: z.string().max(128) })], {
  error: 'expected text or {"secret": "NAME"}',
});

/** Activities that a definition may `call`. */
export const catalogue = {
  'orders.create': {
    title: 'Create an order',
    input: z.strictObject({ reference, amount: amountMinor.min(0), currency }),
    output: z.strictObject({
      id: z.string(),
      reference: z.string(),
      /** Whether the order is this step's own. A repeat answers like the first call, so that no run depends on a crash. */
      created: z.boolean(),
    }),
    where: 'local',
  },
  'orders.cancel': {
    title: 'Cancel an order',
    input: z.strictObject({ orderId, reason: z.string().max(1000).optional() }),
    output: z.strictObject({ id: z.string(), status: z.literal('canceled') }),
    where: 'local',
  },
  'cashback.grant': {
    title: 'Grant cashback on an order',
    input: z.strictObject({ orderId, amount: amountMinor.min(1), currency }),
    output: z.strictObject({ id: z.string(), amount: z.int() }),
    where: 'local',
  },
  'mail.send': {
    title: 'Send a mail',
    /** `template`, or `subject` and `text`; beside a template these two replace the template's own. */
    input: z.strictObject({
      to: recipient,
      template: z.string().max(64).optional(),
      subject: z.string().min(1).max(500).optional(),
      text: z.string().max(100_000).optional(),
      /** What the template sees as `values`. */
      values: z.record(z.string(), z.json()).optional(),
    }),
    output: z.strictObject({ messageId: z.string() }),
    where: 'network',
  },
  'http.request': {
    title: 'Send an HTTP request',
    input: z.strictObject({
      url: z.string().max(2048),
      /** Default `GET`, or `POST` where there is a body. */
      method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
      headers: z.record(z.string().max(128), headerValue).optional(),
      /** Added to the URL, encoded. A list repeats its name; null leaves it out. */
      query: z.record(z.string().max(128), z.union([queryValue, z.array(queryValue).max(100)])).optional(),
      /** Text is sent as it is, anything else as JSON. */
      body: z.json().optional(),
      /** The statuses that count as success. Default: 200 to 299. */
      expect: z.array(z.int().min(200).max(599)).min(1).max(50).optional(),
    }),
    /** `body` is parsed where the receiver says that it is JSON, else text. */
    output: z.strictObject({ status: z.int(), body: z.json() }),
    where: 'network',
  },
  'webhooks.forward': {
    title: 'Forward the request as it came',
    input: z.strictObject({
      headers: z
        .array(z.string().min(1).max(128))
        .max(50)
        .optional()
        .describe('Which of the headers that the source keeps go along. Default: all of them.'),
      source: z
        .string()
        .min(1)
        .max(63)
        .optional()
        .describe('The source of `eventId`. Default: that of the run’s event.'),
      eventId: z
        .string()
        .min(1)
        .max(1000)
        .optional()
        .describe('Another event than the run’s own, such as one that it has waited for.'),
    }),
    /** `deliveries` counts what this step has begun: none where another event of the same request came first. */
    output: z.strictObject({ messageId: z.string(), deliveries: z.int() }),
    where: 'local',
  },
} as const satisfies Record<string, CatalogueEntry>;

/** Activities behind a verb; a definition cannot `call` them. */
export const verbActivities = {
  'outbound.emit': {
    title: 'Emit an outbound webhook',
    input: z.strictObject({
      type: z.string().max(128).regex(eventTypePattern, 'expected an event type, such as order.created'),
      data: z.record(z.string(), z.json()),
    }),
    output: z.strictObject({ messageId: z.string(), deliveries: z.int() }),
    where: 'local',
  },
} as const satisfies Record<string, CatalogueEntry>;

const everything = { ...catalogue, ...verbActivities };
type Everything = typeof everything;

export type ActivityName = keyof Everything;
export type ActivityInput<Name extends ActivityName> = z.infer<Everything[Name]['input']>;
export type ActivityOutput<Name extends ActivityName> = z.infer<Everything[Name]['output']>;

export function catalogueEntry<Name extends ActivityName>(name: Name): Everything[Name] {
  return everything[name];
}

/** For `RunInput.localActivities`. */
export function localActivityNames(): ActivityName[] {
  const names = Object.keys(everything) as ActivityName[]; // The keys of a constant.
  return names.filter((name) => everything[name].where === 'local');
}
