import type { Logger } from 'pino';
import type { Database } from './database.ts';

/** How long the bodies of a source's requests are kept. If `keepMs` is null, for ever. */
export interface BodyRetention {
  source: string;
  keepMs: number | null;
}

/** For mails, and for outbound messages with their deliveries and attempts, after the last delivery has ended. */
const keepDays = 90;
/** For notices. What the gateway said about them is stored as an event. */
const keepNoticesDays = 30;
/** For the sample of rejected requests, which also keeps at most this many rows. */
const keepRejectionsDays = 30;
const mostRejections = 10_000;
/** For the counts of rejected requests. */
const keepRejectionCountsDays = 90;
const dayMs = 24 * 60 * 60 * 1000;
/** The most rows that one statement changes, so that it does not hold its locks for long. */
const batchRows = 5_000;

/**
 * Deletes old bodies with their headers, and empties their forwarded copies. Deletes old outbound messages, mails, notices and
 * records of rejected requests. Events themselves stay, so that a late redelivery is still recognized as a duplicate. Bodies that
 * are still to be dispatched or delivered stay too. Resolves to the number of rows changed. Safe to run in several processes
 * at once.
 */
export async function applyRetention(database: Database, bodies: BodyRetention[], now: Date): Promise<number> {
  let changed = 0;
  for (const { source, keepMs } of bodies) {
    if (keepMs === null) continue;
    const before = new Date(now.getTime() - keepMs).toISOString();
    changed += await repeat(database, 'retain-bodies', deleteBodies, [source, before, batchRows]);
    changed += await repeat(database, 'retain-forwarded', emptyForwarded, [source, before, batchRows]);
  }
  const daysAgo = (days: number) => new Date(now.getTime() - days * dayMs).toISOString();
  const ended = daysAgo(keepDays);
  changed += await repeat(database, 'retain-messages', deleteMessages, [ended, batchRows]);
  changed += await repeat(database, 'retain-mails', deleteMails, [ended, batchRows]);
  changed += await repeat(database, 'retain-notices', deleteNotices, [daysAgo(keepNoticesDays), batchRows]);
  const sampled = [daysAgo(keepRejectionsDays), mostRejections, batchRows];
  changed += await repeat(database, 'retain-rejections', deleteRejections, sampled);
  const counted = [daysAgo(keepRejectionCountsDays).slice(0, 10), batchRows];
  changed += await repeat(database, 'retain-rejection-counts', deleteRejectionCounts, counted);
  return changed;
}

/** A notice of a genuine event, which is still to be stored (`server/gateway/ask/complete-event.ts`). */
const isUnfollowed = `
  events.native_type = 'incomplete' and events.event_id like 'notice:%' and not exists (
    select from events as followed
    where followed.source = events.source and followed.event_id = substr(events.event_id, 8))`;

/** Of a row of `bodies`. */
const isItsEvent = `
  events.source = bodies.source and events.received_at = bodies.received_at and events.body_id = bodies.id`;

const deleteBodies = `
  delete from bodies where id in (
    select id from bodies
    where source = $1 and received_at < $2::timestamptz and not exists (
      select from events where ${isItsEvent} and (state in ('pending', 'waiting') or ${isUnfollowed}))
    order by received_at limit $3 for update skip locked)
  returning id`;

/** Recognizes notices by their ids (`server/gateway/ask/read-webhook.ts`). None has a run. */
const deleteNotices = `
  with deleted as (
    delete from events where id in (
      select id from events
      where native_type in ('notice', 'incomplete') and event_id like 'notice:%' and received_at < $1::timestamptz
        and state not in ('pending', 'waiting')
        and not exists (select from runs where runs.event = events.id) and not (${isUnfollowed})
      order by id limit $2 for update skip locked)
    returning id, body_id
  ), deleted_bodies as (
    delete from bodies where id in (select body_id from deleted)
      and not exists (select from events where ${isItsEvent} and events.id not in (select id from deleted))
  )
  select id from deleted`;

/** Recognizes copies of a source's requests by their type (`activities/outbound/message-types.ts`). */
const emptyForwarded = `
  update messages set raw = null, headers = null where id in (
    select id from messages
    where type like 'forward.' || $1::text || '.%' and created_at < $2::timestamptz and raw is not null and not exists (
      select from deliveries where deliveries.message = messages.id and ended_at is null)
    order by id limit $3 for update skip locked)
  returning id`;

const deleteMessages = `
  delete from messages where id in (
    select id from messages
    where created_at < $1::timestamptz and not exists (
      select from deliveries
      where deliveries.message = messages.id and (ended_at is null or ended_at >= $1::timestamptz))
    limit $2 for update skip locked)
  returning id`;

const deleteMails = `
  delete from mails where id in (
    select id from mails where created_at < $1::timestamptz limit $2 for update skip locked)
  returning id`;

/** Ids increase with time. */
const deleteRejections = `
  delete from rejections where id in (
    select id from rejections
    where at < $1::timestamptz or id <= (select id from rejections order by id desc offset $2 limit 1)
    limit $3 for update skip locked)
  returning id`;

const deleteRejectionCounts = `
  delete from rejection_counts where (day, source, reason) in (
    select day, source, reason from rejection_counts where day < $1::date limit $2 for update skip locked)
  returning day`;

async function repeat(database: Database, name: string, sql: string, values: unknown[]): Promise<number> {
  let total = 0;
  for (;;) {
    const rows = await database.run(name, sql, values);
    total += rows.length;
    if (rows.length < batchRows) return total;
  }
}

interface RetentionJob {
  start(): void;
  /** Resolves when the current sweep has ended. */
  stop(): Promise<void>;
}

const everyMs = 60 * 60 * 1000;

/** Applies the retention rules at the start and then every hour. The next sweep makes up for one that fails. */
export function createRetentionJob(deps: {
  database: Database;
  bodies: () => BodyRetention[];
  log: Logger;
  now: () => Date;
}): RetentionJob {
  let timer: NodeJS.Timeout | undefined;
  let sweep: Promise<void> = Promise.resolve();

  async function sweepOnce(): Promise<void> {
    try {
      const rows = await applyRetention(deps.database, deps.bodies(), deps.now());
      if (rows > 0) deps.log.info({ rows }, 'retention applied');
    } catch (error) {
      deps.log.warn({ err: error }, 'retention failed, will retry');
    }
  }

  return {
    start() {
      sweep = sweepOnce();
      timer = setInterval(() => {
        sweep = sweep.then(sweepOnce);
      }, everyMs);
    },
    async stop() {
      clearInterval(timer);
      await sweep;
    },
  };
}
