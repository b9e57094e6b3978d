import { expect, it } from 'vitest';
import { checkDefinition } from '../../../language/check.ts';
import { readEventType } from '../../../language/check/event-type-file.ts';
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
function findingsOf(eventType: Json, data: Json, emit = 'order.shipped'): string[] {
  const types = new Map([['order.shipped', read(eventType).eventType!]]);
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

it('reports a file whose name is no type', () => {
  expect(read(shipped, 'order created').findings.map(({ code }) => code)).toEqual(['KAIT1112']);
});
