import type { Database } from '../storage/database.ts';
import { findSilent, type SilentSource } from './stuck.ts';

/** What has happened at a source lately. */
export interface SourceTraffic {
  lastEventAt: string | null;
  /** The newest sample of a rejected request. */
  lastRejection: { at: string; reason: string } | null;
  /** Samples of the last hour. */
  rejectedLastHour: number;
  /** Null: it is not unusually quiet. */
  silence: Omit<SilentSource, 'source'> | null;
}

const iso = (column: string) => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The newest event of each by its source's index: see `newestFirst`. */
const lastEventsSql = `
  select source, ${iso('received_at')} as at from unnest($1::text[]) as asked (source) cross join lateral (
    select received_at from events where events.source between asked.source and asked.source
    order by events.source desc, id desc limit 1
  ) as newest`;

/** Few samples are kept for each source, reason and hour. */
const rejectionsSql = `
  select source, count(*) filter (where at > now() - interval '1 hour') as count,
    ${iso('max(at)')} as at, (array_agg(reason order by at desc, id desc))[1] as reason
  from rejections where source = any($1::text[]) and at > now() - interval '7 days'
  group by source`;

/** By the names of the sources. */
export async function sourceTraffic(
  database: Database,
  sources: readonly string[],
): Promise<ReadonlyMap<string, SourceTraffic>> {
  const names = [...sources];
  const last = await database.run<{ source: string; at: string }>('source-last-events', lastEventsSql, [names]);
  const rejected = await database.run<{ source: string; count: string | number; at: string; reason: string }>(
    'source-rejections',
    rejectionsSql,
    [names],
  );
  const silent = await findSilent(database, names);
  return new Map(
    names.map((name) => {
      const rejection = rejected.find(({ source }) => source === name);
      const silence = silent.find(({ source }) => source === name);
      return [
        name,
        {
          lastEventAt: last.find(({ source }) => source === name)?.at ?? null,
          lastRejection: rejection === undefined ? null : { at: rejection.at, reason: rejection.reason },
          rejectedLastHour: Number(rejection?.count ?? 0),
          silence:
            silence === undefined ? null : { last: silence.last, longestPauseSeconds: silence.longestPauseSeconds },
        },
      ];
    }),
  );
}
