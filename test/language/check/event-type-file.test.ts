import { expect, it } from 'vitest';
import { checkDefinition } from '../../../language/check.ts';
import { readEventType } from '../../../language/check/event-type-file.ts';
import { defaultCatalogue } from '../../../language/event-types.ts';
import type { Json } from '../../../language/json.ts';
import { activityTypes } from '../activity-types.ts';

const read = (content: Json, name = 'order.shipped') =>
  readEventType({ file: `${name}.json`, text: JSON.stringify(content) }, name);

const shipped = { example: { orderId: 'ord_1', parcels: 1, tracking: { carrier: 'JNE' }, note: null } };
const schema = {
  data: {
    type: 'object',
    properties: { orderId: { type: 'string' }, parcels: { type: 'integer' } },
    required: ['orderId'],
  },
};

/** What the checker finds in a step that emits the event. */
function findingsOf(eventType: Json, data: Json, emit = 'order.shipped', about = defaultCatalogue): string[] {
  const types = { byName: new Map([['order.shipped', read(eventType).eventType!]]), about };
  const steps = [{ id: 'tell', emit, with: data }];
  const text = JSON.stringify({ name: 'shop', on: { event: 'payment.succeeded' }, steps });
  const { findings } = checkDefinition({ text, file: 'a.json', activities: activityTypes, eventTypes: types });
  return findings.map(({ code, pointer, message }) => `${code} ${pointer} ${message}`);
}

it.each<[Json, Json]>([
  [shipped, { orderId: '{{event.payment.orderId}}', parcels: 2, tracking: { carrier: 'POS' }, note: 'fragile' }],
  [schema, { orderId: 'ord_1', more: true }],
])('accepts a step that emits what %j describes', (eventType, data) => {
  expect(findingsOf(eventType, data)).toEqual([]);
});

it.each<[Json, Json, string]>([
  [schema, { parcels: 2 }, 'KAIT1402 /steps/0/with/orderId order.shipped requires the input "orderId".'],
  [
    schema,
    { orderId: '{{event.payment.amount}}' },
    'KAIT1404 /steps/0/with/orderId order.shipped expects string as "orderId", got a path to number.',
  ],
  [shipped, { ...shipped.example, parcel: 1 }, 'KAIT1403 /steps/0/with/parcel order.shipped has no input "parcel".'],
])('reports a step that emits other data than %j describes: %j', (eventType, data, finding) => {
  expect(findingsOf(eventType, data)).toEqual([finding]);
});

it.each([
  ['order.shiped', ['KAIT1902 /steps/0/emit There is no event type "order.shiped".']],
  ['order.stopped', ['KAIT1902 /steps/0/emit There is no event type "order.stopped".']],
  ['order.created', []],
  ['points.added', []],
])('warns of a type that looks misspelt, and of no other: %s', (emit, findings) => {
  expect(findingsOf(shipped, {}, emit)).toEqual(findings);
});

const nested = {
  data: {
    type: 'object',
    properties: {
      customer: {
        type: 'object',
        properties: { name: { type: 'string' }, points: { type: 'integer' } },
        required: ['name'],
        additionalProperties: false,
      },
    },
  },
};

it.each<[string, Json, string[]]>([
  [
    'a member that is not known, beside a computed one',
    { customer: { name: '{{event.payment.orderId}}', nmae: 1 } },
    ['KAIT1403 /steps/0/with/customer/nmae order.shipped has no input "customer.nmae".'],
  ],
  [
    'a member that is missing, beside a computed one',
    { customer: { points: '{{event.payment.amount}}' } },
    ['KAIT1402 /steps/0/with/customer/name order.shipped requires the input "customer.name".'],
  ],
  [
    'a path to a number in place of a text',
    { customer: { name: '{{event.payment.amount}}' } },
    ['KAIT1404 /steps/0/with/customer/name order.shipped expects string as "customer.name", got a path to number.'],
  ],
  [
    'a literal of the wrong type',
    { customer: { name: 5 } },
    [
      'KAIT1404 /steps/0/with/customer/name order.shipped does not accept this "customer.name": expected a text, got a number.',
    ],
  ],
  ['nothing in what is computed as a whole', { customer: { merge: [{ var: 'event.payment.customer' }] } }, []],
])('looks into the data: %s', (_what, data, findings) => {
  expect(findingsOf(nested, data)).toEqual(findings);
});

it('warns of a step that emits a deprecated type', () => {
  expect(findingsOf({ ...shipped, deprecated: 'Use parcel.sent.' }, shipped.example)).toEqual([
    'KAIT1903 /steps/0/emit The event type "order.shipped" is deprecated: Use parcel.sent.',
  ]);
});

it('reports every type that is not described if the project is strict', () => {
  const strict = { ...defaultCatalogue, strict: true };
  expect(findingsOf(shipped, {}, 'points.added', strict)).toEqual([
    'KAIT1904 /steps/0/emit There is no event type "points.added".',
  ]);
});

it('shows receivers an open schema where the author gave an example, so that new members break nobody', () => {
  const { eventType } = read({ example: { orderId: 'ord_1' } });
  expect(eventType?.published).toEqual({
    type: 'object',
    properties: { orderId: { type: 'string' } },
    required: ['orderId'],
  });
  expect(eventType?.data).toMatchObject({ additionalProperties: false });
});

it('makes an example up where the author gave a schema', () => {
  expect(read(schema).eventType?.example).toEqual({ orderId: 'text', parcels: 1 });
});

it.each<[string, Json, string]>([
  [
    'that refers to another address',
    { type: 'object', properties: { a: { $ref: 'https://schemas.example/a.json' } } },
    'KAIT1901 The schema of the data: "$ref" must begin with "#/": a reference leads to a part of the same schema, never to another file or address.',
  ],
  [
    'that refers to itself without end',
    { type: 'object', allOf: [{ $ref: '#' }] },
    'KAIT1901 The schema of the data: "$ref" "#" leads back to itself without end.',
  ],
  [
    'with more than 16 kB',
    { type: 'object', description: 'x'.repeat(17_000) },
    'KAIT1901 The schema of the data has more than 16384 characters as JSON.',
  ],
])('refuses a schema %s', (_what, data, finding) => {
  expect(read({ data }).findings.map(({ code, message }) => `${code} ${message}`)).toContain(finding);
});

it('refuses an example that gives a schema of more than 16 kB', () => {
  const example = Object.fromEntries(Array.from({ length: 1_000 }, (_, number) => [`member${number}`, 1]));
  expect(read({ example }).findings.map(({ message }) => message)).toEqual([
    'The schema that this example gives has more than 16384 characters as JSON.',
  ]);
});

it('says within steps that a pattern which others never finish does not match', () => {
  const hostile = { data: { type: 'object', properties: { id: { type: 'string', pattern: '^(a+)+$' } } } };
  expect(findingsOf(hostile, { id: `${'a'.repeat(5_000)}!` })).toEqual([
    'KAIT1404 /steps/0/with/id order.shipped does not accept this "id": expected a text that matches ^(a+)+$.',
  ]);
});

it.each<[Json, string]>([
  [{}, 'KAIT1901 Nothing says what the data of this event is.'],
  [[], 'KAIT1103 The description of an event type must be an object.'],
  [{ example: {}, shcema: {} }, 'KAIT1101 "shcema" is not a property of this event type.'],
  [{ data: { type: 'array' } }, 'KAIT1901 The schema of the data must have "type": "object".'],
])('reports a description that cannot be used: %j', (content, finding) => {
  const { eventType, findings } = read(content);
  expect(eventType).toBeNull();
  expect(findings.map(({ code, message }) => `${code} ${message}`)).toContain(finding);
});

it('reports an example that does not fit its schema', () => {
  const { findings } = read({ ...schema, example: { orderId: 5 } });
  expect(findings.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual(['KAIT1901 /example/orderId']);
});

it('reports a file that describes a type of Kait itself', () => {
  const { eventType, findings } = read(shipped, 'kait.endpoint.failing');
  expect(eventType).toBeNull();
  expect(findings).toMatchObject([
    {
      code: 'KAIT1112',
      hint: 'Kait sends the types that begin with kait. itself, and describes them itself.',
    },
  ]);
});

it('reports a file whose name is no type', () => {
  expect(read(shipped, 'order created').findings.map(({ code }) => code)).toEqual(['KAIT1112']);
});
