import type { Definition } from '../language/definition.ts';
import type { Database } from '../storage/database.ts';
import { definitionChildren, definitions as definitionsTable } from '../storage/schema.ts';
import type { LoadedDefinition } from './load-definitions.ts';
import type { LastGood } from './serve-definitions.ts';

/** The versions that some server has served last, one for each file. */
export async function readLastGood(database: Database): Promise<LastGood[]> {
  const rows = await database.run<{ file: string; hash: string; json: unknown }>(
    'definitions-last-good',
    lastGoodSql,
    [],
  );
  // What is in the table was checked before; whoever uses it checks it again with the rules of today.
  return rows.map(({ file, hash, json }) => ({ file, hash, definition: json as Definition }));
}

const lastGoodSql = `
  select served.file, served.hash, definitions.json
  from served_definitions as served join definitions on definitions.hash = served.hash
  order by served.file`;

/**
 * Stores each version under its hash, so that an old run can be explained after its file has changed, and the versions that its `run` steps
 * start.
 */
export async function recordDefinitions(
  database: Database,
  loaded: readonly (Pick<LoadedDefinition, 'definition' | 'hash'> & Partial<Pick<LoadedDefinition, 'children'>>)[],
): Promise<void> {
  if (loaded.length === 0) return;
  const rows = loaded.map(({ definition, hash }) => ({ hash, name: definition.name, json: definition }));
  await database.orm.insert(definitionsTable).values(rows).onConflictDoNothing();
  const started = loaded.flatMap(({ hash, children = {} }) =>
    Object.values(children).map(({ definitionHash }) => ({ hash, child: definitionHash })),
  );
  if (started.length > 0) await database.orm.insert(definitionChildren).values(started).onConflictDoNothing();
}

/**
 * Remembers the present versions as the last good ones. `files` are all files of the folder: what is no longer there is forgotten.
 * Null if the folder could not be read. The versions themselves must be recorded.
 */
export async function recordServed(
  database: Database,
  current: readonly { file: string; hash: string }[],
  files: readonly string[] | null,
): Promise<void> {
  await database.run('definitions-served', servedSql, [JSON.stringify(current)]);
  if (files !== null) await database.run('definitions-forget', forgetSql, [JSON.stringify(files)]);
}

const servedSql = `
  insert into served_definitions (file, hash, served_at)
  select row.file, row.hash, now() from json_to_recordset($1::json) as row (file text, hash text)
  on conflict (file) do update set hash = excluded.hash, served_at = excluded.served_at`;

const forgetSql = `
  delete from served_definitions where file not in (select value from json_array_elements_text($1::json))`;

/** Waiting events released in one statement. */
const batchRows = 1_000;

/**
 * Makes events pending again that wait for a file which is no longer `awaited`, because it was corrected or is gone. Resolves to
 * their number. Whoever dispatches them starts only the runs that are missing.
 */
export async function releaseWaiting(database: Database, awaited: readonly string[]): Promise<number> {
  for (let released = 0; ;) {
    const rows = await database.run('events-release', releaseSql, [JSON.stringify(awaited), batchRows]);
    released += rows.length;
    if (rows.length < batchRows) return released;
  }
}

const releaseSql = `
  update events set state = 'pending', attempts = 0, claimed_until = null, last_error = null, waits_for = null
  where id in (
    select id from events
    where state = 'waiting' and not (waits_for <@ array(select value from json_array_elements_text($1::json)))
    order by id limit $2 for update skip locked)
  returning id`;

/** The number of waiting events, counted up to `atMost`. */
export async function countWaiting(database: Database, atMost: number): Promise<number> {
  const sql = `select count(*) as count from (select 1 from events where state = 'waiting' limit $1) as waiting`;
  const [row] = await database.run<{ count: string | number }>('events-waiting', sql, [atMost]);
  return Number(row?.count ?? 0);
}
