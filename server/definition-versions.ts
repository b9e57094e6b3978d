import { and, eq } from 'drizzle-orm';
import type { Database } from '../storage/database.ts';
import { definitions } from '../storage/schema.ts';

/** The runs of a definition are counted among its newest, so that the answer takes bounded time. */
const countedRuns = 20_000;
const countedInList = 1_000;

/** A version of a definition that was served, now or once. */
export interface DefinitionVersion {
  hash: string;
  firstSeenAt: Date;
  definition: unknown;
  /** Among the newest {@link countedRuns} of the definition. */
  runs: number;
  lastRunAt: Date | null;
}

/** The newest versions, at most fifty. */
export async function listVersions(database: Database, name: string): Promise<DefinitionVersion[]> {
  const rows = await database.run<DefinitionVersion>('definition-versions', versionsSql, [name, countedRuns]);
  return rows.map(({ firstSeenAt, lastRunAt, ...row }) => ({
    ...row,
    firstSeenAt: new Date(firstSeenAt),
    lastRunAt: lastRunAt === null ? null : new Date(lastRunAt),
  }));
}

/** The definition of a version, whether it is served or not. Undefined: it never was, under this name. */
export async function findVersion(database: Database, name: string, hash: string): Promise<unknown> {
  const [row] = await database.orm
    .select({ json: definitions.json })
    .from(definitions)
    .where(and(eq(definitions.hash, hash), eq(definitions.name, name)));
  return row?.json;
}

const versionsSql = `
  with counted as (
    select definition_hash as hash, count(*)::float8 as runs, max(started_at) as last
    from (select definition_hash, started_at from runs where definition = $1 order by started_at desc, number desc limit $2) as newest
    group by definition_hash)
  select definitions.hash, created_at as "firstSeenAt", json as definition, coalesce(runs, 0) as runs, last as "lastRunAt"
  from definitions left join counted on counted.hash = definitions.hash
  where name = $1
  order by greatest(created_at, last) desc, definitions.hash limit 50`;

/** How many of the newest thousand runs of a definition there are, and how many of them have the version that is served. */
export interface RunCount {
  name: string;
  present: number;
  earlier: number;
  lastRunAt: Date | null;
}

/** For each definition with the hash of its present version. */
export async function countRuns(
  database: Database,
  served: readonly { name: string; hash: string }[],
): Promise<Map<string, RunCount>> {
  const parameters = [JSON.stringify(served), countedInList];
  const rows = await database.run<RunCount>('definition-run-counts', countSql, parameters);
  return new Map(
    rows.map((row) => [row.name, { ...row, lastRunAt: row.lastRunAt === null ? null : new Date(row.lastRunAt) }]),
  );
}

const countSql = `
  select served.name, counted.*
  from json_to_recordset($1::json) as served (name text, hash text)
  cross join lateral (
    select count(*) filter (where definition_hash = served.hash)::float8 as present,
      count(*) filter (where definition_hash <> served.hash)::float8 as earlier, max(started_at) as "lastRunAt"
    from (
      select definition_hash, started_at from runs where definition = served.name
      order by started_at desc, number desc limit $2) as newest) as counted`;
