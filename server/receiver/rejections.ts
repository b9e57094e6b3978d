import type { Database } from '../../storage/database.ts';
import { claimHashSql } from '../../storage/customer-hash.ts';
import type { Logger } from 'pino';
import { withDeadline } from '../../storage/with-deadline.ts';

/** A rejected request that was sampled. */
export interface RejectionSample {
  at: Date;
  source: string;
  reason: string;
  status: number;
  address: string;
  bytes: number;
  headerNames: string[];
  /** See {@link RejectedRequest.claims}. */
  claims?: readonly string[];
}

/** How many requests were rejected on a day (`2026-01-31`, UTC). */
export interface RejectionCount {
  day: string;
  source: string;
  reason: string;
  count: number;
}

/** A rejected request, without any of its contents. */
export interface RejectedRequest {
  /** A mounted source, or `unknown`. */
  source: string;
  reason: string;
  /** The status of the answer; 0 if the connection was closed without one. */
  status: number;
  address: string;
  /** The size of the body, as far as it was read or announced. */
  bytes: number;
  headerNames: readonly string[];
  /** The ids that it says it is about. Only asked for if the request is sampled. */
  claims?: () => readonly string[];
}

/** Keeps the counts of all rejected requests and a sample of them. */
export interface Rejections {
  /** Never throws and never waits. True if the request was sampled and so deserves a line in the log. */
  record(rejection: RejectedRequest): boolean;
  /** Writes counts and samples. Never rejects: what cannot be written is kept for the next time, as far as there is room. */
  flush(): Promise<void>;
  /** Writes every few seconds from now on. */
  start(): void;
  /** Writes once more, if the database answers within two seconds. */
  stop(): Promise<void>;
}

const flushEveryMs = 5_000;
const lastFlushMs = 2_000;
/** For each source and reason, in each process. It shows a pattern, and bounds what a flood leaves behind. */
const samplesPerHour = 20;
/** Samples that wait to be written. Further ones are dropped. */
const mostWaiting = 500;
/** Counts that wait to be written. There is one for each day, source and reason: some hundred at most. */
const mostCounts = 10_000;
const mostHeaderNames = 50;
const longestHeaderName = 64;
const hourMs = 60 * 60 * 1000;

export function createRejections(deps: {
  addCounts: (counts: RejectionCount[]) => Promise<void>;
  addSamples: (samples: RejectionSample[]) => Promise<void>;
  log: Logger;
  now: () => Date;
}): Rejections {
  let counts = new Map<string, RejectionCount>();
  let samples: RejectionSample[] = [];
  const quota = createHourlyQuota(samplesPerHour);
  let flushing: Promise<void> | null = null;
  let timer: NodeJS.Timeout | undefined;

  function count({ day, source, reason, count: more }: RejectionCount): void {
    const key = `${day}\n${source}\n${reason}`;
    const kept = counts.get(key);
    if (kept !== undefined) kept.count += more;
    else if (counts.size < mostCounts) counts.set(key, { day, source, reason, count: more });
  }

  async function write(): Promise<void> {
    const writtenCounts = [...counts.values()];
    const writtenSamples = samples;
    counts = new Map();
    samples = [];
    try {
      await deps.addCounts(writtenCounts);
    } catch (error) {
      writtenCounts.forEach(count);
      deps.log.warn({ err: error }, 'rejected requests are not counted yet');
    }
    try {
      await deps.addSamples(writtenSamples);
    } catch (error) {
      samples = [...writtenSamples, ...samples].slice(0, mostWaiting);
      deps.log.warn({ err: error }, 'rejected requests are not sampled yet');
    }
  }

  /** One at a time: a slow database must not gather statements. */
  async function flush(): Promise<void> {
    flushing ??= write().finally(() => {
      flushing = null;
    });
    await flushing;
  }

  return {
    record(rejection) {
      const at = deps.now();
      const { source, reason } = rejection;
      count({ day: at.toISOString().slice(0, 10), source, reason, count: 1 });
      if (samples.length >= mostWaiting || !quota.take(`${source}\n${reason}`, at.getTime())) return false;
      const { claims, ...request } = rejection;
      const claimed = claims === undefined ? {} : { claims: claims() };
      samples.push({ ...request, ...claimed, at, headerNames: shownNames(rejection.headerNames) });
      return true;
    },
    flush,
    start() {
      timer = setInterval(() => void flush(), flushEveryMs);
    },
    async stop() {
      clearInterval(timer);
      const last = flush().then(flush); // The first flush may have begun before the last request.
      await withDeadline(last, lastFlushMs, 'The database').catch((error: unknown) => {
        deps.log.warn({ err: error }, 'the last rejected requests are not counted');
      });
    },
  };
}

/** How often a key may be used in each hour of the clock. */
function createHourlyQuota(perHour: number): { take(key: string, atMs: number): boolean } {
  let hour = -1;
  const used = new Map<string, number>();
  return {
    take(key, atMs) {
      if (Math.floor(atMs / hourMs) !== hour) {
        hour = Math.floor(atMs / hourMs);
        used.clear();
      }
      const times = used.get(key) ?? 0;
      if (times >= perHour) return false;
      used.set(key, times + 1);
      return true;
    },
  };
}

/** Bounded and printable, because strangers choose them. */
function shownNames(names: readonly string[]): string[] {
  return names.slice(0, mostHeaderNames).map((name) => name.replace(/\p{Cc}/gu, '').slice(0, longestHeaderName));
}

const addCountsSql = `
  insert into rejection_counts (day, source, reason, count)
  select day, source, reason, count
  from json_to_recordset($1::json) as row (day date, source text, reason text, count bigint)
  on conflict (day, source, reason) do update set count = rejection_counts.count + excluded.count`;

/** Adds to the stored counts. Safe to run in several processes at once. */
export async function addRejectionCounts(database: Database, counts: RejectionCount[]): Promise<void> {
  // All processes lock the rows in one order, or two of them could wait for each other.
  const sorted = [...counts].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  if (sorted.length > 0) await database.run('rejections-count', addCountsSql, [JSON.stringify(sorted)]);
}

/** What a request claims is hashed, so that nothing that a stranger has written is kept: it is found by whoever knows it. */
const addSamplesSql = `
  insert into rejections (at, source, reason, status, address, bytes, header_names, claims)
  select at, source, reason, status, address, bytes, array(select json_array_elements_text(header_names)),
    array(
      select hash from json_array_elements_text(claims) as claim
        cross join lateral (select ${claimHashSql('claim')} as hash) as hashed
      where hash is not null)
  from json_to_recordset($1::json) as row (at timestamptz, source text, reason text, status smallint, address text, bytes int,
    header_names json, claims json)`;

export async function addRejectionSamples(database: Database, samples: RejectionSample[]): Promise<void> {
  const rows = samples.map(({ headerNames, ...sample }) => ({ ...sample, header_names: headerNames }));
  if (rows.length > 0) await database.run('rejections-sample', addSamplesSql, [JSON.stringify(rows)]);
}

function keyOf({ day, source, reason }: RejectionCount): string {
  return `${day}\n${source}\n${reason}`;
}
