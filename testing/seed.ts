import type { Transaction } from '../storage/database.ts';
import { projectSchema } from '../storage/project/project-schema.ts';

/** What the migrations have put into the tables. */
export interface Seed {
  restore(transaction: Transaction): Promise<void>;
}

const seedSchema = 'project_seed';
const columnsSql = `
  select column_name as name from information_schema.columns
  where table_schema = $1 and table_name = $2 and is_generated = 'NEVER' order by ordinal_position`;
const sequencesSql = `
  select sequencename as name, start_value::text as start, last_value::text as last from pg_sequences where schemaname = $1`;

/** Copies the tables, and notes where the sequences are. */
export async function createSeed(transaction: Transaction, tables: readonly string[]): Promise<Seed> {
  await transaction.query(`create schema ${seedSchema}`);
  for (const table of tables) {
    await transaction.query(`create table ${seedSchema}.${quoted(table)} as table ${projectSchema}.${quoted(table)}`);
  }
  const sequences = await transaction.query<{ name: string; start: string; last: string | null }>(sequencesSql, [
    projectSchema,
  ]);
  return {
    async restore(transaction) {
      // Foreign keys and triggers of the project have been satisfied once.
      await transaction.query(`select set_config('session_replication_role', 'replica', true)`);
      await transaction.query('delete from public.activity_results');
      await transaction.query('delete from public.events');
      for (const table of tables) await restoreTable(transaction, table);
      for (const { name, start, last } of sequences) {
        const place = `${projectSchema}.${quoted(name)}`;
        await transaction.query('select setval($1::regclass, $2::bigint, $3::boolean)', [
          place,
          last ?? start,
          String(last !== null),
        ]);
      }
    },
  };
}

async function restoreTable(transaction: Transaction, table: string): Promise<void> {
  const columns = await transaction.query<{ name: string }>(columnsSql, [projectSchema, table]);
  const list = columns.map(({ name }) => quoted(name)).join(', ');
  await transaction.query(`delete from ${projectSchema}.${quoted(table)}`);
  if (list === '') return;
  await transaction.query(
    `insert into ${projectSchema}.${quoted(table)} (${list}) overriding system value select ${list} from ${seedSchema}.${quoted(table)}`,
  );
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
