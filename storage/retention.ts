import type { Database } from './database.ts';
import {
  keepProcessesHours,
  keepResultsDays,
  mostProvenKeys,
  mostPublishedSets,
  type RetentionSubject,
  retentionTables,
} from './retention-subjects.ts';
import { sweep, type SweepRule } from './sweep.ts';

/** How long a source's requests and the details of its events are kept. Null: forever. */
export interface SourceRetention {
  source: string;
  keepBodiesMs: number | null;
  keepEventsMs: number | null;
}

/** For mails, replays, notices about endpoints, and outbound messages with their deliveries and attempts, after the last delivery has ended. */
const keepDays = 90;
/** For notices. What the gateway said about them is stored as an event. */
const keepNoticesDays = 30;
/** For when events were sent again, and the sample of rejected requests, which also keeps at most this many rows. */
const keepRejectionsDays = 30;
const mostRejections = 10_000;
/** For starts of unknown outcome whose events can never be dispatched again. */
const keepStartsDays = 2;
/** For waits that their runs did not end, after their time limit. Until then a late event still finds them. */
const keepWaitsDays = 1;
/** For what runs under way were given: as long as Temporal lets a run be under way. */
const keepHandoversDays = 400;
/** For the counts of rejected requests. */
const keepRejectionCountsDays = 90;
const hourMs = 60 * 60 * 1000;
const dayMs = 24 * hourMs;

/** What is kept for how long. */
export interface RetentionRule {
  subject: RetentionSubject;
  /** Null: it is not about a source. */
  source: string | null;
  /** Null: forever. 0: until it expires by itself. */
  keepMs: number | null;
  /** The most rows that are kept. Null: any number. */
  atMost: number | null;
  /** Whether it stays until Temporal has forgotten its run, too. */
  untilForgotten: boolean;
  tables: readonly string[];
}

/** The rules that hold for these sources, and for everything else. */
export function retentionRules(sources: readonly SourceRetention[]): RetentionRule[] {
  const rules = plan(sources).map(({ rule }) => rule);
  return [...rules, countsRule, ...appliedElsewhere];
}

/** What is deleted by whoever writes it, or once Temporal has forgotten a run. */
const appliedElsewhere: readonly RetentionRule[] = [
  ruleOf({ subject: 'payloads', keepMs: 0, untilForgotten: true }),
  ruleOf({ subject: 'activity-results', keepMs: keepResultsDays * dayMs, untilForgotten: true }),
  ruleOf({ subject: 'published-sets', keepMs: null, atMost: mostPublishedSets }),
  ruleOf({ subject: 'processes', keepMs: keepProcessesHours * hourMs }),
  ruleOf({ subject: 'gateway-keys', keepMs: null, atMost: mostProvenKeys }),
];

function ruleOf(rule: Pick<RetentionRule, 'subject' | 'keepMs'> & Partial<RetentionRule>): RetentionRule {
  return { source: null, atMost: null, untilForgotten: false, tables: retentionTables[rule.subject], ...rule };
}

/**
 * Deletes old bodies with their headers, and empties their forwarded copies. Takes the details from old events. Deletes old outbound
 * messages, mails, notices and records of rejected requests. The identities of events stay, so that a late redelivery is still
 * recognized as a duplicate. What is still to be dispatched or delivered stays too. Resolves to the number of rows changed. Safe to run
 * in several processes at once: one of them does it. `pause` waits for so many milliseconds; it rejects to end the sweep. `applied` hears of each
 * rule that was applied to the end.
 */
export async function applyRetention(
  database: Database,
  sources: readonly SourceRetention[],
  options: {
    now: Date;
    pause: (ms: number) => Promise<void>;
    applied?: (rule: RetentionRule, rows: number) => void;
  },
): Promise<number> {
  const { now, pause, applied = () => undefined } = options;
  const before = (keepMs: number) => new Date(now.getTime() - keepMs).toISOString();
  const planned = plan(sources).flatMap(({ rule, sweeps }) =>
    sweeps === null || rule.keepMs === null
      ? []
      : [{ rule, sweep: { ...sweeps, values: [before(rule.keepMs), ...(rule.source === null ? [] : [rule.source])] } }],
  );
  const counts = await deleteRejectionCounts(database, before(countsMs).slice(0, 10));
  applied(countsRule, counts);
  const rules = planned.map(({ sweep: each }) => each);
  const swept = await sweep(database, rules, pause, (done, rows) => {
    const found = planned.find((each) => each.sweep === done);
    if (found !== undefined) applied(found.rule, rows);
  });
  return counts + swept;
}

const countsMs = keepRejectionCountsDays * dayMs;
const countsRule = ruleOf({ subject: 'rejection-counts', keepMs: countsMs });

/** A rule for people, and what it does. Null: nothing, because everything is kept. */
interface Planned {
  rule: RetentionRule;
  sweeps: Rule | null;
}

function plan(sources: readonly SourceRetention[]): Planned[] {
  const own = (subject: RetentionSubject, days: number, sweeps: Rule, atMost: number | null = null): Planned => ({
    rule: ruleOf({ subject, keepMs: days * dayMs, atMost }),
    sweeps,
  });
  return [
    ...sources.flatMap(planOf),
    own('messages', keepDays, retainMessages),
    own('mails', keepDays, deleted('mails', 'created_at')),
    own('replays', keepDays, deleted('replays', 'ended_at')),
    own('redeliveries', keepRejectionsDays, deleted('redeliveries', 'at')),
    own('endpoint-notices', keepDays, deleted('endpoint_notices', 'told_at')),
    own('notices', keepNoticesDays, retainNotices),
    own('rejections', keepRejectionsDays, retainRejections, mostRejections),
    own('starts', keepStartsDays, retainStarts),
    own('waits', keepWaitsDays, deleted('waits', 'until')),
    own('idempotency-keys', 0, deleted('idempotency_keys', 'expires_at')),
    own('sessions', 0, deleted('sessions', 'expires_at')),
    own('handovers', keepHandoversDays, deleted('handovers', 'at')),
  ];
}

/** Details go after their body, so bodies are kept no longer than details. */
function planOf({ source, keepBodiesMs, keepEventsMs }: SourceRetention): Planned[] {
  const bodiesMs = Math.min(keepBodiesMs ?? Infinity, keepEventsMs ?? Infinity);
  const of = (subject: RetentionSubject, keepMs: number | null, sweeps: Rule): Planned => ({
    rule: ruleOf({ subject, source, keepMs }),
    sweeps: keepMs === null ? null : sweeps,
  });
  const keepMs = bodiesMs === Infinity ? null : bodiesMs;
  return [
    of('bodies', keepMs, retainBodies),
    of('forwarded-bodies', keepMs, retainForwarded),
    of('event-details', keepEventsMs, retainDetails),
  ];
}

type Rule = Omit<SweepRule, 'values'>;

/** Deletes the rows of a table whose time is over. */
const deleted = (table: string, at: string): Rule => ({
  name: `retain-${table}`,
  ...{ table, at, where: `${at} < $3::timestamptz` },
  change: `delete from ${table} where ${isLooked} returning id`,
});

/** As an array, so that PostgreSQL goes by the primary key. Joined to a table of small rows, it may read all of them. */
const isLooked = 'id = any(array(select id from looked))';

/** A notice of a genuine event, which is still to be stored (`server/gateway/ask/complete-event.ts`). */
const isUnfollowed = `
  events.native_type = 'incomplete' and events.event_id like 'notice:%' and not exists (
    select from events as followed
    where followed.source = events.source and followed.event_id = substr(events.event_id, 8))`;

/** Of a row of `bodies`. Only events without a body have no envelope. */
const isItsEvent = `
  events.source = bodies.source and events.received_at = bodies.received_at and events.body_id = bodies.id
  and events.envelope is not null`;

const retainBodies: Rule = {
  name: 'retain-bodies',
  table: 'bodies',
  at: 'received_at',
  where: 'source = $4 and received_at < $3::timestamptz',
  change: `
    delete from bodies where id in (
      select id from bodies
      where ${isLooked} and not exists (
        select from events where ${isItsEvent} and (state in ('pending', 'waiting', 'queued') or ${isUnfollowed}))
      for update skip locked)
    returning id`,
};

/** Recognizes copies of a source's requests by their type (`activities/outbound/message-types.ts`). */
const retainForwarded: Rule = {
  name: 'retain-forwarded',
  table: 'messages',
  at: 'created_at',
  where: `raw is not null and created_at < $3::timestamptz and type like 'forward.' || $4::text || '.%'`,
  change: `
    update messages set raw = null, headers = null where id in (
      select id from messages
      where ${isLooked} and not exists (
        select from deliveries where deliveries.message = messages.id and ended_at is null)
      for update skip locked)
    returning id`,
};

/** What stays recognizes a redelivery, a run that exists already, and another event about the same thing. */
const retainDetails: Rule = {
  name: 'retain-details',
  table: 'events',
  at: 'received_at',
  where: 'source = $4 and received_at < $3::timestamptz and envelope is not null',
  change: `
    update events set envelope = null, last_error = null, order_id = null, payment_id = null, customer = null, currency = null, amount = null
    where id in (
      select id from events
      where ${isLooked} and state not in ('pending', 'waiting', 'queued')
        and not exists (select from bodies where bodies.id = events.body_id)
      for update skip locked)
    returning id
  ), deleted_keys as (
    delete from event_keys where event = any(array(select id from changed))
  ), deleted_turns as (
    delete from turns where event = any(array(select id from changed)) and state in ('skipped', 'merged')`,
};

const retainMessages: Rule = {
  name: 'retain-messages',
  table: 'messages',
  at: 'created_at',
  where: 'created_at < $3::timestamptz',
  change: `
    delete from messages where id in (
      select id from messages
      where ${isLooked} and (ack_until is null or ack_until < $3::timestamptz) and not exists (
        select from deliveries
        where deliveries.message = messages.id and (ended_at is null or ended_at >= $3::timestamptz))
      for update skip locked)
    returning id`,
};

/** Recognizes notices by their ids (`server/gateway/ask/read-webhook.ts`). None has a run. */
const retainNotices: Rule = {
  name: 'retain-notices',
  table: 'events',
  at: 'received_at',
  where: `native_type in ('notice', 'incomplete') and event_id like 'notice:%' and received_at < $3::timestamptz`,
  change: `
    delete from events where id in (
      select id from events
      where ${isLooked} and state not in ('pending', 'waiting', 'queued')
        and not exists (select from runs where runs.event = events.id) and not (${isUnfollowed})
      for update skip locked)
    returning id, body_id
  ), deleted_bodies as (
    delete from bodies where id in (select body_id from changed)
      and not exists (select from events where ${isItsEvent} and events.id not in (select id from changed))`,
};

/** Ids increase with time. */
const retainRejections: Rule = {
  name: 'retain-rejections',
  table: 'rejections',
  at: 'at',
  where: `(at < $3::timestamptz or id <= (select id from rejections order by id desc offset ${mostRejections} limit 1))`,
  change: `delete from rejections where ${isLooked} returning id`,
};

/**
 * A start of unknown outcome keeps its event from being started again, so it stays as long as somebody may try: while the event exists and
 * has its body. See `server/replay-event.ts`.
 */
const retainStarts: Rule = {
  name: 'retain-starts',
  table: '(select event as id, begun_at from starts) as begun',
  at: 'begun_at',
  where: 'begun_at < $3::timestamptz',
  change: `
    delete from starts where event = any(array(select id from looked)) and not exists (
      select from events join bodies on bodies.id = events.body_id
      where events.id = starts.event and events.reread_as is null)
    returning event`,
};

/** There is a row for each day, source and reason: too few to need batches. */
async function deleteRejectionCounts(database: Database, before: string): Promise<number> {
  const sql = 'delete from rejection_counts where day < $1::date returning day';
  return (await database.run('retain-rejection-counts', sql, [before])).length;
}
