import { zodOfJsonSchema } from './check/zod-of-json-schema.ts';
import type { EventType, EventTypes } from './event-types.ts';
import type { JsonObject } from './json.ts';

/** Begins the types that Kait sends about itself. No step may emit one, and `*` does not take them. */
export const ownPrefix = 'kait.';
/** What happened to an endpoint comes after it. */
export const noticePrefix = `${ownPrefix}endpoint.`;
/** Goes only to the endpoint that somebody tests. */
export const testType = `${ownPrefix}test`;

/** The data of `kait.endpoint.failing`, `kait.endpoint.disabled` and `kait.endpoint.recovered`. */
export interface EndpointNoticeData {
  endpoint: { id: string; url: string; description: string; tenant: string | null; state: string };
  reason: string | null;
  at: string;
  failingSince: string | null;
  lastStatuses: (number | null)[];
  deliveries: { pending: number; parked: number };
  resume: string | null;
}

const instant = (description: string, type: 'string' | ['string', 'null'] = 'string'): JsonObject => ({
  ...{ type, format: 'date-time', description },
});

const noticeSchema: JsonObject = {
  type: 'object',
  properties: {
    endpoint: {
      type: 'object',
      properties: {
        id: { type: 'string' },
        url: { type: 'string', description: 'Without user, password, query, and parts of the path that may be keys.' },
        description: { type: 'string' },
        tenant: { type: ['string', 'null'], description: 'Whose it is. Null: the operator’s.' },
        state: { type: 'string', enum: ['enabled', 'paused', 'disabled'], description: 'When this was sent.' },
      },
      required: ['id', 'url', 'description', 'tenant', 'state'],
    },
    reason: {
      type: ['string', 'null'],
      description: 'What the last attempt came to, such as HTTP 503. Null: it succeeded.',
    },
    at: instant('When it happened.'),
    failingSince: instant('Since when every attempt has failed, or had failed until then.', ['string', 'null']),
    lastStatuses: {
      type: 'array',
      items: { type: ['integer', 'null'] },
      description: 'HTTP statuses of the newest deliveries that were tried, the newest first. Null: no answer.',
    },
    deliveries: {
      type: 'object',
      properties: {
        pending: { type: 'integer', description: 'Under way, or about to be.' },
        parked: { type: 'integer', description: 'Kept until the endpoint can take them.' },
      },
      required: ['pending', 'parked'],
    },
    resume: {
      type: ['string', 'null'],
      description: 'What enables the endpoint again: a command, or a request of the API. Null: nothing has to be done.',
    },
  },
  required: ['endpoint', 'reason', 'at', 'failingSince', 'lastStatuses', 'deliveries', 'resume'],
};

const failing: EndpointNoticeData = {
  endpoint: { id: 'ep_1', url: 'https://shop.example/webhooks', description: 'Orders', tenant: null, state: 'enabled' },
  ...{ reason: 'HTTP 503', at: '2026-11-28T09:30:00.000Z', failingSince: '2026-11-28T09:24:31.000Z' },
  ...{ lastStatuses: [503, 503, null, 503, 503], deliveries: { pending: 3, parked: 12 }, resume: null },
};
const disabled: EndpointNoticeData = {
  ...{ ...failing, endpoint: { ...failing.endpoint, state: 'disabled' }, reason: '410 Gone' },
  ...{ lastStatuses: [410], deliveries: { pending: 0, parked: 15 }, resume: 'kait endpoints resume ep_1' },
};
const recovered: EndpointNoticeData = {
  ...{ ...failing, reason: null, at: '2026-11-28T10:02:00.000Z' },
  ...{ lastStatuses: [204, 503, 503, null, 503], deliveries: { pending: 2, parked: 0 } },
};

/** The types that Kait sends about itself, by name. */
export function ownEventTypes(): ReadonlyMap<string, EventType> {
  return new Map([
    [
      testType,
      eventType('A test of this endpoint, which somebody has asked for.', {
        schema: {
          type: 'object',
          properties: { endpoint: { type: 'string' }, message: { type: 'string' } },
          required: ['endpoint', 'message'],
        },
        example: { endpoint: 'ep_1', message: 'A test of this endpoint by Kait.' },
      }),
    ],
    [
      `${noticePrefix}failing`,
      eventType(
        'Attempts at an endpoint fail. Kait tries it again and again with one delivery at a time, and keeps the others.',
        { schema: noticeSchema, example: { ...failing } },
      ),
    ],
    [
      `${noticePrefix}disabled`,
      eventType('An endpoint was disabled. Its deliveries are kept, and nothing is sent until somebody resumes it.', {
        ...{ schema: noticeSchema, example: { ...disabled } },
      }),
    ],
    [
      `${noticePrefix}recovered`,
      eventType('An endpoint that failed takes webhooks again, and has for some minutes.', {
        ...{ schema: noticeSchema, example: { ...recovered } },
      }),
    ],
  ]);
}

/** The types that steps may emit. */
export function emittable({ byName }: EventTypes): EventTypes['byName'] {
  return new Map([...byName].filter(([type]) => !type.startsWith(ownPrefix)));
}

function eventType(description: string, { schema, example }: { schema: JsonObject; example: JsonObject }): EventType {
  const input = zodOfJsonSchema(schema);
  return { description, deprecated: undefined, data: schema, published: schema, example, input };
}
