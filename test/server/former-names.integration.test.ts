import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Definition } from '../../language/definition.ts';
import { withFormerNames } from '../../server/former-names.ts';
import { hashOf, type LoadedDefinition } from '../../server/load-definitions.ts';
import { recordDefinitions } from '../../server/served-definitions.ts';
import type { Database } from '../../storage/database.ts';
import { definitions } from '../../storage/schema.ts';
import { openTestDatabase } from '../services/open-test-database.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.orm.delete(definitions));

/** A version of a definition; versions of the same `amount` do the same. */
function version(name: string, amount: number, changes: Partial<Definition> = {}): LoadedDefinition {
  const definition: Definition = {
    ...{ name, on: { event: 'payment.succeeded' }, ...changes },
    steps: [{ id: 'pay', call: 'http.request', with: { amount } }],
  };
  return { definition, hash: hashOf(definition), file: `${name}.json`, children: {} };
}

/** The former names of what is served now, after all of `before` was served at some time. */
async function formerNames(before: LoadedDefinition[], served: LoadedDefinition[]) {
  await recordDefinitions(database, [...before, ...served]);
  const named = await withFormerNames(database, served);
  return named.map(({ definition, formerNames: names }) => [definition.name, names]);
}

it.each<[string, LoadedDefinition[], LoadedDefinition[], unknown[]]>([
  ['was renamed', [version('old', 1)], [version('new', 1)], [['new', ['old']]]],
  [
    'was renamed with another title',
    [version('old', 1, { title: 'Old' })],
    [version('new', 1, { title: 'New' })],
    [['new', ['old']]],
  ],
  ['was renamed twice', [version('a', 1), version('b', 1)], [version('c', 1)], [['c', ['a', 'b']]]],
  [
    'was renamed, edited and renamed',
    [version('a', 1), version('b', 1), version('b', 2)],
    [version('c', 2)],
    [['c', ['a', 'b']]],
  ],
  ['was edited after it was renamed', [version('old', 1), version('new', 1)], [version('new', 2)], [['new', ['old']]]],
  ['was edited before it was renamed', [version('old', 1), version('old', 2)], [version('new', 2)], [['new', ['old']]]],
  [
    'has a copy',
    [],
    [version('one', 1), version('other', 1)],
    [
      ['one', []],
      ['other', []],
    ],
  ],
  ['does something else', [version('old', 1)], [version('new', 2)], [['new', []]]],
  ['kept its name', [version('old', 1)], [version('old', 2)], [['old', []]]],
])('knows the former names of a definition that %s', async (_what, before, served, expected) => {
  expect(await formerNames(before, served)).toEqual(expected);
});
