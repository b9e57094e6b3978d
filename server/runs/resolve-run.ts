import type { Database } from '../../storage/database.ts';
import { ApiProblem } from '../api/problem.ts';
import { searchable } from '../search/event-facts.ts';
import { sourcesSql } from '../search/find.ts';
import { runOfKey } from '../search/run-of-key.ts';

/** Of those that are listed. */
const mostRuns = 20;

interface NamedRun {
  workflowId: string;
  definition: string;
  startedAt: string | null;
}

/**
 * The workflow id of the run that a person means: by its id, by the id of its event (`evt_1`, `stripe/evt_1`), or by an order number. A text that
 * names no run is returned as it is. Throws an {@link ApiProblem} if it names several.
 */
export async function resolveRun(database: Database, named: string): Promise<string> {
  const wanted = named.trim();
  if (searchable(wanted.slice(0, 255)) === null) return named;
  const [known] = await database.run<{ id: string }>('resolve-run-id', idSql, [runOfKey(wanted), wanted]);
  if (known !== undefined) return wanted;
  const runs = await database.run<NamedRun>('resolve-run', namedSql, [wanted, searchable(wanted)]);
  const [first, second] = runs;
  if (first === undefined) return named;
  if (second === undefined) return first.workflowId;
  throw several(wanted, runs);
}

function several(named: string, runs: NamedRun[]): ApiProblem {
  const shown = runs.slice(0, mostRuns);
  const count = runs.length > mostRuns ? `more than ${mostRuns}` : String(runs.length);
  const errors = shown.map(({ workflowId, definition, startedAt }) => ({
    detail: `${workflowId} (${definition}, started ${startedAt ?? 'soon'})`,
    parameter: 'run',
  }));
  return new ApiProblem(409, 'several-runs', `"${named}" names ${count} runs. Give the id of one of them.`, { errors });
}

/** A child run has no row, but the run above it has one. $1: that. $2: the run, perhaps a retry that has not started. */
const idSql = `
  (select workflow_id as id from runs where workflow_id in ($1::text, $2::text) limit 1)
  union all (select workflow_id from rescues where workflow_id = $2::text)`;

/** $1: the text. $2: the same, if it can be a fact of an event. */
const namedSql = `
  with recursive ${sourcesSql}, found as (
    (select id from events where order_id = $2::text order by id desc limit ${mostRuns + 1})
    union (select named.id from source_of cross join lateral (
      select id from events where events.source = source_of.source and event_id = $1::text limit 1) as named)
    union (select id from events where source = split_part($1::text, '/', 1)
      and event_id = substr($1::text, length(split_part($1::text, '/', 1)) + 2))
  )
  select own.workflow_id as "workflowId", own.definition,
    to_char(own.started_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "startedAt"
  from found cross join lateral (
    select * from runs where runs.event = found.id and started_at is not null order by number desc limit ${mostRuns + 1}) as own
  order by own.number desc limit ${mostRuns + 1}`;
