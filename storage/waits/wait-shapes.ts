import type { Database } from '../database.ts';

/** A type that a `waitFor` names, and the paths that it matches, as a JSON list: see `language/correlation.ts`. */
export interface WaitShape {
  type: string;
  paths: string;
}

const missingSql = `
  select row.type, row.paths from json_to_recordset($1::json) as row (type text, paths text)
  where not exists (select from wait_shapes where wait_shapes.type = row.type and wait_shapes.paths = row.paths)`;

const insertSql = `
  insert into wait_shapes (type, paths, last_event)
  select distinct row.type, row.paths, (select coalesce(max(id), 0) from events)
  from json_to_recordset($1::json) as row (type text, paths text)
  on conflict (type, paths) do nothing`;

/** Webhooks wait for the lock as well, so it is given up soon. Whoever needs the shapes tries again. */
const lockSql = [`set local lock_timeout = '3s'`, 'lock table events in share mode'];
const limitMs = 10_000;

/**
 * Makes shapes known to whoever stores and dispatches events. The lock waits for every event that is being stored: those know nothing of
 * the new shapes, and are not newer than `last_event`. Every later one is stored as pending and gets its key. Locks only for shapes that
 * are new, which is after a definition has changed.
 */
export async function recordShapes(database: Database, shapes: readonly WaitShape[]): Promise<void> {
  if (shapes.length === 0) return;
  const missing = await database.run<WaitShape>('wait-shapes-missing', missingSql, [JSON.stringify(shapes)]);
  if (missing.length === 0) return;
  await database.transact(
    async (transaction) => {
      for (const sql of lockSql) await transaction.query(sql);
      await transaction.query(insertSql, [JSON.stringify(missing)]);
    },
    { limitMs },
  );
}

const pathsSql = `
  select distinct paths from wait_shapes where type = any(array(select json_array_elements_text($1::json)))`;

/** All paths that a `waitFor` of one of these types has ever matched. */
export async function matchedPaths(database: Database, types: readonly string[]): Promise<string[]> {
  const rows = await database.run<{ paths: string }>('wait-shapes-paths', pathsSql, [
    JSON.stringify([...new Set(types)]),
  ]);
  return [...new Set(rows.flatMap(({ paths }) => JSON.parse(paths) as string[]))]; // As `pathListOf` wrote it.
}
