import { createSql, type Sql, type SqlParameter, toSqlJson } from '../activities/own/sql.ts';
import type { Database, Transaction } from '../storage/database.ts';
import { openPGlite } from '../storage/open-pglite.ts';
import { migrateProject } from '../storage/project/migrate-project.ts';
import { projectSchema, projectSearchPath } from '../storage/project/project-schema.ts';
import { readMigrations } from '../storage/project/read-migrations.ts';
import { createSeed } from './seed.ts';

/** A PGlite in memory with Kait's tables and the project's. */
export interface TestDatabase {
  database: Database;
  /** Runs a statement on the project's tables, with all rights, in a transaction of its own. */
  sql: Sql;
  /** Makes the project's tables as the migrations have left them, and forgets events and results. */
  reset(): Promise<void>;
  /** The rows of each table of the project as one text, by the table's name. */
  contents(): Promise<Map<string, string>>;
  /** Refuses `sql` while `work` is under way: it would wait for a transaction that waits for it. */
  during<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** Starting one takes a second, so the tests of a process share it. */
const open = new Map<string, Promise<TestDatabase>>();

/** Opens the database of the tests of a project, whose migrations are in `folder`. One for each folder, for as long as the process lives. */
export function testDatabase(folder: string): Promise<TestDatabase> {
  const known = open.get(folder) ?? openTestDatabase(folder);
  open.set(folder, known);
  return known;
}

async function openTestDatabase(folder: string): Promise<TestDatabase> {
  const migrations = await readMigrations(folder);
  const database = await openPGlite('memory');
  await migrateProject(database, migrations);
  const inProject = <Result>(work: (transaction: Transaction) => Promise<Result>) =>
    database.transact(
      async (transaction) => {
        await transaction.query(`select set_config('search_path', $1, true)`, [projectSearchPath]);
        return work(transaction);
      },
      { limitMs: 30_000 },
    );
  const tables = await inProject(tablesOf);
  const seed = await inProject((transaction) => createSeed(transaction, tables));
  let busy = 0;
  const requireIdle = () => {
    if (busy > 0) throw new Error('This `sql` is for before and after. Within an activity, use the `sql` that it gets');
  };
  return {
    database,
    sql: sqlOver(inProject, requireIdle),
    reset: () => inProject((transaction) => seed.restore(transaction)),
    contents: () => inProject((transaction) => contentsOf(transaction, tables)),
    async during(work) {
      busy += 1;
      try {
        return await work();
      } finally {
        busy -= 1;
      }
    },
  };
}

function sqlOver(
  inProject: <Result>(work: (transaction: Transaction) => Promise<Result>) => Promise<Result>,
  requireIdle: () => void,
): Sql {
  const tag = <Row extends object>(text: TemplateStringsArray, ...values: SqlParameter[]): Promise<Row[]> => {
    requireIdle();
    return inProject((transaction) => createSql(transaction, { late: () => undefined }).sql<Row>(text, ...values));
  };
  return Object.assign(tag, { json: toSqlJson });
}

async function tablesOf(transaction: Transaction): Promise<string[]> {
  const rows = await transaction.query<{ name: string }>(
    'select tablename as name from pg_tables where schemaname = $1 order by tablename',
    [projectSchema],
  );
  return rows.map(({ name }) => name);
}

async function contentsOf(transaction: Transaction, tables: string[]): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  for (const table of tables) {
    const rows = await transaction.query<{ row: string }>(
      `select each::text as row from "${table.replaceAll('"', '""')}" as each order by 1`,
    );
    contents.set(table, rows.map(({ row }) => row).join('\n'));
  }
  return contents;
}
