import { KaitError } from '../errors.ts';
import type { Database, Transaction } from './database.ts';
import { projectSchema, shopSchema } from './project/project-schema.ts';

/** Copying millions of rows takes its time. */
const limitMs = 24 * 60 * 60 * 1_000;

/** Rows at a time. One with bytes can take 32 MB as JSON. */
const rowsAtOnce = { small: 500, bytes: 8 };

/** Tables that may have rows in a database that nobody has used yet, or only to see whether it can be reached. */
const filledByMigrating = ['public.installation', 'public.processes', 'public.project_migrations'];

interface Table {
  /** With its schema, as in SQL. */
  name: string;
  /** As in SQL. */
  columns: string[];
  /** Whether a column holds bytes. */
  bytes: boolean;
  /** The columns that count by themselves. */
  counters: string[];
  /** The tables that its rows refer to. */
  refersTo: string[];
}

/**
 * Copies all rows of Kait's and the project's tables, in one transaction, into a database with the same tables and no rows. Nobody may use
 * either meanwhile. Ids stay, so that runs and deliveries under way find theirs. `copied` is called after each table. Throws
 * `KAIT_DATABASE_NOT_EMPTY`, and then has changed nothing.
 */
export async function copyDatabase(
  from: Database,
  to: Database,
  copied: (table: string, rows: number) => void = () => undefined,
): Promise<void> {
  await from.transact(
    (source) =>
      to.transact(
        async (target) => {
          const tables = inOrder(await tablesOf(source));
          await requireEmpty(target, tables);
          for (const table of tables) copied(table.name, await copyTable(table, source, target));
        },
        { limitMs },
      ),
    { limitMs },
  );
}

async function requireEmpty(target: Transaction, tables: readonly Table[]): Promise<void> {
  const names = new Set((await tablesOf(target)).map(({ name }) => name));
  for (const { name } of tables) {
    if (!names.has(name)) {
      throw new KaitError(
        'KAIT_DATABASE_NOT_EMPTY',
        `The database has no table ${name}. Run "kait migrate" for it first.`,
      );
    }
    if (filledByMigrating.includes(name)) await target.query(`delete from ${name}`);
    const rows = await target.query(`select from ${name} limit 1`);
    if (rows.length > 0) {
      throw new KaitError(
        'KAIT_DATABASE_NOT_EMPTY',
        `The table ${name} has rows already. Name a database that Kait has not used yet.`,
      );
    }
  }
}

async function copyTable(table: Table, source: Transaction, target: Transaction): Promise<number> {
  const { name, bytes, counters } = table;
  const columns = table.columns.join(', ');
  let rows = 0;
  await source.query(
    `declare copied cursor for select row_to_json(t)::text as row from (select ${columns} from ${name}) t`,
  );
  for (;;) {
    const batch = await source.query<{ row: string }>(
      `fetch ${bytes ? rowsAtOnce.bytes : rowsAtOnce.small} from copied`,
    );
    if (batch.length === 0) break;
    await target.query(
      `insert into ${name} (${columns}) overriding system value
       select ${columns} from json_populate_recordset(null::${name}, $1::json)`,
      [`[${batch.map(({ row }) => row).join(',')}]`],
    );
    rows += batch.length;
  }
  await source.query('close copied');
  for (const counter of counters) {
    await target.query(
      `select setval(pg_get_serial_sequence($1, $2), coalesce(max(${quoted(counter)}), 1), count(*) > 0) from ${name}`,
      [name, counter],
    );
  }
  return rows;
}

async function tablesOf(transaction: Transaction): Promise<Table[]> {
  const rows = await transaction.query<{ table: string }>(
    `select json_build_object(
       'name', format('%I.%I', n.nspname, c.relname),
       'columns', (select json_agg(quote_ident(a.attname) order by a.attnum) from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''),
       'bytes', exists (select from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and a.atttypid = 'bytea'::regtype),
       'counters', coalesce((select json_agg(a.attname) from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
           and pg_get_serial_sequence(format('%I.%I', n.nspname, c.relname), a.attname) is not null), '[]'),
       'refersTo', coalesce((select json_agg(format('%I.%I', fn.nspname, fc.relname)) from pg_constraint k
         join pg_class fc on fc.oid = k.confrelid join pg_namespace fn on fn.oid = fc.relnamespace
         where k.conrelid = c.oid and k.contype = 'f' and k.confrelid <> c.oid), '[]'))::text as table
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname in ('public', $1, $2)
     order by n.nspname desc, c.relname`,
    [projectSchema, shopSchema],
  );
  return rows.map(({ table }) => JSON.parse(table) as Table); // As the statement builds it.
}

/** Each table after those that its rows refer to. Tables that refer to each other come last, where PostgreSQL says what is wrong. */
function inOrder(tables: readonly Table[]): Table[] {
  const ordered: Table[] = [];
  let left = [...tables];
  while (left.length > 0) {
    const names = new Set(left.map(({ name }) => name));
    const free = left.filter(({ refersTo }) => !refersTo.some((name) => names.has(name)));
    if (free.length === 0) return [...ordered, ...left];
    ordered.push(...free);
    left = left.filter((table) => !free.includes(table));
  }
  return ordered;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
