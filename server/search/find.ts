import type { Database } from '../../storage/database.ts';
import type { EventState } from '../../storage/schema.ts';
import { claimHashSql, customerHashSql } from '../../storage/customer-hash.ts';
import { searchable } from './event-facts.ts';
import { readAmount } from './read-amount.ts';
import { runOfKey } from './run-of-key.ts';

/** What mentions a text. Times are RFC 3339 in UTC. Each list begins with the newest. */
export interface Found {
  events: {
    source: string;
    eventId: string;
    type: string;
    state: EventState;
    receivedAt: string;
    orderId: string | null;
    currency: string | null;
    amount: number | null;
    /** The gateway's id of the payment. */
    paymentId: string | null;
    /** What it gives back, if it is about a refund. Amounts are null if the gateway does not say, or the details are no longer kept. */
    refund: {
      id: string | null;
      amount: number | null;
      /** What all refunds of the payment give back so far. */
      totalRefunded: number | null;
      /** Whether nothing of the payment is left. */
      full: boolean | null;
      currency: string | null;
      reason: string | null;
    } | null;
    /** How often the gateway sent it again. */
    duplicates: number;
    /** When, and from which network: of at most twenty. */
    redeliveries: { at: string; times: number; sender: string | null }[];
    lastError: string | null;
  }[];
  /** Sampled requests that were rejected, and said that they were about one of the events or about the text. None is known to be genuine. */
  rejections: { at: string; source: string; reason: string; status: number; address: string; bytes: number }[];
  /** `because`: its own event is found, or it was given one that is. */
  runs: { workflowId: string; definition: string; startedAt: string | null; because: 'started-by' | 'was-given' }[];
  approvals: { workflowId: string; step: string; question: string; state: string; openedAt: string }[];
  /** `run`: the run that emitted it, or the one above that. */
  deliveries: {
    id: string;
    messageId: string;
    type: string;
    url: string;
    state: string;
    attempts: number;
    lastError: string | null;
    createdAt: string;
    run: string;
  }[];
  mails: { id: string; recipient: string; subject: string; state: string; createdAt: string; run: string }[];
  /** The lists that have more than is shown. */
  more: ('events' | 'rejections' | 'runs' | 'approvals' | 'deliveries' | 'mails')[];
}

/** Of each kind. */
const mostFound = 20;
/** Runs whose messages and mails are looked up. */
const mostRuns = 50;

/**
 * Finds what mentions an order number, an e-mail address, the id of a payment, event, run, message, delivery or mail, or an amount with its
 * currency. Exact, and by indexes only: a text that nobody can have stored finds nothing, however long it is.
 */
export async function find(database: Database, text: string): Promise<Found> {
  const wanted = text.trim();
  if (wanted === '' || wanted.length > longestWanted || /[\p{Cc}\p{Cs}]/u.test(wanted)) return nothing;
  const messages = await database.run<{ run: string }>('find-keys', keysSql, [wanted]);
  const named = [wanted, ...messages.map(({ run }) => run)].filter(isInRun).map(runOfKey);
  const money = readAmount(wanted);
  const fact = searchable(wanted);
  const events = await database.run<EventRow>('find-events', eventsSql, [
    ...[fact, wanted.includes('@') ? (fact?.toLowerCase() ?? null) : null, money?.currency ?? null],
    ...[money?.amount ?? null, wanted, JSON.stringify([...new Set([wanted, ...named])])],
  ]);
  const rows = JSON.stringify(events.map(({ row }) => row));
  const redeliveries = await database.run<Redelivery>('find-redeliveries', redeliveriesSql, [rows]);
  const rejections = await database.run<Found['rejections'][number]>('find-rejections', rejectionsSql, [
    JSON.stringify([...new Set([wanted, ...events.flatMap(idsOf)])]),
  ]);
  const runs = await database.run<RunFound>('find-runs', runsSql, [rows]);
  const ids = [...new Set([...runs.map(({ workflowId }) => workflowId), ...named])].slice(0, mostRuns);
  const within = JSON.stringify(ids);
  const approvals = await database.run<Found['approvals'][number]>('find-approvals', approvalsSql, [within]);
  const deliveries = await database.run<WithKey<Found['deliveries'][number]>>('find-deliveries', deliveriesSql, [
    ...[within, wanted],
  ]);
  const mails = await database.run<WithKey<Found['mails'][number]>>('find-mails', mailsSql, [within, wanted]);
  const found = {
    events: events.map((event) => shownEvent(event, redeliveries)),
    rejections,
    runs,
    approvals,
    deliveries: deliveries.map(withRun),
    mails: mails.map(withRun),
  };
  const more = (Object.keys(found) as (keyof typeof found)[]).filter((kind) => found[kind].length > mostFound);
  return {
    events: found.events.slice(0, mostFound),
    rejections: found.rejections.slice(0, mostFound),
    runs: found.runs.slice(0, mostFound),
    approvals: found.approvals.slice(0, mostFound),
    deliveries: found.deliveries.slice(0, mostFound),
    mails: found.mails.slice(0, mostFound),
    more,
  };
}

const nothing: Found = { events: [], rejections: [], runs: [], approvals: [], deliveries: [], mails: [], more: [] };

/** Whether a key can begin with the id of a run. A shorter one begins those of many. */
function isInRun(key: string): boolean {
  return key.split('/').length >= 4;
}

/** A workflow id may have 1,000 bytes, and everything else is shorter. */
const longestWanted = 1_000;

type EventRow = Omit<Found['events'][number], 'amount' | 'redeliveries'> & {
  row: string | number;
  amount: string | number | null;
  entity: string | null;
};
type Redelivery = Found['events'][number]['redeliveries'][number] & { event: string | number };
type RunFound = Found['runs'][number];
type WithKey<Row> = Omit<Row, 'run'> & { key: string };

/** What a request that is about the same may name. */
function idsOf({ eventId, entity, orderId, paymentId }: EventRow): string[] {
  return [eventId, entity, orderId, paymentId].filter((id) => id !== null);
}

function shownEvent(event: EventRow, redeliveries: readonly Redelivery[]): Found['events'][number] {
  const { source, eventId, type, state, receivedAt, orderId, currency, paymentId, duplicates, lastError } = event;
  const again = redeliveries.filter((each) => Number(each.event) === Number(event.row));
  return {
    ...{ source, eventId, type, state, receivedAt, orderId, currency, paymentId, duplicates, lastError },
    amount: event.amount === null ? null : Number(event.amount),
    refund: event.refund,
    redeliveries: again.map(({ at, times, sender }) => ({ at, times, sender })),
  };
}

function withRun<Row extends { key: string }>({ key, ...row }: Row): Omit<Row, 'key'> & { run: string } {
  return { ...row, run: runOfKey(key) };
}

const limit = `order by id desc limit ${mostFound + 1}`;

const instantSql = (column: string) => `to_char(${column} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** The keys of what has the text as its own id. */
const keysSql = `
  (select idempotency_key as run from messages where id = $1)
  union all (select idempotency_key from messages where id = (select message from deliveries where id = $1))
  union all (select idempotency_key from mails where id = $1)`;

/** The sources of all events, by one index lookup for each. */
export const sourcesSql = `source_of as (
    (select source from events order by source limit 1)
    union all
    select (select events.source from events where events.source > source_of.source order by events.source limit 1)
    from source_of where source_of.source is not null
  )`;

/**
 * $1: the text, if it can be a fact. $2: the same as an address. $3, $4: the same as an amount. $5: the text. $6: workflow ids. What is
 * given apart from its source is looked up in each.
 */
const eventsSql = `
  with recursive ${sourcesSql}, found as (
    (select id from events where order_id = $1::text ${limit})
    union (select id from events where payment_id = $1::text and payment_id is distinct from entity ${limit})
    union (select id from events where customer = ${customerHashSql('$2::text')} ${limit})
    union (select id from events where currency = $3::text and amount = $4::bigint ${limit})
    union (select named.id from source_of cross join lateral (
      select id from events where events.source = source_of.source and event_id = $5::text limit 1) as named)
    union (select id from events where entity = $5::text ${limit})
    union (select event from runs where workflow_id = any(array(select json_array_elements_text($6::json))))
    union (select id from events where source = split_part($5::text, '/', 1)
      and event_id = substr($5::text, length(split_part($5::text, '/', 1)) + 2))
  ), newest as (select id from found ${limit})
  select events.id as row, source, event_id as "eventId", type, state, ${instantSql('received_at')} as "receivedAt",
    order_id as "orderId", payment_id as "paymentId", entity, currency, amount, duplicates, last_error as "lastError",
    case when coalesce(json_typeof(envelope -> 'refund'), 'null') = 'object' then json_build_object(
      'id', envelope -> 'refund' ->> 'id', 'amount', envelope -> 'refund' -> 'amount',
      'totalRefunded', envelope -> 'refund' -> 'totalRefunded', 'full', envelope -> 'refund' -> 'full',
      'currency', envelope -> 'refund' ->> 'currency', 'reason', envelope -> 'refund' ->> 'reason') end as refund
  from newest join events on events.id = newest.id
  order by events.id desc`;

const redeliveriesSql = `
  with event_of as (select value::bigint as id from json_array_elements_text($1::json))
  select event_of.id as event, ${instantSql('at')} as at, times, sender
  from event_of cross join lateral (
    select * from redeliveries where redeliveries.event = event_of.id order by id limit ${mostFound}) as again
  order by again.id`;

/** $1: the ids that a request may have named, of which only hashes are stored. */
const rejectionsSql = `
  select ${instantSql('at')} as at, source, reason, status, address, bytes
  from rejections
  where claims && array(select ${claimHashSql('value')} from json_array_elements_text($1::json))
  ${limit}`;

const runsSql = `
  with event_of as (select value::bigint as id from json_array_elements_text($1::json)), found as (
    select runs.workflow_id, runs.definition, runs.started_at, runs.number, 'started-by' as because
    from event_of cross join lateral (select * from runs where runs.event = event_of.id order by number desc limit ${mostFound + 1}) as runs
    union all
    select runs.workflow_id, runs.definition, runs.started_at, runs.number, 'was-given'
    from event_of cross join lateral (
        select workflow_id from handovers where handovers.event = event_of.id order by id desc limit ${mostFound + 1}) as given
      cross join lateral (select * from runs where runs.workflow_id = given.workflow_id limit 1) as runs
  )
  select workflow_id as "workflowId", min(definition) as definition, ${instantSql('min(started_at)')} as "startedAt",
    min(because) as because
  from found group by workflow_id order by max(number) desc limit ${mostFound + 1}`;

/** What belongs to runs begins with their ids and a slash; a child run's id does as well. The digit 0 comes after the slash. */
const ofRuns = (column: string) => `${column} collate "C" >= run_id || '/' and ${column} collate "C" < run_id || '0'`;
const runIds = `(select value as run_id from json_array_elements_text($1::json)) as run_of`;

/* Each row is looked up by a subquery with a limit: without one, PostgreSQL may join by reading the whole table. */

const approvalsSql = `
  select asked.workflow_id as "workflowId", step, question, state, ${instantSql('opened_at')} as "openedAt"
  from ${runIds} cross join lateral (
    select * from approval_requests where workflow_id = run_id order by opened_at desc limit ${mostFound + 1}) as asked
  order by opened_at desc limit ${mostFound + 1}`;

const deliveriesSql = `
  with message_of as (
    select of_run.id from ${runIds} cross join lateral (
      select id from messages where ${ofRuns('idempotency_key')}
      order by idempotency_key collate "C" limit ${mostFound + 1}) as of_run
    union (select id from messages where id = $2::text)
    union (select message from deliveries where id = $2::text)
  )
  select sent.id, sent.message as "messageId", messages.type, sent.url, sent.state, sent.attempts, sent.last_error as "lastError",
    ${instantSql('sent.created_at')} as "createdAt", messages.idempotency_key as key
  from message_of cross join lateral (select * from messages where messages.id = message_of.id limit 1) as messages
    cross join lateral (select * from deliveries where deliveries.message = message_of.id limit ${mostFound + 1}) as sent
  order by sent.created_at desc, sent.id limit ${mostFound + 1}`;

const mailsSql = `
  with mail_of as (
    select of_run.id from ${runIds} cross join lateral (
      select id from mails where ${ofRuns('idempotency_key')}
      order by idempotency_key collate "C" limit ${mostFound + 1}) as of_run
    union (select id from mails where lower(recipient) = lower($2::text) order by created_at desc limit ${mostFound + 1})
    union (select id from mails where id = $2::text)
  )
  select sent.id, sent.recipient, sent.subject, sent.state, ${instantSql('sent.created_at')} as "createdAt",
    sent.idempotency_key as key
  from mail_of cross join lateral (select * from mails where mails.id = mail_of.id limit 1) as sent
  order by sent.created_at desc, sent.id limit ${mostFound + 1}`;
