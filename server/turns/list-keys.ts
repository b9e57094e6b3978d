import type { Database } from '../../storage/database.ts';
import type { PagePosition, PageRequest } from '../api/cursors.ts';

/** A key, and the run that has it or is next. */
export interface ListedKey {
  definition: string;
  key: string;
  workflowId: string;
  /** `ready`: its run waits for its time, for a limit, or for an earlier event. `blocked`: its run has failed, and keeps the key. */
  state: 'ready' | 'holding' | 'blocked';
  /** RFC 3339. */
  since: string;
  /** How many runs wait behind it, up to 1,000. */
  waiting: number;
}

const listSql = `
  select definition, key, workflow_id, state, at, at::text as exactly, (
      select count(*) from (
        select from turns as behind
        where behind.definition = turns.definition and behind.key = turns.key and behind.state = 'queued' limit 1000) as counted
    ) as waiting
  from turns
  where state in ('ready', 'holding', 'blocked') and key is not null
    and ($2::boolean or state = 'blocked' or exists (
      select from turns as behind
      where behind.definition = turns.definition and behind.key = turns.key and behind.state = 'queued'))
    and ($3::text is null or definition = $3)
    and ($4::text is null or (state <> 'blocked', at, workflow_id) > ($4::boolean, $5::timestamptz, $6::text))
  order by state <> 'blocked', at, workflow_id limit $1`;

interface Row {
  definition: string;
  key: string;
  workflow_id: string;
  state: ListedKey['state'];
  at: string | Date;
  exactly: string;
  waiting: number | string;
}

/** The keys for which runs wait, or that a failed run keeps; with `all`, every key that is taken. Those that are blocked, then the oldest. */
export async function listKeys(
  database: Database,
  { after, limit, all = false, definition }: PageRequest & { all?: boolean; definition?: string | undefined },
): Promise<(ListedKey & { place: PagePosition })[]> {
  const [isFree = null, at = null, id = null] = after ?? [];
  const rows = await database.run<Row>('turns-list', listSql, [limit, all, definition ?? null, isFree, at, id]);
  return rows.map(({ workflow_id: workflowId, at, exactly, waiting, ...row }) => ({
    ...{ ...row, workflowId, since: new Date(at).toISOString(), waiting: Number(waiting) },
    place: [String(row.state !== 'blocked'), exactly, workflowId],
  }));
}
