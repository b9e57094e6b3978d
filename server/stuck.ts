import type { Database } from '../storage/database.ts';

/** How many there are, counted up to a bound, and since when the oldest. */
export interface Pile {
  count: number;
  /** RFC 3339. Null: there is none, or nobody knows. */
  oldest: string | null;
}

/** What waits, or needs somebody, by Kait's own tables. */
export interface Stuck {
  events: Record<'pending' | 'queued' | 'waiting' | 'failed' | 'unreadable', Pile>;
  approvals: Pile;
  /**
   * `pending`: Temporal has not taken them yet. `started`: they are being tried. `parked`: their endpoint takes nothing now, or an earlier one comes first.
   * The others have ended without success.
   */
  deliveries: Record<'pending' | 'started' | 'parked' | 'refused' | 'exhausted', Pile>;
  /** Sources that have sent nothing genuine for unusually long. */
  silent: SilentSource[];
  /** Endpoints that get nothing now, or whose every attempt has failed for a while: at most 50. Without those that somebody has paused. */
  endpoints: TroubledEndpoint[];
  /** Requests of the last hour, by source and reason. Only samples are kept, so there may have been more. */
  rejected: { source: string; reason: string; count: number; last: string }[];
}

export interface TroubledEndpoint {
  id: string;
  url: string;
  /** Null: it is the operator's own. */
  tenant: string | null;
  /** `open`: so many attempts have failed that nothing is sent for now. */
  condition: 'disabled' | 'open' | 'failing';
  /** Why it is disabled. */
  reason: string | null;
  /** Since when every attempt has failed. Null: nobody has tried, or nobody knows. */
  since: string | null;
}

export interface SilentSource {
  source: string;
  last: string;
  /** The longest pause between its last events, in seconds. */
  longestPauseSeconds: number;
}

const nothing: Pile = { count: 0, oldest: null };

/** When nothing is stuck. */
export const nothingStuck: Stuck = {
  events: { pending: nothing, queued: nothing, waiting: nothing, failed: nothing, unreadable: nothing },
  approvals: nothing,
  deliveries: { pending: nothing, started: nothing, parked: nothing, refused: nothing, exhausted: nothing },
  silent: [],
  endpoints: [],
  rejected: [],
};

/** A source's rhythm: the pauses between so many of its last events. With fewer than the least, it has none yet. */
const rhythm = { most: 50, least: 10 };
/** Silent is who is quiet for so many times the longest of these pauses, and for this long at least. */
const quiet = { times: 3, leastSeconds: 3_600 };
/** Sources asked for and rejections counted. */
const mostSources = 200;

const instantSql = (column: string) => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** One kind: a count of up to $1 index entries, and the first one. */
const pileSql = (kind: string, table: string, where: string, at: string, order: string) => `
  select '${kind}' as kind, (select count(*) from (select from ${table} where ${where} limit $1) as counted) as count,
    (select ${instantSql(at)} from ${table} where ${where} order by ${order} limit 1) as oldest`;

const eventStates = ['pending', 'queued', 'waiting', 'failed', 'unreadable'] as const;
const deliveryStates = ['pending', 'started', 'refused', 'exhausted'] as const;
const deliveryOrders = { pending: 'id', started: 'due_at', refused: 'created_at', exhausted: 'created_at' };

const pilesSql = [
  ...eventStates.map((state) => pileSql(`events.${state}`, 'events', `state = '${state}'`, 'received_at', 'id')),
  ...deliveryStates.map((state) =>
    pileSql(`deliveries.${state}`, 'deliveries', `state = '${state}'`, 'created_at', deliveryOrders[state]),
  ),
  // Its index begins with the endpoint: each endpoint has one oldest.
  `
  select 'deliveries.parked' as kind,
    (select count(*) from (select from deliveries where state = 'parked' limit $1) as counted) as count,
    (select ${instantSql('min(oldest.created_at)')} from endpoints cross join lateral (
      select created_at from deliveries where endpoint = endpoints.id and state = 'parked' order by created_at limit 1
    ) as oldest) as oldest`,
  pileSql(
    'approvals',
    'approval_requests',
    `state = 'open' and until > now() - interval '1 minute'`,
    'opened_at',
    'until, id',
  ),
].join('\n  union all');

const silentSql = `
  select source, ${instantSql('last')} as last, longest from unnest($1::text[]) as mounted (source) cross join lateral (
    select count(*) as count, max(received_at) as last, extract(epoch from max(received_at - earlier)) as longest
    from (
      select received_at, lead(received_at) over (order by id desc) as earlier
      from (
        -- A range and not an equality, so that the order asks for the source's index: see newestFirst.
        select id, received_at from events where events.source between mounted.source and mounted.source
        order by source desc, id desc limit ${rhythm.most}
      ) as newest
    ) as pauses
  ) as measured
  where count >= ${rhythm.least}
    and extract(epoch from now() - last) > greatest(${quiet.leastSeconds}, ${quiet.times} * longest)
  order by last`;

/** Of one that fails, the next attempts often succeed. */
const failingMinutes = 10;
const mostEndpoints = 50;

const endpointsSql = `
  select id, url, tenant, case when state = 'disabled' then 'disabled' when open_until > now() then 'open' else 'failing' end as condition,
    disabled_reason as reason, ${instantSql('failing_since')} as since
  from endpoints
  where state = 'disabled'
    or (state = 'enabled' and (open_until > now() or failing_since < now() - interval '${failingMinutes} minutes'))
  order by state, failing_since, id limit ${mostEndpoints}`;

const rejectedSql = `
  select source, reason, count(*) as count, ${instantSql('max(at)')} as last
  from rejections where at > now() - interval '1 hour'
  group by source, reason order by count(*) desc, source, reason limit ${mostSources}`;

/** Counts up to `atMost` of each, by indexes only. `sources` are the mounted ones: who is not mounted is not silent. */
export async function findStuck(database: Database, sources: readonly string[], atMost: number): Promise<Stuck> {
  interface PileRow {
    kind: string;
    count: string | number;
    oldest: string | null;
  }
  interface RejectedRow {
    source: string;
    reason: string;
    count: string | number;
    last: string;
  }
  const piles = await database.run<PileRow>('stuck-piles', pilesSql, [atMost]);
  const silent = await findSilent(database, sources);
  const endpoints = await database.run<TroubledEndpoint>('stuck-endpoints', endpointsSql, []);
  const rejected = await database.run<RejectedRow>('stuck-rejected', rejectedSql, []);
  const pileOf = (kind: string): Pile => {
    const found = piles.find((each) => each.kind === kind);
    return { count: Number(found?.count ?? 0), oldest: found?.oldest ?? null };
  };
  return {
    events: {
      pending: pileOf('events.pending'),
      queued: pileOf('events.queued'),
      waiting: pileOf('events.waiting'),
      failed: pileOf('events.failed'),
      unreadable: pileOf('events.unreadable'),
    },
    approvals: pileOf('approvals'),
    deliveries: {
      pending: pileOf('deliveries.pending'),
      started: pileOf('deliveries.started'),
      parked: pileOf('deliveries.parked'),
      refused: pileOf('deliveries.refused'),
      exhausted: pileOf('deliveries.exhausted'),
    },
    silent,
    endpoints,
    rejected: rejected.map((each) => ({ ...each, count: Number(each.count) })),
  };
}

/** Those of these sources that have sent nothing genuine for unusually long. */
export async function findSilent(database: Pick<Database, 'run'>, sources: readonly string[]): Promise<SilentSource[]> {
  interface Row {
    source: string;
    last: string;
    longest: string | number;
  }
  const rows = await database.run<Row>('stuck-silent', silentSql, [sources.slice(0, mostSources)]);
  return rows.map(({ source, last, longest }) => ({
    ...{ source, last, longestPauseSeconds: Math.round(Number(longest)) },
  }));
}
