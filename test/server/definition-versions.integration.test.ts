import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from '../../storage/database.ts';
import { definitions } from '../../storage/schema.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { openApi, problem } from './api/api-fixture.ts';

const hash = 'a'.repeat(64);
const definition = {
  ...{ name: 'paid', on: { event: 'payment.succeeded' } },
  steps: [{ id: 'order', call: 'orders.create', with: {} }],
};
const entry = { input: {}, output: {}, limits: null, money: false, undoable: true, verb: null, absent: null };

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
  await database.orm.insert(definitions).values({ hash, name: 'paid', json: definition });
});
afterAll(() => database.close());

function ask(path: string) {
  const api = openApi({
    database,
    workbench: () => ({
      activities: [
        { ...entry, name: 'orders.create', where: 'local', callable: true, taskQueue: null },
        { ...entry, name: 'orders.cancel', where: 'local', callable: true, taskQueue: null },
      ],
      ...{
        definitions: {},
        eventTypes: [],
        strictEventTypes: false,
        settings: null,
        finalErrors: [],
        harmlessErrors: [],
      },
    }),
  });
  return api({ url: `/api/v1/definitions/${path}` });
}

it('answers a version that is not served any more, with the activities that it names', async () => {
  expect(await ask(`paid/versions/${hash}`)).toEqual({
    status: 200,
    body: { hash, definition, activities: [{ name: 'orders.create', where: 'local', taskQueue: null }] },
  });
});

it.each([
  [`paid/versions/${'b'.repeat(64)}`, problem(404, 'not-found', '"paid" was never served in this version.')],
  [`other/versions/${hash}`, problem(404, 'not-found', '"other" was never served in this version.')],
  ['paid/versions/latest', expect.objectContaining({ status: 400 })],
  [`paid/versions/${hash.toUpperCase()}`, expect.objectContaining({ status: 400 })],
])('answers a problem for %s', async (path, body) => {
  expect((await ask(path)).body).toEqual(body);
});
