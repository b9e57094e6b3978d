import { createHash } from 'node:crypto';
import { correlationOf, pathListOf } from '../../language/correlation.ts';
import type { JsonObject } from '../../language/json.ts';
import type { Database } from '../database.ts';
import { recordShapes } from './wait-shapes.ts';

/** A `waitFor` step that begins to wait. */
export interface NewWait {
  workflowId: string;
  /** The step's key. */
  step: string;
  types: readonly string[];
  sources: readonly string[];
  /** Paths into the awaited event, with texts, numbers and truth values. */
  match: JsonObject;
  /** How far before the run's own event the awaited one may have come. */
  lookBackMs: number;
  /** Unix ms. */
  untilMs: number;
  /** The run's own event. */
  own: { source: string; eventId: string; live: boolean | null };
}

/** Identifies an open wait. */
export type WaitKey = Pick<NewWait, 'workflowId' | 'step'>;

const insertSql = `
  with opened as (
    insert into waits (workflow_id, step, type, hash, sources, event, live, since, until)
    select $1::text, $2::text, row.type, decode(row.hash, 'hex'), array(select json_array_elements_text($4::json)), own.id, $5::text::boolean,
      coalesce(own.received_at, now()) - $6::text::bigint * interval '1 millisecond', $7::timestamptz
    from json_to_recordset($3::json) as row (type text, hash text)
      left join events as own on own.source = $8 and own.event_id = $9
    on conflict (workflow_id, step, type) do update
      set hash = excluded.hash, sources = excluded.sources, until = excluded.until
  )
  select exists (
    select from handovers where workflow_id = $1::text and step = $2::text and state = 'taken') as took`;

/**
 * Registers a wait. Resolves once that is committed: an event that is stored later finds it. Safe to repeat. `took`: the step has taken an event
 * before, and the run does not know of it, because its worker died with the task in which that happened.
 */
export async function openWait(database: Database, wait: NewWait): Promise<{ took: boolean }> {
  const paths = pathListOf(wait.match);
  await recordShapes(
    database,
    wait.types.map((type) => ({ type, paths })),
  );
  const { workflowId, step, sources, own } = wait;
  const [row] = await database.run<{ took: boolean }>('wait-open', insertSql, [
    ...[workflowId, step, JSON.stringify(hashesOf(wait)), JSON.stringify(sources)],
    ...[own.live === null ? null : String(own.live), String(wait.lookBackMs), new Date(wait.untilMs).toISOString()],
    ...[own.source, own.eventId],
  ]);
  return { took: row?.took === true };
}

function hashesOf({ types, match }: NewWait): { type: string; hash: string }[] {
  return [...new Set(types)].flatMap((type) => {
    const text = correlationOf(type, match);
    return text === null ? [] : [{ type, hash: hashOf(text) }];
  });
}

/** The first half of the SHA-256, in hex. */
export function hashOf(correlation: string): string {
  return createHash('sha256').update(correlation).digest('hex').slice(0, 32);
}

const closeSql = 'delete from waits where workflow_id = $1 and step = $2';

/** Ends a wait. An event that was sent to the run meanwhile does no harm. */
export async function closeWait(database: Database, { workflowId, step }: WaitKey): Promise<void> {
  await database.run('wait-close', closeSql, [workflowId, step]);
}

const claimSql = `
  insert into handovers (workflow_id, event, state, step)
  select $1::text, id, 'taken', $2::text from events where source = $3 and event_id = $4
  on conflict (workflow_id, event) do update set state = 'taken', step = excluded.step, at = now(), claimed_until = null
    where handovers.state <> 'taken' or handovers.step = excluded.step
  returning event`;

const isStoredSql = 'select id from events where source = $1 and event_id = $2';

/**
 * Takes an event for a step: each is taken by one step of a run. Safe to repeat for the same step. An event that is not stored, since somebody
 * sent it to the run by hand, is always taken.
 */
export async function claimEvent(
  database: Database,
  { workflowId, step, source, eventId }: WaitKey & { source: string; eventId: string },
): Promise<'taken' | 'taken by another step' | 'not stored'> {
  if (`${source}${eventId}`.includes('\0')) return 'not stored'; // No text in a database holds one.
  const claimed = await database.run('wait-claim', claimSql, [workflowId, step, source, eventId]);
  if (claimed.length > 0) return 'taken';
  const stored = await database.run('wait-is-stored', isStoredSql, [source, eventId]);
  return stored.length > 0 ? 'taken by another step' : 'not stored';
}
