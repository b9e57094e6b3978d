import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  customType,
  date,
  index,
  integer,
  json,
  pgSchema,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  unique,
  uniqueIndex,
  uuid,
} from 'drizzle-orm/pg-core';
import type { TurnRules } from '../language/turns.ts';
import type { ApprovalMail, ApprovalRules, ApprovalState, ApprovalWay } from '../language/approval.ts';
import type { EndpointPolicy } from '../language/endpoint-policy.ts';
import { shopSchema } from './project/project-schema.ts';

const bytea = customType<{ data: Uint8Array }>({ dataType: () => 'bytea' });
const instant = (name: string) => timestamp(name, { withTimezone: true, mode: 'date' });
/** Minor units of money and row numbers stay below 2^53. */
const int8 = (name: string) => bigint(name, { mode: 'number' });

/** Which installation this database belongs to: one row, written at the first start. See `storage/installation.ts`. */
export const installation = pgTable(
  'installation',
  {
    /** Always true, so that there is one row. */
    onlyOne: boolean('only_one').primaryKey().default(true),
    /** `kait-7f3qa2`. */
    id: text('id').notNull(),
    /** 32 random bytes. */
    sealKey: bytea('seal_key').notNull(),
  },
  (table) => [check('installation_only_one', sql`${table.onlyOne}`)],
);

/** Every version of a definition that was ever loaded. Kept forever: small, and needed to explain old runs. */
export const definitions = pgTable('definitions', {
  /** SHA-256 (hex) of the canonical JSON. */
  hash: text('hash').primaryKey(),
  name: text('name').notNull(),
  json: json('json').notNull(),
  createdAt: instant('created_at').notNull().defaultNow(),
});

/** The version of each definition file that a server has loaded last without a mistake. If the file gets a mistake, it is served on. */
export const servedDefinitions = pgTable('served_definitions', {
  /** Its name in the folder: `shop.json`. A row goes when its file is gone. */
  file: text('file').primaryKey(),
  hash: text('hash')
    .notNull()
    .references(() => definitions.hash),
  servedAt: instant('served_at').notNull().defaultNow(),
});

/**
 * One row for each request whose events are in the inbox, however many they are. Written in the same statement as its events, and deleted
 * after the source's `keepBodies`, or with the last of its events.
 */
export const bodies = pgTable(
  'bodies',
  {
    id: int8('id').primaryKey().generatedByDefaultAsIdentity(),
    /** As in its events. */
    source: text('source').notNull(),
    receivedAt: instant('received_at').notNull(),
    /** Unchanged. */
    bytes: bytea('bytes').notNull(),
    contentType: text('content_type').notNull(),
    /** Headers to forward: those in the source's `keepHeaders`, by their names in lower case. */
    headers: json('headers').$type<Record<string, string>>(),
  },
  (table) => [index('bodies_source_received_at').on(table.source, table.receivedAt, table.id)],
);

/**
 * The inbox: one row for each acknowledged event. Rows are kept forever, so that a redelivery after months is still recognised as
 * a duplicate. After the source's `keepEvents`, a row has only its columns that are not details: see `storage/retention.ts`.
 */
export const events = pgTable(
  'events',
  {
    /** Arrival order. */
    id: int8('id').primaryKey().generatedAlwaysAsIdentity(),
    // Columns of one width follow each other, the widest first: PostgreSQL pads each to its width.
    occurredAt: instant('occurred_at').notNull(),
    receivedAt: instant('received_at').notNull(),
    /**
     * The request that told it: a row of `bodies` with the same source and time of arrival. No foreign key: retention deletes the body
     * and leaves the event alone.
     */
    bodyId: int8('body_id').notNull(),
    /** Minor units. Like `currency`, `orderId`, `paymentId` and `customer`, it is searched: see `server/search/event-facts.ts`. */
    amount: int8('amount'),
    /** Until then, one process works on it, or the inbox holds it. Afterwards, any process may. */
    claimedUntil: instant('claimed_until'),
    /** Which event of the request's batch this is. */
    item: integer('item').notNull().default(0),
    /** How often the gateway sent it again. */
    duplicates: integer('duplicates').notNull().default(0),
    attempts: integer('attempts').notNull().default(0),
    /** Whether another webhook about the same fact may still replace it, until `claimedUntil`. False once a process has claimed it. */
    held: boolean('held').notNull().default(false),
    source: text('source').notNull(),
    eventId: text('event_id').notNull(),
    gateway: text('gateway').notNull(),
    type: text('type').notNull(),
    nativeType: text('native_type').notNull(),
    entity: text('entity'),
    /**
     * `pending` → `dispatched` (all matching definitions started) | `ignored` (none matched) | `failed` (Temporal
     * did not accept the start; `kait events replay` tries again) | `waiting` (it may be for a file with a mistake; pending again
     * once that is corrected) | `queued` (a run of it waits for its turn; pending again when it has it). `unreadable`: genuine, but not an event; kept for inspection.
     */
    state: text('state').$type<EventState>().notNull(),
    /** What the other columns do not say of the canonical event: see `storage/stored-envelope.ts`. Null once `keepEvents` is over. */
    envelope: json('envelope').$type<Record<string, unknown>>(),
    /*
     * What people search by. Null if the gateway does not say, and once `keepEvents` is over.
     */
    /** The merchant's reference. */
    orderId: text('order_id'),
    /** The gateway's id of the payment. */
    paymentId: text('payment_id'),
    /** A keyed hash of the customer's address: see `storage/customer-hash.ts`. */
    customer: uuid('customer'),
    currency: text('currency'),
    /** Why it is ignored, unreadable or failed, or why its last dispatch was refused. */
    lastError: text('last_error'),
    /** The id under which `kait events reread` stored it again. Such a row is never dispatched. */
    rereadAs: text('reread_as'),
    /** The files with mistakes that a waiting event may be for: `workflows/shop.json`. */
    waitsFor: text('waits_for').array(),
  },
  (table) => [
    unique('events_source_event_id').on(table.source, table.eventId),
    index('events_pending')
      .on(table.id)
      .where(sql`state = 'pending'`),
    // Pending events that failed before, by when they are due. In ordinary operation there are none.
    index('events_failing')
      .on(sql`coalesce(claimed_until, '-infinity'::timestamptz)`, table.id)
      .where(sql`state = 'pending' and last_error is not null`),
    // Lists of one state, and releases waiting events.
    index('events_state')
      .on(table.state, table.id)
      .where(sql`state <> 'pending'`),
    // Lists of one source.
    index('events_source').on(table.source, table.id),
    // Finds what retention may take details from, and the events of a body, which have their details.
    index('events_detailed')
      .on(table.source, table.receivedAt, table.id)
      .where(sql`envelope is not null`),
    // Other events about the same thing.
    index('events_entity')
      .on(table.entity, table.id)
      .where(sql`entity is not null`),
    index('events_order')
      .on(table.orderId, table.id)
      .where(sql`order_id is not null`),
    // Of most events that name a payment, it is the entity.
    index('events_payment')
      .on(table.paymentId, table.id)
      .where(sql`payment_id is distinct from entity`),
    index('events_customer')
      .on(table.customer, table.id)
      .where(sql`customer is not null`),
    index('events_amount')
      .on(table.currency, table.amount, table.id)
      .where(sql`amount is not null`),
    // Lists of one currency.
    index('events_currency')
      .on(table.currency, table.id)
      .where(sql`amount is not null`),
    index('events_notices')
      .on(table.receivedAt, table.id)
      .where(sql`native_type in ('notice', 'incomplete') and event_id like 'notice:%'`),
  ],
);
export type EventState = 'pending' | 'waiting' | 'queued' | 'dispatched' | 'ignored' | 'failed' | 'unreadable';

/**
 * One row for each run. Its status is in Temporal, which forgets it; the row is kept forever, like its event, so that nothing is run
 * twice. See `server/run-again.ts` for the one way to a second run.
 */
export const runs = pgTable(
  'runs',
  {
    workflowId: text('workflow_id').primaryKey(),
    event: int8('event')
      .notNull()
      .references(() => events.id),
    definition: text('definition').notNull(),
    definitionHash: text('definition_hash').notNull(),
    /** Null: somebody asked for it to run again, and it is still to be started. */
    startedAt: instant('started_at'),
    /** Whether nobody knows if it was started: Kait stopped at `startedAt`, and Temporal may have forgotten it since. */
    inDoubt: boolean('in_doubt').notNull().default(false),
    /** Counts the rows in the order of their insertion, for `kait listen`. */
    number: int8('number').notNull().generatedAlwaysAsIdentity(),
  },
  (table) => [
    index('runs_event').on(table.event, table.number),
    index('runs_started_at').on(table.startedAt, table.number),
    index('runs_definition').on(table.definition, table.startedAt, table.number),
    index('runs_number').on(table.number),
  ],
);

/**
 * Runs that go on from one that has ended, which an operator has asked for. A row is the record of the request, and later the link between
 * the two runs; kept forever, like theirs. See `server/rescue/`.
 */
export const rescues = pgTable(
  'rescues',
  {
    workflowId: text('workflow_id').primaryKey(),
    /** The run that has ended. It can be retried once; then its successor can. */
    retryOf: text('retry_of').notNull().unique(),
    /** The first run of them all, under whose keys their effects happen. */
    root: text('root').notNull(),
    number: integer('number').notNull(),
    event: int8('event')
      .notNull()
      .references(() => events.id),
    definition: text('definition').notNull(),
    definitionHash: text('definition_hash').notNull(),
    /** `pending` → `started` | `refused`: it cannot start. */
    state: text('state').$type<'pending' | 'started' | 'refused'>().notNull().default('pending'),
    /** The input of the run, without its seal, as JSON. Null once it has started or is refused: it holds what customers entrusted to Kait. */
    input: text('input'),
    requestedAt: instant('requested_at').notNull().defaultNow(),
    /** When its start was first begun. What was begun long ago and never recorded is in doubt, and not repeated. */
    begunAt: instant('begun_at'),
    /** Until then, one process is starting it. */
    claimedUntil: instant('claimed_until'),
    /** Why it was refused, or did not start yet. */
    lastError: text('last_error'),
  },
  (table) => [
    unique('rescues_number').on(table.root, table.number),
    index('rescues_event').on(table.event),
    index('rescues_pending')
      .on(table.claimedUntil.asc().nullsFirst(), table.requestedAt)
      .where(sql`state = 'pending'`),
  ],
);

/**
 * The events whose runs are being started now: written before the first start, deleted with the record of the outcome. A row that stays is
 * of a process that died in between, so that a run may exist of which `runs` knows nothing. Deleted once its event can never be dispatched
 * again: see `storage/retention.ts`.
 */
export const starts = pgTable('starts', {
  /** No foreign key: an event that is deleted meanwhile must not fail the start. */
  event: int8('event').primaryKey(),
  begunAt: instant('begun_at').notNull(),
});

/**
 * What open `waitFor` steps wait for: one row for each type that a step names. Written before the step looks for stored events, deleted when it
 * ends. Rows of a run that was ended from outside go when an event is for them, or a day after `until`.
 */
export const waits = pgTable(
  'waits',
  {
    id: int8('id').primaryKey().generatedAlwaysAsIdentity(),
    workflowId: text('workflow_id').notNull(),
    /** The step's key: its id, followed by the index of each enclosing loop. */
    step: text('step').notNull(),
    /** Canonical or native. */
    type: text('type').notNull(),
    /** Of the type, the paths and the values of its `match`: see `language/correlation.ts`. */
    hash: bytea('hash').notNull(),
    sources: text('sources').array().notNull(),
    /** The event of the run, which never ends its own wait. Null: it is not stored. */
    event: int8('event'),
    /** Whether that is live; null: unknown. A test payment never ends the wait of a real one. */
    live: boolean('live'),
    /** Earlier events do not count, unless they were stored after the run's own. */
    since: instant('since').notNull(),
    /** When the step gives up, by Temporal's clock. */
    until: instant('until').notNull(),
  },
  (table) => [
    unique('waits_step').on(table.workflowId, table.step, table.type),
    index('waits_hash').on(table.hash),
    index('waits_until').on(table.until, table.id),
  ],
);

/**
 * The sets of paths that any `waitFor` has ever matched, by the type that it names. Each event of such a type gets a row in `event_keys` for
 * each set. Kept forever: definitions choose them, so they are few.
 */
export const waitShapes = pgTable(
  'wait_shapes',
  {
    type: text('type').notNull(),
    /** A JSON list, sorted. */
    paths: text('paths').notNull(),
    /** The newest event when the row was written. What is not newer may have been dispatched without a key. */
    lastEvent: int8('last_event').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.type, table.paths] })],
);

/** Finds stored events by what a `waitFor` matches. Written when an event is dispatched, deleted with its details. */
export const eventKeys = pgTable(
  'event_keys',
  {
    /** As in `waits`. */
    hash: bytea('hash').notNull(),
    event: int8('event').notNull(),
  },
  (table) => [primaryKey({ columns: [table.hash, table.event] }), index('event_keys_event').on(table.event)],
);

/** The stored events that runs under way were given, each at most once. Deleted after 400 days, when no run can be under way any more. */
export const handovers = pgTable(
  'handovers',
  {
    id: int8('id').primaryKey().generatedAlwaysAsIdentity(),
    workflowId: text('workflow_id').notNull(),
    event: int8('event').notNull(),
    /** `pending` → `sent` (the run has it) → `taken` (a step has it as its output, and no other step of the run can). */
    state: text('state').$type<'pending' | 'sent' | 'taken'>().notNull(),
    /** The key of the step that took it. */
    step: text('step'),
    at: instant('at').notNull().defaultNow(),
    /** Until then, one process is sending it. */
    claimedUntil: instant('claimed_until'),
    attempts: smallint('attempts').notNull().default(0),
  },
  (table) => [
    unique('handovers_run').on(table.workflowId, table.event),
    index('handovers_event').on(table.event),
    index('handovers_at').on(table.at, table.id),
    index('handovers_pending')
      .on(table.claimedUntil.asc().nullsFirst(), table.event)
      .where(sql`state = 'pending'`),
  ],
);

/** What `approve` steps ask people, while they wait and afterwards. Kept forever, as their answers are. */
export const approvalRequests = pgTable(
  'approval_requests',
  {
    /** Derived from the workflow's id and the step. */
    id: text('id').primaryKey(),
    workflowId: text('workflow_id').notNull(),
    /** The step's key. */
    step: text('step').notNull(),
    /** The name of the definition that asks. */
    definition: text('definition').notNull(),
    question: text('question').notNull(),
    /** What people should know: label and text. */
    details: json('details').$type<[label: string, text: string][]>().notNull(),
    rules: json('rules').$type<ApprovalRules>().notNull(),
    requester: text('requester'),
    mail: json('mail').$type<ApprovalMail>(),
    /** How often the step was retried after it was decided, and asked again. */
    round: integer('round').notNull().default(0),
    /** A run that was terminated leaves it `open`, so what counts is also `until`. */
    state: text('state').$type<ApprovalState>().notNull().default('open'),
    openedAt: instant('opened_at').notNull().defaultNow(),
    /** When the step gives up, by Temporal's clock. */
    until: instant('until').notNull(),
    closedAt: instant('closed_at'),
  },
  (table) => [
    index('approval_requests_run').on(table.workflowId),
    index('approval_requests_opened_at').on(table.openedAt, table.id),
    index('approval_requests_open')
      .on(table.until, table.id)
      .where(sql`state = 'open'`),
  ],
);

/** Who has answered what, when, why and from where. Kept forever. */
export const approvals = pgTable(
  'approvals',
  {
    id: int8('id').primaryKey().generatedAlwaysAsIdentity(),
    request: text('request')
      .notNull()
      .references(() => approvalRequests.id),
    round: integer('round').notNull(),
    /** As the person was named, and what tells people apart. */
    person: text('person').notNull(),
    personKey: text('person_key').notNull(),
    approved: boolean('approved').notNull(),
    reason: text('reason'),
    via: text('via').$type<ApprovalWay>().notNull(),
    /** The address of who used a link. */
    address: text('address'),
    /** SHA-256 (hex) of the link's token, which is nowhere else. */
    link: text('link'),
    /** The id of the update that brought it. */
    decision: text('decision').notNull(),
    at: instant('at').notNull().defaultNow(),
  },
  (table) => [
    unique('approvals_person').on(table.request, table.round, table.personKey),
    unique('approvals_link').on(table.link),
  ],
);

/**
 * The turns of runs whose definition has a `key` or `limits`: who may start, and who waits. A row goes when its run gives the turn back. Rows of
 * events that start no run because of it stay as long as the details of their event.
 */
export const turns = pgTable(
  'turns',
  {
    workflowId: text('workflow_id').primaryKey(),
    definition: text('definition').notNull(),
    /** See `turnKeyOf`. Null: the run waits for no other of its key. */
    key: text('key'),
    /** The order of turns. */
    event: int8('event').notNull(),
    /**
     * `queued` (behind another of its key) → `ready` (waits for its time, for limits, or for earlier events) → `holding` (its run may start,
     * or has). `blocked`: its run has failed, and keeps the key. `ended`: its run has given the turn back before anybody recorded that it started.
     * `skipped`, `merged`: it starts no run.
     */
    state: text('state').$type<TurnState>().notNull(),
    /** The event because of which it is skipped, or into which it is merged. */
    because: int8('because'),
    /** Not ready before that, because newer events may come. */
    notBefore: instant('not_before'),
    /** When the first of the events came that are merged into this one. */
    firstAt: instant('first_at').notNull(),
    /** Since when it has been in its state. */
    at: instant('at').notNull(),
    /** When to ask Temporal next whether its run still goes on. */
    checkAt: instant('check_at'),
  },
  (table) => [
    // At most one of a key may start, or has started.
    uniqueIndex('turns_front')
      .on(table.definition, table.key)
      .where(sql`state in ('ready', 'holding', 'blocked')`),
    index('turns_queued')
      .on(table.definition, table.key, table.event)
      .where(sql`state = 'queued'`),
    index('turns_ready')
      .on(table.definition, table.event)
      .where(sql`state = 'ready'`),
    index('turns_holding')
      .on(table.definition)
      .where(sql`state = 'holding'`),
    index('turns_check')
      .on(table.checkAt)
      .where(sql`state = 'holding'`),
    index('turns_event').on(table.event),
    index('turns_ended')
      .on(table.event)
      .where(sql`state = 'ended'`),
    index('turns_because')
      .on(table.because)
      .where(sql`because is not null`),
  ],
);
export type TurnState = 'queued' | 'ready' | 'holding' | 'blocked' | 'ended' | 'skipped' | 'merged';

/** One row for each definition whose runs take turns. Who gives turns of a definition locks it. */
export const turnRules = pgTable('turn_rules', {
  definition: text('definition').primaryKey(),
  /** Of the version that was dispatched last. */
  rules: json('rules').$type<TurnRules>().notNull(),
  /** When the latest turns were given, in Unix ms, as far as `rate` counts them. */
  given: json('given').$type<number[]>().notNull(),
});

/**
 * The versions of definitions that each version was served with for its `run` steps: its runs start these, whatever is served by then.
 * Kept forever, like `definitions`.
 */
export const definitionChildren = pgTable(
  'definition_children',
  {
    hash: text('hash')
      .notNull()
      .references(() => definitions.hash),
    child: text('child').notNull(),
  },
  (table) => [primaryKey({ columns: [table.hash, table.child] })],
);

/** Sets of definitions that `kait publish` has recorded. The newest active one is served. The newest 100 are kept: see `record-set.ts`. */
export const publishedSets = pgTable('published_sets', {
  id: int8('id').primaryKey().generatedAlwaysAsIdentity(),
  /** SHA-256 (hex) of the canonical JSON of `files`. */
  hash: text('hash').notNull(),
  /** The texts of the definitions folder's files by their paths in it. */
  files: json('files').$type<Record<string, string>>().notNull(),
  /** The project's activities for which it was made: see `set-activities.ts`. */
  activities: json('activities').$type<SetActivity[]>().notNull(),
  /** Who, as their client says. */
  author: text('author').notNull(),
  note: text('note').notNull(),
  publishedAt: instant('published_at').notNull().defaultNow(),
  /** Since when it may be served: all processes of that time could. Null: not yet, or a newer one came before. */
  activeAt: instant('active_at'),
});

/** An activity of a project, as a set of definitions was made for it. */
export interface SetActivity {
  name: string;
  kind: 'database' | 'network' | 'external';
  /** SHA-256 (hex) of its compiled module; of an external one, of its file. */
  digest: string;
  /** JSON Schemas. */
  input: unknown;
  output: unknown;
}

/**
 * The servers and workers that are running, as they report every second. A row whose process has not reported for a while does not
 * count, and is deleted after an hour.
 */
export const processes = pgTable('processes', {
  /** Random, for as long as the process lives. */
  id: text('id').primaryKey(),
  kind: text('kind').$type<'server' | 'worker'>().notNull(),
  /** For people: host and process id. */
  name: text('name').notNull(),
  /** Of Kait. */
  version: text('version').notNull(),
  follows: text('follows').$type<'files' | 'published'>().notNull(),
  /** The published set that it serves. Null: its folder. */
  serves: int8('serves'),
  servesSince: instant('serves_since').notNull(),
  /** The newest published set that it has read and could serve. */
  ready: int8('ready'),
  /** Why it does not serve, or could not serve, the newest set. */
  problem: text('problem'),
  /** What is different in it from what the set was made for, but does not keep it from serving it. */
  notes: json('notes').$type<string[]>().notNull(),
  seenAt: instant('seen_at').notNull(),
});

/**
 * Keys of the HTTP API. A row stays when its key is revoked, so that the audit's names keep their meaning. See
 * `server/api/keys/key-secret.ts` for what a secret is made of.
 */
export const apiKeys = pgTable(
  'api_keys',
  {
    /** A part of the secret, by which its row is found. */
    id: text('id').primaryKey(),
    /** Unique among those that are not revoked. */
    name: text('name').notNull(),
    scope: text('scope').$type<'read' | 'operate' | 'admin'>().notNull(),
    /** SHA-256 (hex) of the secret. */
    hash: text('hash').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    createdBy: text('created_by').notNull(),
    expiresAt: instant('expires_at'),
    revokedAt: instant('revoked_at'),
    /** To some minutes. */
    lastUsedAt: instant('last_used_at'),
  },
  (table) => [
    uniqueIndex('api_keys_name')
      .on(table.name)
      .where(sql`revoked_at is null`),
    index('api_keys_created_at').on(table.createdAt, table.id),
  ],
);

/**
 * Who is logged in to the console. A row goes when somebody logs out or ends the session, and after `expiresAt`. See
 * `server/console/session-check.ts` for when a row does not count.
 */
export const sessions = pgTable(
  'sessions',
  {
    /** To show and to end it. Opens nothing. */
    id: text('id').primaryKey(),
    /** SHA-256 (hex) of what the browser has. */
    hash: text('hash').notNull().unique(),
    /** The person, or the API key. */
    name: text('name').notNull(),
    scope: text('scope').$type<'read' | 'operate' | 'admin'>().notNull(),
    via: text('via').$type<SessionWay>().notNull(),
    /** `key`: the key's id. `token`: a keyed digest of the admin token. `oidc`: the issuer and its name for the person. `link`: empty. */
    credential: text('credential').notNull(),
    createdAt: instant('created_at').notNull().defaultNow(),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [
    index('sessions_expires_at').on(table.expiresAt, table.id),
    index('sessions_credential').on(table.via, table.credential, table.createdAt),
  ],
);
/** What somebody has logged in with. `link`: the one-time link that `kait up` prints. */
export type SessionWay = 'token' | 'key' | 'link' | 'oidc';

/** The tenants whose portal links were revoked: see `server/api/portal/`. Kept forever: a row per tenant. */
export const portalTenants = pgTable('portal_tenants', {
  tenant: text('tenant').primaryKey(),
  /** Links with another number are revoked. Without a row, it is 1. */
  generation: integer('generation').notNull(),
});

/** What POST requests with an idempotency key were answered. Deleted after 24 hours. See `server/api/idempotency.ts`. */
export const idempotencyKeys = pgTable(
  'idempotency_keys',
  {
    /** Made of the key and the API key's secret. */
    id: text('id').primaryKey(),
    /** SHA-256 (hex) of the request. */
    digest: text('digest').notNull(),
    /** Random: who works on it. */
    lease: text('lease').notNull(),
    /** Whoever works on it says so again before. */
    leaseUntil: instant('lease_until').notNull(),
    /** Encrypted with the API key's secret, because answers hold secrets too. Null: it is still being worked on. */
    answer: bytea('answer'),
    expiresAt: instant('expires_at').notNull(),
  },
  (table) => [index('idempotency_keys_expires_at').on(table.expiresAt, table.id)],
);
/** What is recorded in the audit. The last are what operators tell a run. */
export const auditedActions = [
  'run-again',
  'start',
  'pause-schedule',
  'resume-schedule',
  'publish',
  'rollback',
  'free-key',
  'add-key',
  'revoke-key',
  'retry-run',
  'fetch',
  'add-endpoint',
  'edit-endpoint',
  'pause-endpoint',
  'resume-endpoint',
  'rotate-endpoint',
  'test-endpoint',
  'remove-endpoint',
  'reseal-secrets',
  'add-portal-link',
  'revoke-portal-links',
  'retry-delivery',
  'retry-deliveries',
  'log-in',
  'log-out',
  'fail-log-in',
  'end-session',
  'reveal',
  'retry',
  'skip',
  'set-result',
  'edit-input',
  'pause',
  'resume',
  'cancel',
  'terminate',
  'migrate',
] as const;
type AuditedAction = (typeof auditedActions)[number];

/** What operators did that Kait would not do by itself, and who logged in or tried to. Kept forever. */
export const audit = pgTable(
  'audit',
  {
    id: int8('id').primaryKey().generatedAlwaysAsIdentity(),
    at: instant('at').notNull().defaultNow(),
    /** Who: the name of the API key, and on whose behalf its client says that it acts. */
    actor: text('actor').notNull(),
    action: text('action').$type<AuditedAction>().notNull(),
    /** What it was done to: the workflow id of the new run, the published set, the definition whose schedule it is, or what a gateway was asked about. */
    target: text('target').notNull(),
    /** Why, in the operator's words. */
    reason: text('reason').notNull(),
    /** The key of the step that a run was told something about. */
    step: text('step'),
    /** How a command reached its run. */
    via: text('via').$type<'api' | 'cli' | 'temporal'>(),
    /** SHA-256 (hex) of the JSON of the result, the input or the definition that an operator gave. The value itself is in Temporal's history. */
    digest: text('digest'),
    /** Identifies a command to a run, so that it is recorded once: Temporal's run id and the id of the update. */
    command: text('command').unique(),
  },
  (table) => [
    index('audit_target').on(table.target, table.id),
    index('audit_actor').on(table.actor, table.id),
    index('audit_action').on(table.action, table.id),
  ],
);

/**
 * Large values of runs, to which Temporal's histories only refer: see `storage/claim-check.ts`. Deleted when Temporal has forgotten the
 * workflow: see `worker/payload-release.ts`.
 */
export const payloads = pgTable(
  'payloads',
  {
    namespace: text('namespace').notNull(),
    workflowId: text('workflow_id').notNull(),
    /** SHA-256 (hex) of the JSON. */
    digest: text('digest').notNull(),
    /** JSON, compressed with gzip. */
    bytes: bytea('bytes').notNull(),
    /** When to ask Temporal next whether it still knows the workflow. */
    checkAt: instant('check_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.namespace, table.workflowId, table.digest] }),
    index('payloads_check_at').on(table.namespace, table.checkAt),
  ],
);

/** Where outbound webhooks go. A removed endpoint's row is deleted; its deliveries keep the URL. */
export const endpoints = pgTable(
  'endpoints',
  {
    id: text('id').primaryKey(),
    /** Counts the changes, for `If-Match`. */
    version: integer('version').notNull().default(1),
    url: text('url').notNull(),
    description: text('description').notNull().default(''),
    /** Whose it is: a customer of the user's. Null: the operator's own. */
    tenant: text('tenant'),
    /** Event type patterns: `order.created`, `order.*`, `*`. */
    patterns: text('patterns').array().notNull(),
    /** How it wants its webhooks. See `EndpointPolicy`. */
    policy: json('policy').$type<EndpointPolicy>().notNull().default({}),
    /** Sealed JSON: see `EndpointSecrets`. Nothing of it is ever shown again. */
    secrets: bytea('secrets').notNull(),
    /** The key that opens it: see `secret-keys.ts`. */
    secretsKey: text('secrets_key').notNull(),
    /** `paused`: by a person. `disabled`: by Kait, or because the receiver is gone. */
    state: text('state').$type<EndpointState>().notNull().default('enabled'),
    /** Why it is disabled: `410 Gone`. */
    disabledReason: text('disabled_reason'),
    /** Attempts in a row that failed. */
    failures: integer('failures').notNull().default(0),
    /** Since when every attempt has failed. Null: the last one succeeded. */
    failingSince: instant('failing_since'),
    /** The circuit is open, and no request is sent, until then. Null: it is closed. */
    openUntil: instant('open_until'),
    /** How often it was opened in a row. */
    openings: smallint('openings').notNull().default(0),
    /** When the next request is allowed by its rate limit. */
    nextSlotAt: instant('next_slot_at'),
    createdAt: instant('created_at').notNull().defaultNow(),
  },
  (table) => [index('endpoints_tenant').on(table.tenant, table.createdAt, table.id)],
);
export type EndpointState = 'enabled' | 'paused' | 'disabled';

/** One outbound event. Deleted with its deliveries 90 days after the last of them has ended. */
export const messages = pgTable(
  'messages',
  {
    /** `msg_…`, the `webhook-id` that every attempt carries. */
    id: text('id').primaryKey(),
    idempotencyKey: text('idempotency_key').notNull().unique(),
    type: text('type').notNull(),
    /** Only endpoints of this tenant get it. Null: only those of the operator. */
    tenant: text('tenant'),
    /** The exact text that Kait signs and sends. */
    body: text('body').notNull(),
    /** A forwarded request's unchanged bytes, sent in place of `body`, because they may not be UTF-8. */
    raw: bytea('raw'),
    contentType: text('content_type').notNull().default('application/json'),
    /** A forwarded request's kept headers, sent in addition to Kait's own. */
    headers: json('headers').$type<Record<string, string>>(),
    /** Until then, the first receiver to answer on its callback URL decides what the run goes on with. Null: nobody is asked. */
    ackUntil: instant('ack_until'),
    /** The answer, as canonical JSON. No `json`: a text that looks like JSON would be read as such. Null while `ackBy` is. */
    ack: text('ack'),
    /** The endpoint that has answered. */
    ackBy: text('ack_by'),
    /** Set once: when it answered, or, without `ackBy`, when the run stopped waiting. */
    ackAt: instant('ack_at'),
    /** Messages with the same one reach each endpoint once in total. Null: its own id. */
    deliveryKey: text('delivery_key'),
    createdAt: instant('created_at').notNull(),
  },
  (table) => [
    index('messages_created_at').on(table.createdAt, table.id),
    // The messages of a run, whose id begins the key.
    index('messages_run').on(sql`idempotency_key collate "C"`),
    index('messages_raw')
      .on(table.createdAt, table.id)
      .where(sql`raw is not null`),
  ],
);

/** One row for each message and endpoint subscribed to it when it was emitted. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: text('id').primaryKey(),
    message: text('message')
      .notNull()
      .references(() => messages.id, { onDelete: 'cascade' }),
    /** No foreign key: deliveries outlive their endpoint. */
    endpoint: text('endpoint').notNull(),
    /** The endpoint's. */
    tenant: text('tenant'),
    /** Where its last request went. Before the first: where its endpoint was. */
    url: text('url').notNull(),
    /**
     * `pending` (not handed to Temporal yet) → `started` → `delivered` | `exhausted` | `refused` (permanent: 410, endpoint gone, private
     * address, can never start). `parked`: it waits, outside Temporal, until what `parkedBecause` names is over, and is then `pending` again.
     */
    state: text('state').$type<DeliveryState>().notNull().default('pending'),
    parkedBecause: text('parked_because').$type<ParkedBecause>(),
    /** Deliveries of an endpoint with the same key are made one after the other. Null: in any order. */
    orderKey: text('order_key'),
    /** When its request is allowed by the endpoint's rate limit. Null: it has asked for no slot yet. */
    slotAt: instant('slot_at'),
    /** Requests before somebody last had it sent again: the schedule counts from there. */
    scheduleFrom: smallint('schedule_from').notNull().default(0),
    /** How often somebody had it sent again. */
    replays: smallint('replays').notNull().default(0),
    /** When somebody last did. */
    againAt: instant('again_at'),
    /** Requests: those on record, and those in doubt, because the worker or the database stopped before the record. */
    attempts: smallint('attempts').notNull().default(0),
    /** Of the requests since `scheduleFrom`. */
    inDoubt: smallint('in_doubt').notNull().default(0),
    /** When the request under way was begun. Null between requests. */
    attemptingSince: instant('attempting_since'),
    /** Since when the next request has been due, or will be. Null until Temporal has taken the delivery over. */
    dueAt: instant('due_at'),
    lastStatus: smallint('last_status'),
    lastError: text('last_error'),
    claimedUntil: instant('claimed_until'),
    /** How often its start failed while others succeeded. */
    blames: smallint('blames').notNull().default(0),
    createdAt: instant('created_at').notNull(),
    /** When Temporal took it over. */
    startedAt: instant('started_at'),
    endedAt: instant('ended_at'),
  },
  (table) => [
    unique('deliveries_message_endpoint').on(table.message, table.endpoint),
    index('deliveries_created_at').on(table.createdAt),
    index('deliveries_refused')
      .on(table.createdAt)
      .where(sql`state = 'refused'`),
    index('deliveries_exhausted')
      .on(table.createdAt)
      .where(sql`state = 'exhausted'`),
    index('deliveries_pending')
      .on(table.claimedUntil.asc().nullsFirst(), table.id)
      .where(sql`state = 'pending'`),
    index('deliveries_started')
      .on(table.dueAt)
      .where(sql`state = 'started'`),
    index('deliveries_parked')
      .on(table.endpoint, table.createdAt, table.id)
      .where(sql`state = 'parked'`),
    index('deliveries_under_way')
      .on(table.endpoint, table.attemptingSince)
      .where(sql`attempting_since is not null`),
    index('deliveries_in_order')
      .on(table.endpoint, table.orderKey, table.createdAt, table.id)
      .where(sql`order_key is not null and state in ('pending', 'started', 'parked')`),
    index('deliveries_endpoint_pending')
      .on(table.endpoint)
      .where(sql`state = 'pending'`),
    // What ends with an endpoint that is removed, and what a notice about an endpoint counts.
    index('deliveries_unfinished')
      .on(table.endpoint)
      .where(sql`state in ('pending', 'started', 'parked')`),
    index('deliveries_endpoint').on(table.endpoint, table.createdAt, table.id),
    index('deliveries_tenant')
      .on(table.tenant, table.createdAt, table.id)
      .where(sql`tenant is not null`),
  ],
);
export type DeliveryState = 'pending' | 'started' | 'parked' | 'delivered' | 'exhausted' | 'refused';

/**
 * Why a delivery waits. `paused`, `disabled`: its endpoint is. `circuit`: too many attempts at it failed. `order`: the delivery before it has not
 * ended. `concurrency`: as many requests as it takes at once are under way.
 */
export type ParkedBecause = 'paused' | 'disabled' | 'circuit' | 'order' | 'concurrency';

/** One row for each HTTP request of a delivery; at most twice as many as the retry schedule is long, each time that it is sent. Deleted with its delivery. */
export const attempts = pgTable(
  'attempts',
  {
    id: int8('id').primaryKey().generatedAlwaysAsIdentity(),
    delivery: text('delivery')
      .notNull()
      .references(() => deliveries.id, { onDelete: 'cascade' }),
    number: smallint('number').notNull(),
    at: instant('at').notNull(),
    /** Null if the request is in doubt. */
    durationMs: integer('duration_ms'),
    status: smallint('status'),
    error: text('error'),
    /** Where the time went. Null without an answer to tell. */
    timings: json('timings').$type<AttemptTimings>(),
    /** Of the answer, with secrets masked. */
    headers: json('headers').$type<Record<string, string>>(),
    /** The beginning of the answer's body, at most 16 KiB, with secrets masked. Emptied earlier than the row is deleted. */
    body: bytea('body'),
  },
  (table) => [unique('attempts_delivery_number').on(table.delivery, table.number)],
);

/** What somebody has Kait send again: see `activities/outbound/replay.ts`. Each is a workflow in Temporal. Deleted 90 days after it has ended. */
export const replays = pgTable(
  'replays',
  {
    /** `rpl_…` */
    id: text('id').primaryKey(),
    /** Whose: only this tenant's deliveries. Null: everybody's. */
    tenant: text('tenant'),
    what: json('what').$type<ReplayedWhat>().notNull(),
    /** `pending` (not handed to Temporal yet) → `started` → `completed` | `canceled` | `refused` (Temporal never takes it). */
    state: text('state').$type<ReplayState>().notNull().default('pending'),
    lastError: text('last_error'),
    /** How many there were when it was asked for. */
    total: integer('total').notNull(),
    /** Batches that are done. */
    batches: integer('batches').notNull().default(0),
    /** The last one that was looked at: when it was emitted, to the microsecond, and its id. */
    afterAt: text('after_at'),
    afterId: text('after_id'),
    /** So many were looked at. */
    done: integer('done').notNull().default(0),
    /** Those of them that are sent, at once or once their endpoint takes them. */
    sent: integer('sent').notNull().default(0),
    requestedBy: text('requested_by').notNull(),
    reason: text('reason').notNull(),
    requestedAt: instant('requested_at').notNull(),
    endedAt: instant('ended_at'),
  },
  (table) => [
    index('replays_requested_at').on(table.requestedAt, table.id),
    index('replays_pending')
      .on(table.requestedAt)
      .where(sql`state = 'pending'`),
  ],
);
export type ReplayState = 'pending' | 'started' | 'completed' | 'canceled' | 'refused';

/**
 * Which webhooks are sent again. `missing`: messages that the endpoint would get now, and has no delivery of. Otherwise deliveries in these
 * states.
 */
export interface ReplayedWhat {
  missing: boolean;
  states: EndedDeliveryState[];
  /** Its id. */
  endpoint: string | null;
  /** `order.created`, or `order.*` for all below `order`. */
  type: string | null;
  /** Emitted then or later, and before. RFC 3339. */
  since: string | null;
  until: string | null;
}
export type EndedDeliveryState = (typeof endedDeliveryStates)[number];
/** Nothing more is sent, unless somebody has it sent again. */
export const endedDeliveryStates = ['exhausted', 'refused', 'delivered'] as const satisfies DeliveryState[];

/**
 * What happened to an endpoint that its owner or the operator has to know: told once each, by messages of the type `kait.endpoint.<kind>` and in a
 * mail. What was overtaken before it was told is deleted, and the rest 90 days after it was told.
 */
export const endpointNotices = pgTable(
  'endpoint_notices',
  {
    /** In the order in which they happened. */
    id: int8('id').primaryKey().generatedAlwaysAsIdentity(),
    endpoint: text('endpoint').notNull(),
    tenant: text('tenant'),
    kind: text('kind').$type<EndpointNotice>().notNull(),
    /** `HTTP 503`, `410 Gone`. Empty for `recovered`. */
    reason: text('reason').notNull(),
    at: instant('at').notNull(),
    /** Since when every attempt has failed, or had failed until it recovered. */
    failingSince: instant('failing_since'),
    /** Not to be told before. Later than `at` for `recovered`, which has to last. */
    tellAt: instant('tell_at').notNull(),
    /**
     * 0: what steps emit has failed. Otherwise one more than that of the notice whose message could not be delivered. From a certain one on,
     * no message tells it, so that endpoints for notices cannot keep each other busy.
     */
    generation: smallint('generation').notNull().default(0),
    /** When its messages were stored. Null: it is still to be told. */
    toldAt: instant('told_at'),
    /** The key of the mail that tells it, together with others. Null: none yet. */
    mail: text('mail'),
    mailedAt: instant('mailed_at'),
  },
  (table) => [
    index('endpoint_notices_untold')
      .on(table.tellAt)
      .where(sql`told_at is null`),
    index('endpoint_notices_unmailed')
      .on(table.id)
      .where(sql`told_at is not null and mailed_at is null`),
    index('endpoint_notices_told').on(table.toldAt, table.id),
    index('endpoint_notices_endpoint').on(table.endpoint, table.id),
  ],
);
/** `failing`: its circuit was opened. `recovered`: it takes webhooks again after that. */
export type EndpointNotice = 'failing' | 'recovered' | 'disabled';

/** Milliseconds of an attempt. What did not happen is absent: no name to resolve, no TLS, no answer. */
export interface AttemptTimings {
  dnsMs?: number;
  connectMs?: number;
  tlsMs?: number;
  /** Set if the connection was open already. */
  reused?: true;
  /** From the start to the status of the answer. */
  firstByteMs?: number;
  totalMs: number;
}

/** The tables of the example shop. Every activity may read and change their rows, so that none of Kait's can do more than a project's. */
export const shop = pgSchema(shopSchema);

/** Orders. The business decides how long to keep them. */
export const orders = shop.table('orders', {
  id: text('id').primaryKey(),
  idempotencyKey: text('idempotency_key').notNull().unique(),
  reference: text('reference').notNull(),
  /** Minor units. */
  amount: int8('amount').notNull(),
  currency: text('currency').notNull(),
  status: text('status').$type<'open' | 'canceled'>().notNull().default('open'),
  createdAt: instant('created_at').notNull(),
  canceledAt: instant('canceled_at'),
  cancelReason: text('cancel_reason'),
});

/** Ledger. Entries are never deleted. */
export const cashbackEntries = shop.table('cashback_entries', {
  id: text('id').primaryKey(),
  idempotencyKey: text('idempotency_key').notNull().unique(),
  orderId: text('order_id').notNull(),
  /** Minor units. */
  amount: int8('amount').notNull(),
  currency: text('currency').notNull(),
  createdAt: instant('created_at').notNull(),
});

/** Mails sent or being sent. Holds an address: deleted 90 days after sending. */
export const mails = pgTable(
  'mails',
  {
    id: text('id').primaryKey(),
    idempotencyKey: text('idempotency_key').notNull().unique(),
    /** The Message-ID header; derived from the key, so that a second sending is recognised as the same mail. */
    messageId: text('message_id').notNull(),
    recipient: text('recipient').notNull(),
    subject: text('subject').notNull(),
    /** `sending` → `sent` | `refused` (the mail server says never). A row whose run gave up stays `sending`. */
    state: text('state').$type<'sending' | 'sent' | 'refused'>().notNull(),
    /** Until then, one process is sending it. Null between attempts. */
    claimedUntil: instant('claimed_until'),
    lastError: text('last_error'),
    createdAt: instant('created_at').notNull(),
    sentAt: instant('sent_at'),
  },
  (table) => [
    index('mails_created_at').on(table.createdAt, table.id),
    // The mails of a run, as with messages, and those to an address.
    index('mails_run').on(sql`idempotency_key collate "C"`),
    index('mails_recipient').on(sql`lower(recipient)`, table.createdAt),
  ],
);

/**
 * What activities of the kind `database` have returned, written in the transaction of their effect: see
 * `activities/own/run-database-activity.ts`. Deleted after 90 days, once Temporal has forgotten the run: see `storage/activity-results.ts`.
 */
export const activityResults = pgTable(
  'activity_results',
  {
    idempotencyKey: text('idempotency_key').primaryKey(),
    activity: text('activity').notNull(),
    /** SHA-256 (hex) of the canonical JSON of the input. */
    inputDigest: text('input_digest').notNull(),
    /** Null only within the transaction. */
    output: json('output'),
    /** When to ask Temporal whether it still knows the run. */
    checkAt: instant('check_at').notNull(),
  },
  (table) => [index('activity_results_check_at').on(table.checkAt)],
);

/** The files in the project's `migrations` folder that were applied to this database. One row each, kept forever. */
export const projectMigrations = pgTable('project_migrations', {
  /** `0001_points.sql` */
  name: text('name').primaryKey(),
  /** SHA-256 (hex) of its text, with Unix line ends. */
  checksum: text('checksum').notNull(),
  appliedAt: instant('applied_at').notNull().defaultNow(),
});

/**
 * A sample of the rejected requests, without bodies. `server/receiver/rejections.ts` limits it for each source, reason and hour.
 * Deleted after 30 days.
 */
export const rejections = pgTable(
  'rejections',
  {
    id: int8('id').primaryKey().generatedAlwaysAsIdentity(),
    at: instant('at').notNull(),
    /** A mounted source, or `unknown`. */
    source: text('source').notNull(),
    reason: text('reason').notNull(),
    /** The status of the answer; 0 if there was none. */
    status: smallint('status').notNull(),
    /** The sender's address. Behind trusted proxies, the one that they name. */
    address: text('address').notNull(),
    bytes: integer('bytes').notNull(),
    /** The names of the request's headers, without values. They show whether a signature was missing. */
    headerNames: text('header_names').array().notNull(),
    /** Keyed hashes of the ids that the request says it is about: see `server/receiver/claims.ts`. */
    claims: uuid('claims')
      .array()
      .notNull()
      .default(sql`'{}'`),
  },
  (table) => [index('rejections_at').on(table.at), index('rejections_claims').using('gin', table.claims)],
);

/** When an event that is in the inbox was sent again: the first twenty times of each. Deleted after 30 days. */
export const redeliveries = pgTable(
  'redeliveries',
  {
    id: int8('id').primaryKey().generatedAlwaysAsIdentity(),
    event: int8('event').notNull(),
    at: instant('at').notNull().defaultNow(),
    /** How often at once. */
    times: integer('times').notNull(),
    /** The network that sent it: an IPv4 address, or the first half of an IPv6 address. Null: not known. */
    sender: text('sender'),
  },
  (table) => [index('redeliveries_event').on(table.event, table.id), index('redeliveries_at').on(table.at, table.id)],
);

/** How many requests were rejected, for each day (UTC), source and reason. Deleted after 90 days. */
export const rejectionCounts = pgTable(
  'rejection_counts',
  {
    day: date('day', { mode: 'string' }).notNull(),
    source: text('source').notNull(),
    reason: text('reason').notNull(),
    count: int8('count').notNull(),
  },
  (table) => [primaryKey({ columns: [table.day, table.source, table.reason] })],
);

/**
 * Keys that were fetched from the address in a genuine request. At most a hundred rows: whoever writes deletes those that have not
 * verified anything for longest. See `server/gateway/keys/known-keys.ts`.
 */
export const gatewayKeys = pgTable('gateway_keys', {
  address: text('address').primaryKey(),
  /** As the gateway has sent it. Null: the gateway says that it is gone. */
  key: text('key'),
  fetchedAt: instant('fetched_at').notNull(),
  /** When it last verified a request, to the hour. */
  verifiedAt: instant('verified_at').notNull(),
});
