import { z } from 'zod';
import type { ZodOpenApiOverride } from 'zod-openapi';
import type { DeliveryState, EventState, ParkedBecause } from '../../storage/schema.ts';

/*
 * Fields that several routes have. A description completes "must be …" in the message about a wrong value.
 */

/** PostgreSQL stores no NUL, and no name holds another control character. */
export const text = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u)
    .describe(`a text of 1 to ${most} characters without control characters`);

/** What a person says. */
export const words = (most: number) =>
  z
    .string()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}\p{Cs}]*[^\p{Cc}\p{Cs}\s][^\p{Cc}\p{Cs}]*$/u)
    .describe(`a text of 1 to ${most} characters without control characters, not only blanks`);

const limit = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .pipe(z.int().min(1).max(500))
  .default(20)
  .describe('a whole number from 1 to 500, given once')
  .meta({ override: shownAs({ type: 'integer', minimum: 1, maximum: 500, default: 20 }) });

export const cursor = z
  .string()
  .max(2_000)
  .regex(/^[\w-]+\.[\w-]+$/)
  .describe('the "next" of an earlier answer, with the same other parameters');

/** The query of a list: `limit`, `cursor` and the list's own parameters. */
export function pageQuery<Own extends z.core.$ZodLooseShape>(own: Own) {
  return z.strictObject({ limit, cursor: optional(cursor), ...own });
}

/** The answer of a list. `next` is null on the last page. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: nextCursor });
}

export const nextCursor = z.string().nullable().describe('The cursor of the next page. Null: this is the last one.');

/** A parameter of the query that is the id of a row. */
export const rowNumberInQuery = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number)
  .describe('a whole number of at most 9 digits')
  .meta({ override: shownAs({ type: 'integer', minimum: 0 }) });

/** A parameter of the query: how many days to look back. */
export const daysInQuery = z
  .string()
  .regex(/^\d{1,2}$/)
  .transform(Number)
  .pipe(z.int().min(1).max(30))
  .default(7)
  .describe('a whole number from 1 to 30, given once')
  .meta({ override: shownAs({ type: 'integer', minimum: 1, maximum: 30, default: 7 }) });

/** A parameter of the query that is either `true` or `false`. */
export const flag = z
  .enum(['true', 'false'])
  .transform((given) => given === 'true')
  .default(false)
  .describe('true or false')
  .meta({ override: shownAs({ type: 'boolean', default: false }) });

/** On whose behalf. */
export const by = optional(words(200));
export const reason = words(500);

/** From then on, a time has more digits than PostgreSQL reads. An offset leads there from the year 9999. */
const year10000 = Date.UTC(10_000, 0);

/** In answers. */
export const instant = z.iso.datetime();
export const instantGiven = z.iso
  .datetime({ offset: true })
  .refine((given) => Date.parse(given) >= 0 && Date.parse(given) < year10000)
  .transform((given) => new Date(given).toISOString()) // PostgreSQL knows fewer years and offsets.
  .describe('an RFC 3339 time such as 2026-11-25T01:00:00Z');

export const sourceName = text(200);
export const eventId = text(1_000);
export const workflowId = text(1_500);
export const stepKey = text(256);
/** It becomes part of a query to Temporal, so it must have no quotes. */
export const definitionName = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9_-]+$/)
  .describe('the name of a definition');
/** Which outbound webhooks, in filters. */
export const webhookType = text(128).describe('an event type such as order.created, or order.* for all below order');
export const rowNumber = z.int().min(0).describe('a whole number');

export const eventStates = [
  'pending',
  'waiting',
  'queued',
  'dispatched',
  'ignored',
  'failed',
  'unreadable',
] as const satisfies EventState[];
export const eventState = z.enum(eventStates).describe(`one of ${eventStates.join(', ')}`);

/** In a path. */
export const run = text(1_500).describe('the workflow id of a run, the id of its event, or an order number');
export const deliveryStates = [
  'pending',
  'started',
  'parked',
  'delivered',
  'exhausted',
  'refused',
] as const satisfies DeliveryState[];

/** What a parked delivery waits for. */
export const parkedBecause = [
  'paused',
  'disabled',
  'circuit',
  'order',
  'concurrency',
] as const satisfies ParkedBecause[];

/** Of an attempt, in ms. */
export const attemptTimings = z.object({
  dnsMs: z.number().optional(),
  connectMs: z.number().optional(),
  tlsMs: z.number().optional(),
  reused: z.literal(true).optional(),
  firstByteMs: z.number().optional(),
  totalMs: z.number(),
});

export const runParams = z.strictObject({ run });
export const eventParams = z.strictObject({ source: sourceName, event: eventId });

/** Keeps the description, which `optional` drops. */
export function optional<Schema extends z.ZodType>(schema: Schema): z.ZodOptional<Schema> {
  return schema.optional().describe(schema.description ?? '');
}

/** Parameters of the query are texts. The document says what they stand for. */
function shownAs(schema: Record<string, unknown>): ZodOpenApiOverride {
  return ({ jsonSchema }) => {
    for (const key of ['type', 'pattern', 'enum']) Reflect.deleteProperty(jsonSchema, key);
    Object.assign(jsonSchema, schema);
  };
}
