import type { EventType, EventTypes } from '../../language/event-types.ts';
import { isObject, type Json, type JsonObject } from '../../language/json.ts';

/** What receivers are told about the webhooks of a project. */
export interface Catalogue {
  types: EventTypes;
  /** The pauses before the attempts of a delivery, in ms. */
  scheduleMs: readonly number[];
}

/** A made-up id and time, the same in all examples. */
const exampleId = 'msg_2f6b8a3c1d907b4f1a525f0c';
const exampleTime = '2026-11-28T09:30:00.000Z';
const exampleSeconds = '1795858200';

/** A header of a request, with what it means and an example. */
interface RequestHeader {
  name: string;
  /** Whether each request has it. */
  always: boolean;
  description: string;
  example: string;
}

export const requestHeaders: readonly RequestHeader[] = [
  {
    name: 'webhook-id',
    always: true,
    description: 'Identifies the message. It is the same for each attempt, so skip what you have seen.',
    example: exampleId,
  },
  {
    name: 'webhook-timestamp',
    always: true,
    description: 'When this attempt was sent, in seconds since 1970.',
    example: exampleSeconds,
  },
  {
    name: 'webhook-signature',
    always: true,
    description:
      'Signatures of `<webhook-id>.<webhook-timestamp>.<body>`, separated by a blank. One that fits is enough. `v1,` is HMAC-SHA256 in Base64.',
    example: 'v1,ksp9xAkhnLsPzOzIaJbjkRCkgcmyeDOsU/lLJK9JHbw=',
  },
  {
    name: 'kait-callback-url',
    always: false,
    description:
      'Only if an answer is expected. Send it to this URL later: `POST`, `application/json`, at most 64 KiB. Whoever has the URL can answer, so keep it secret. It is not signed: use it only if its host is the one that you know.',
    example: 'https://hooks.example.com/callback/WyJkbHZfMSIsMTc5NTk0NDYwMF0.3q2-7w',
  },
];

/** What the status of an answer means. */
export const answers: readonly { status: string; description: string }[] = [
  { status: '2XX', description: 'Delivered.' },
  { status: '410', description: 'Never again: the endpoint is disabled at once.' },
  {
    status: '429',
    description: 'Try later. `Retry-After` says when, in seconds or as an HTTP date; the same holds for 503.',
  },
  { status: 'default', description: 'Anything else is a failure, redirects included. It is tried again.' },
];

/** The body of a webhook as an example. */
export function exampleBody(type: string, { example }: Pick<EventType, 'example'>): JsonObject {
  return { type, timestamp: exampleTime, data: example };
}

/** The schema of a body. `data` is the schema of the data, or a reference to it. */
export function bodySchema(type: string, data: Json): JsonObject {
  return {
    type: 'object',
    properties: {
      type: { const: type, description: 'What has happened.' },
      timestamp: { type: 'string', format: 'date-time', description: 'When it was told, in UTC.' },
      data,
    },
    required: ['type', 'timestamp', 'data'],
  };
}

/** The schema of a type with its references led to where it stands in a document: `#/components/schemas/order.created`. */
export function schemaAt(base: string, { published }: Pick<EventType, 'published'>): JsonObject {
  return relocated(published, base) as JsonObject; // An object stays one.
}

function relocated(schema: Json, base: string): Json {
  if (Array.isArray(schema)) return schema.map((each) => relocated(each, base));
  if (!isObject(schema)) return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([name]) => name !== '$schema' && name !== '$id')
      .map(([name, value]) => {
        if (values.includes(name)) return [name, value];
        if (schemasByName.includes(name) && isObject(value)) return [name, mapped(value, base)];
        return [
          name,
          name === '$ref' && typeof value === 'string' ? `${base}${value.slice(1)}` : relocated(value, base),
        ];
      }),
  );
}

/** Keywords that hold values, in which nothing is a reference. */
const values = ['const', 'enum', 'default', 'example', 'examples'];
/** Keywords whose members are names of the author's. */
const schemasByName = ['properties', '$defs', 'definitions'];

function mapped(members: JsonObject, base: string): JsonObject {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, relocated(member, base)]));
}

/** `at once`, `after 5 seconds`, …: one for each attempt. */
export function scheduleInWords(scheduleMs: readonly number[]): string[] {
  return scheduleMs.map((ms) => (ms === 0 ? 'at once' : `after ${inWords(ms)}`));
}

function inWords(ms: number): string {
  const units: [number, string][] = [
    [86_400_000, 'day'],
    [3_600_000, 'hour'],
    [60_000, 'minute'],
    [1_000, 'second'],
  ];
  const [size, unit] = units.find(([each]) => ms >= each && ms % each === 0) ?? [1, 'millisecond'];
  return `${ms / size} ${unit}${ms === size ? '' : 's'}`;
}
