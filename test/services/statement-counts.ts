import type { Database } from '../../storage/database.ts';

/** Counts what a database executes meanwhile. Its server has to be started with `countsStatements`. */
export async function countStatements(database: Database, work: () => Promise<unknown>): Promise<number> {
  await database.run('count-extension', 'create extension if not exists pg_stat_statements', []);
  await database.run('count-reset', 'select pg_stat_statements_reset()', []);
  await work();
  const [row] = await database.run<{ calls: number }>('count-calls', callsSql, []);
  return row?.calls ?? 0;
}

const callsSql = `
  select coalesce(sum(calls), 0)::float8 as calls
  from pg_stat_statements join pg_database on pg_database.oid = dbid
  where datname = current_database() and query not like '%pg_stat_statements%'`;
