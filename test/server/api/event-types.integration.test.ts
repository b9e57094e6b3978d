import { afterAll, beforeAll, expect, it } from 'vitest';
import { noEventTypes, type EventType } from '../../../language/event-types.ts';
import { readEventType } from '../../../language/check/event-type-file.ts';
import type { Database } from '../../../storage/database.ts';
import { publishedSets } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { openApi, problem } from './api-fixture.ts';

const text = '{ "description": "Points were added.", "example": { "points": 1 } }';
const pointsAdded: EventType = readEventType({ file: 'points.added.json', text }, 'points.added').eventType!;
const types = { ...noEventTypes, byName: new Map([['points.added', pointsAdded]]) };

let database: Database;
let ask: ReturnType<typeof openApi>;
beforeAll(async () => {
  database = await openTestDatabase();
  ask = openApi({ database, eventCatalogue: () => ({ types, scheduleMs: [0] }) });
});
afterAll(() => database.close());

const described = {
  type: 'points.added',
  description: 'Points were added.',
  deprecated: null,
  schema: { type: 'object', properties: { points: { type: 'number' } }, required: ['points'] },
  example: { points: 1 },
};

it('lists the types that are served', async () => {
  expect(await ask({ url: '/api/v1/event-types' })).toEqual({ status: 200, body: { items: [described], next: null } });
});

it('lists the types of a published set, and those of Kait', async () => {
  const files = { 'event-types/points.added.json': text, 'sources.json': '{}' };
  const row = { hash: 'h', files, activities: [], author: 'ana', note: 'first' };
  const [set] = await database.orm.insert(publishedSets).values(row).returning();
  const { body } = await ask({ url: `/api/v1/event-types?set=${set!.id}` });
  expect(body).toEqual({
    items: [
      expect.objectContaining({ type: 'order.created' }),
      described,
      expect.objectContaining({ type: 'kait.test' }),
      expect.objectContaining({ type: 'kait.endpoint.failing' }),
      expect.objectContaining({ type: 'kait.endpoint.disabled' }),
      expect.objectContaining({ type: 'kait.endpoint.recovered' }),
    ],
    next: null,
  });
});

it.each([
  ['4242', 404, problem(404, 'not-found', 'There is no published set 4242.')],
  ['x', 400, problem(400, 'invalid-request', 'set must be a whole number of at most 9 digits, but it is "x".')],
])('refuses the set %s', async (set, status, body) => {
  expect(await ask({ url: `/api/v1/event-types?set=${set}` })).toMatchObject({ status, body });
});

it('answers the documents for receivers', async () => {
  const asyncApi = await ask({ url: '/api/v1/event-types/asyncapi.json' });
  expect(asyncApi).toMatchObject({
    status: 200,
    body: { asyncapi: '3.0.0', info: { title: 'Webhooks', version: '1' } },
  });
  const openApiDocument = await ask({ url: '/api/v1/event-types/openapi.json' });
  expect(openApiDocument).toMatchObject({ status: 200, body: { openapi: '3.1.0', webhooks: { 'points.added': {} } } });
});
