import { z } from 'zod';
import type { EventType } from '../event-types.ts';
import type { Finding } from '../finding.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import { valueFaults } from '../values/check-value.ts';
import { schemaProblems } from '../values/value-schema.ts';
import { ownPrefix } from '../own-event-types.ts';
import { checkForm } from './form.ts';
import { exampleOfSchema } from '../values/example-of-schema.ts';
import { parseSource } from './parse-source.ts';
import type { Report } from './report.ts';
import { emittedType } from './texts.ts';
import { checkValueSchema } from './value-schema.ts';
import { zodOfJsonSchema } from './zod-of-json-schema.ts';

/** `definitions/event-types/<type>.json`. */
export const eventTypeSchema = z.strictObject({
  $schema: z.string().optional(),
  description: z.string().max(2_000).optional().describe('What has happened, for those who receive it.'),
  deprecated: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('Set it if receivers should stop using this type: what they should use instead.'),
  data: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('JSON Schema of the data. Without it, the data has the form of the example.'),
  example: z.record(z.string(), z.unknown()).optional().describe('Data of such an event.'),
});

/**
 * Reads a file that describes a type of outbound webhooks; the type is the file's name. Reports every mistake at once; after one, the type is
 * null. Never throws.
 */
export function readEventType(
  { file, text }: { file: string; text: string },
  name: string,
): { eventType: EventType | null; findings: Finding[] } {
  const { report, value } = parseSource(file, text);
  if (!emittedType.safeParse(name).success) {
    const message = `"${name}" is not allowed as a type of events.`;
    const hint = name.startsWith(ownPrefix)
      ? `Kait sends the types that begin with ${ownPrefix} itself, and describes them itself.`
      : 'Name the file after its type: order.created.json.';
    report.add('KAIT1112', { path: [] }, message, hint);
  }
  if (value !== undefined && !isObject(value)) {
    report.add('KAIT1103', { path: [] }, 'The description of an event type must be an object.');
  }
  if (isObject(value)) checkEventType(value, report);
  const isSound = isObject(value) && !report.hasErrors();
  return { eventType: isSound ? eventTypeOf(value) : null, findings: report.findings() };
}

function checkEventType(value: JsonObject, report: Report): void {
  checkForm(eventTypeSchema, value, [], 'this event type', report);
  const { data, example } = value;
  if (data === undefined && example === undefined) {
    const hint = 'Add "example": { "orderId": "ord_1" }, or a JSON Schema as "data".';
    report.add('KAIT1901', { path: [] }, 'Nothing says what the data of this event is.', hint);
  }
  if (data === undefined && isObject(example)) return checkExample(example, report);
  if (!isObject(data)) return;
  const isSound = checkValueSchema(data, { code: 'KAIT1901', path: ['data'], title: 'The schema of the data' }, report);
  if (data.type !== 'object')
    report.add('KAIT1901', { path: ['data'] }, 'The schema of the data must have "type": "object".');
  if (!isSound || !isObject(example)) return;
  for (const { path, message } of valueFaults(data, example)) {
    const place = ['example', ...path].join('.');
    report.add('KAIT1901', { path: ['example', ...path] }, `The example does not fit the schema: ${place} ${message}.`);
  }
}

/** The schema that is made from it has the limits of any other. */
function checkExample(example: JsonObject, report: Report): void {
  const [problem] = schemaProblems(schemaOfExample(example, 'closed'));
  if (problem === undefined) return;
  const hint = 'Shorten the example, or add a JSON Schema as "data".';
  report.add('KAIT1901', { path: ['example'] }, `The schema that this example gives ${problem.message}.`, hint);
}

function eventTypeOf({ description, deprecated, data, example }: JsonObject): EventType {
  const given = isObject(example) ? example : undefined;
  const schema = isObject(data) ? data : schemaOfExample(given ?? {}, 'closed');
  const made = exampleOfSchema(schema);
  return {
    description: typeof description === 'string' ? description : undefined,
    deprecated: typeof deprecated === 'string' ? deprecated : undefined,
    data: schema,
    published: isObject(data) ? data : schemaOfExample(given ?? {}, 'open'),
    example: given ?? (isObject(made) ? made : {}),
    input: zodOfJsonSchema(schema),
  };
}

/** The form of an example: the same names and types. What is null there may be anything. `closed`: and no other names. */
function schemaOfExample(value: Json, to: 'closed' | 'open'): JsonObject {
  if (value === null) return {};
  if (Array.isArray(value))
    return { type: 'array', ...(value[0] === undefined ? {} : { items: schemaOfExample(value[0], to) }) };
  if (!isObject(value)) return { type: typeof value };
  return {
    type: 'object',
    properties: Object.fromEntries(Object.entries(value).map(([name, member]) => [name, schemaOfExample(member, to)])),
    required: Object.keys(value),
    ...(to === 'closed' && { additionalProperties: false }),
  };
}
