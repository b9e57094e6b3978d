import type { Database } from '../storage/database.ts';
import { envelopeColumnsSql } from '../storage/stored-envelope.ts';
import { claimSeconds } from './new-event.ts';
import type { ClaimedRow } from './read-claimed.ts';

/**
 * A start that was begun longer ago, and whose outcome nobody recorded, is no longer repeated: Temporal keeps a run for at least a day
 * after its end, and might not recognize the repetition after that.
 */
const doubtAfterHours = 20;

/** The most bytes of bodies that one claim reads, unless the oldest body alone has more. All of them must be read before the claim ends. */
const mostBodyBytes = 8 * 1024 * 1024;

/** One of four claimed events has failed before, as long as there are both kinds. */
const untriedPerFailed = 3;

/**
 * Claims up to `$1` pending events from the row `$2` on that nobody has tried, and up to `$3` of those that failed before and are due, which
 * an index of their own finds: they take at most a quarter of the places from others, and those that are not due are not looked at.
 *
 * The oldest event's body comes first, and then the others by their sizes. So a large one waits until it is the oldest, and holds up none
 * behind it. The size of a body is known without reading it.
 */
const claimSql = `
  with untried as materialized (
    select id, body_id from events
    where state = 'pending' and last_error is null and id >= $2 and (claimed_until is null or claimed_until < now())
    order by id limit $1 for update skip locked
  ), failed as materialized (
    select id, body_id, claimed_until from events
    where state = 'pending' and last_error is not null and coalesce(claimed_until, '-infinity'::timestamptz) < now()
    order by coalesce(claimed_until, '-infinity'::timestamptz), id limit $3 for update skip locked
  ), oldest as (
    select id, body_id from (
      select id, body_id, row_number() over (order by id) / ${untriedPerFailed}.0 as turn from untried
      union all
      select id, body_id, row_number() over (order by claimed_until nulls first, id) as turn from failed) as candidates
    order by turn, id limit $1
  ), sized as (
    select oldest.body_id, min(oldest.id) as first_event, coalesce(max(octet_length(bodies.bytes)), 0) as size
    from oldest left join bodies on bodies.id = oldest.body_id
    group by oldest.body_id
  ), summed as (
    select body_id, row_number() over turn as place, sum(size) over turn as bytes from sized
    window turn as (order by first_event <> (select min(id) from oldest), size, first_event)
  ), claimed as (
    update events set claimed_until = now() + interval '${claimSeconds} seconds', held = false
    where id = any (array(
      select oldest.id from oldest join summed using (body_id) where place = 1 or bytes <= ${mostBodyBytes}))
    returning id, body_id, item, ${envelopeColumnsSql('events')}
  )
  select claimed.*, bodies.content_type, (select count(*) from oldest) as found,
    (select begun_at from starts where starts.event = claimed.id) as begun_at,
    exists (select from starts where starts.event = claimed.id and begun_at < now() - interval '${doubtAfterHours} hours') as doubtful,
    (select json_agg(json_build_object(
        'workflow_id', workflow_id, 'definition', definition, 'started', started_at is not null) order by workflow_id)
      from runs where runs.event = claimed.id) as runs,
    case when row_number() over (partition by body_id order by claimed.id) = 1 then bodies.bytes end as bytes
  from claimed left join bodies on bodies.id = claimed.body_id`;

/** Where to look from, for a claim that is spread: `$1` of the way from the oldest pending event to the newest. */
const somewhereSql = `
  select coalesce(min(id) + floor($1::float8 * (max(id) - min(id) + 1))::bigint, 0) as id from events where state = 'pending'`;

/** The first of the `$1` newest events that nobody has tried. */
const newestSql = `
  select coalesce(min(id), 0) as id from (
    select id from events
    where state = 'pending' and last_error is null and (claimed_until is null or claimed_until < now())
    order by id desc limit $1) as newest`;

/** `random` is uniform in [0, 1). */
interface ClaimDeps {
  database: Database;
  random: () => number;
}

/**
 * Claims up to `count` events; see `Backlog.claim`. `more`: there may be others that can be claimed now. The rows are in the order of
 * their ids.
 */
export async function claimEvents(
  deps: ClaimDeps,
  { count, spread }: { count: number; spread: boolean },
): Promise<{ rows: ClaimedRow[]; more: boolean }> {
  const { database } = deps;
  const claim = (untried: number, from: number, failed: number) =>
    database.run<ClaimedRow>('inbox-claim', claimSql, [untried, from, failed]);
  const first = spread ? Math.ceil(count / 2) : count;
  const rows = await claim(first, 0, first);
  let found = foundBy(rows);
  if (spread) {
    const others = await claim(count - found, await elsewhere(deps, count - found), 0);
    found += foundBy(others);
    rows.push(...others);
  }
  return { rows: rows.sort((a, b) => Number(a.id) - Number(b.id)), more: found === count || rows.length < found };
}

/** In turns at the end, where events are least likely to be older than an outage, and anywhere. */
async function elsewhere({ database, random }: ClaimDeps, count: number): Promise<number> {
  const place = 2 * random();
  const [row] =
    place < 1
      ? await database.run<{ id: string | number }>('inbox-somewhere', somewhereSql, [place])
      : await database.run<{ id: string | number }>('inbox-newest', newestSql, [count]);
  return Number(row?.id ?? 0);
}

function foundBy([row]: readonly ClaimedRow[]): number {
  return Number(row?.found ?? 0);
}
