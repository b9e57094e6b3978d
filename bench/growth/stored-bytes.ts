import type { Database } from '../../storage/database.ts';
import type { GrowingDatabase } from './growing-database.ts';

/** Bytes for each event, with indexes and what is stored out of line. */
export type StoredBytes = Record<(typeof measuredTables)[number], number>;
export const measuredTables = ['events', 'runs', 'bodies'] as const;

/** In the first rounds, tables keep the room of rows that were changed since. After some, new rows take it. */
const rounds = 4;

/** What an event takes up in a database in which events come and are dispatched all the time, and vacuum keeps up. */
export async function measureBytes(growing: GrowingDatabase, each: number): Promise<StoredBytes> {
  const { database } = growing;
  let before = await sizesOf(database);
  let grown = before;
  for (let round = 0; round < rounds; round += 1) {
    await growing.takeEvents(each);
    const after = await sizesOf(database);
    grown = { ...after };
    for (const table of measuredTables) grown[table] = (after[table] - before[table]) / each;
    before = after;
    await database.run('bench-vacuum', 'vacuum analyze', []);
  }
  return grown;
}

async function sizesOf(database: Database): Promise<StoredBytes> {
  const sizes = measuredTables.map((table) => `pg_total_relation_size('${table}')::float8 as ${table}`).join(', ');
  const [row] = await database.run<StoredBytes>('bench-sizes', `select ${sizes}`, []);
  if (row === undefined) throw new Error('Expected one row');
  return row;
}
