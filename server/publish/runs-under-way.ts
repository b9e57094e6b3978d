import type { Database } from '../../storage/database.ts';
import type { RunsUnderWay } from './endangered-runs.ts';

/** The runs under way, as far as they could be looked at. */
export interface FoundRuns {
  runs: RunsUnderWay[];
  /** Set if there were too many: how many were looked at, and how many there are, or null if Temporal did not say. */
  incomplete: { seen: number; open: number | null } | null;
}

export interface OpenRuns {
  /** Their workflow ids, page by page. Rejects with {@link UnknownRunsError}. */
  pages: AsyncIterable<string[]>;
  /** How many there are. */
  count: () => Promise<number>;
}

/** Temporal does not say which runs are under way. */
export class UnknownRunsError extends Error {
  constructor(cause: unknown) {
    super('Temporal does not say which runs are under way', { cause });
    this.name = 'UnknownRunsError';
  }
}

/** How long to look. A page of a thousand takes some 50 ms. */
const mostMs = 60_000;

/** Finds what is under way: which versions of definitions, for which sources, how often. However many runs there are, no list of them is kept. */
export async function findRunsUnderWay(
  database: Database,
  { pages, count }: OpenRuns,
  now: () => number,
): Promise<FoundRuns> {
  const counts = new Map<string, { hash: string; source: string; count: number }>();
  const until = now() + mostMs;
  let seen = 0;
  let incomplete: FoundRuns['incomplete'] = null;
  for await (const ids of pages) {
    seen += ids.length;
    for (const row of await database.run<Counted>('runs-under-way', countSql, [JSON.stringify(ids)])) {
      const key = JSON.stringify([row.hash, row.source]);
      counts.set(key, { ...row, count: row.count + (counts.get(key)?.count ?? 0) });
    }
    if (now() <= until) continue;
    incomplete = { seen, open: await count().catch(() => null) };
    break;
  }
  return { runs: await withDefinitions(database, [...counts.values()]), incomplete };
}

interface Counted {
  hash: string;
  source: string;
  count: number;
}

const countSql = `
  select runs.definition_hash as hash, events.source, count(*)::float8 as count
  from runs join events on events.id = runs.event
  where workflow_id in (select value from json_array_elements_text($1::json))
  group by runs.definition_hash, events.source`;

async function withDefinitions(database: Database, counted: Counted[]): Promise<RunsUnderWay[]> {
  const hashes = [...new Set(counted.map(({ hash }) => hash))];
  const rows = await database.run<Pick<RunsUnderWay, 'name' | 'definition' | 'children'> & { hash: string }>(
    'runs-under-way-definitions',
    definitionsSql,
    [JSON.stringify(hashes)],
  );
  const found = counted.flatMap(({ hash, source, count }) => {
    const row = rows.find((each) => each.hash === hash);
    return row === undefined
      ? []
      : [{ name: row.name, source, definition: row.definition, children: row.children, count }];
  });
  return found.sort((a, b) => (a.name + a.source < b.name + b.source ? -1 : 1));
}

const definitionsSql = `
  select definitions.hash, definitions.name, definitions.json as definition, coalesce((
    select json_agg(other.json order by other.name, other.created_at)
    from definition_children as started join definitions as other on other.hash = started.child
    where started.hash = definitions.hash), '[]') as children
  from definitions where definitions.hash in (select value from json_array_elements_text($1::json))`;
