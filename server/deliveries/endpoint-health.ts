import type { Database } from '../../storage/database.ts';
import type { DeliveryState, ParkedBecause } from '../../storage/schema.ts';

/** How the newest deliveries of an endpoint went, for lists of endpoints. */
export interface EndpointPulse {
  /** Deliveries that wait outside Temporal, counted up to a bound. */
  parked: number;
  /** The newest deliveries, the oldest first. */
  recent: { state: DeliveryState; at: string }[];
}

/** How an endpoint has answered. */
export interface EndpointHealth {
  parked: { because: ParkedBecause; count: number }[];
  /** The hours with attempts, the oldest first. */
  hours: { at: string; attempts: number; failed: number; medianMs: number | null; slowMs: number | null }[];
  isSample: boolean;
}

const mostRecent = 20;
const mostCounted = 1_000;
/** Further deliveries are not looked at: a busy endpoint has as many in a minute, and the newest tell how it is. */
const mostDeliveries = 5_000;

const iso = (column: string) => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

const pulseSql = `
  select endpoint,
    (select count(*) from (
      select from deliveries where endpoint = asked.endpoint and state = 'parked' limit ${mostCounted}
    ) as counted) as parked,
    (select json_agg(json_build_array(state, at)) from (
      select state, ${iso('created_at')} as at from deliveries where endpoint = asked.endpoint
      order by created_at desc, id desc limit ${mostRecent}
    ) as newest) as recent
  from unnest($1::text[]) as asked (endpoint)`;

/** By the endpoints' ids. Each costs two looks at an index. */
export async function endpointPulses(
  database: Database,
  endpoints: readonly string[],
): Promise<ReadonlyMap<string, EndpointPulse>> {
  if (endpoints.length === 0) return new Map();
  interface Row {
    endpoint: string;
    parked: string | number;
    recent: [DeliveryState, string][] | string | null;
  }
  const rows = await database.run<Row>('endpoint-pulses', pulseSql, [[...endpoints]]);
  return new Map(
    rows.map(({ endpoint, parked, recent }) => {
      const newest = (typeof recent === 'string' ? (JSON.parse(recent) as [DeliveryState, string][]) : recent) ?? [];
      const pulse = { parked: Number(parked), recent: newest.reverse().map(([state, at]) => ({ state, at })) };
      return [endpoint, pulse];
    }),
  );
}

const parkedSql = `
  select parked_because as because, count(*) as count from (
    select parked_because from deliveries
    where endpoint = $1 and state = 'parked' and parked_because is not null limit ${mostCounted}
  ) as parked group by parked_because order by count(*) desc, parked_because`;

/** Attempts are found by their deliveries, of which retries may be days old. */
const hoursSql = `
  with looked_at as (
    select id from deliveries where endpoint = $1 order by created_at desc, id desc limit ${mostDeliveries}
  )
  select ${iso("date_trunc('hour', at)")} as hour, count(*) as attempts,
    count(*) filter (where status is null or status not between 200 and 299) as failed,
    percentile_disc(0.5) within group (order by duration_ms) as median,
    percentile_disc(0.95) within group (order by duration_ms) as slow,
    (select count(*) from looked_at) as deliveries
  from looked_at join attempts on attempts.delivery = looked_at.id
  where at >= date_trunc('hour', $2::timestamptz)
  group by date_trunc('hour', at) order by date_trunc('hour', at)`;

/** Of one endpoint, since then. */
export async function endpointHealth(database: Database, endpoint: string, since: Date): Promise<EndpointHealth> {
  type Numbers = Record<'attempts' | 'failed' | 'deliveries', string | number> &
    Record<'median' | 'slow', string | number | null>;
  const parked = await database.run<{ because: ParkedBecause; count: string | number }>('endpoint-parked', parkedSql, [
    endpoint,
  ]);
  const rows = await database.run<Numbers & { hour: string }>('endpoint-hours', hoursSql, [
    endpoint,
    since.toISOString(),
  ]);
  return {
    parked: parked.map(({ because, count }) => ({ because, count: Number(count) })),
    hours: rows.map(({ hour, attempts, failed, median, slow }) => ({
      ...{ at: hour, attempts: Number(attempts), failed: Number(failed) },
      ...{ medianMs: numberOf(median), slowMs: numberOf(slow) },
    })),
    isSample: rows.some(({ deliveries }) => Number(deliveries) >= mostDeliveries),
  };
}

function numberOf(value: string | number | null): number | null {
  return value === null ? null : Number(value);
}
