import type { CanonicalEvent } from '../language/event.ts';
import type { EventState } from '../storage/schema.ts';

/** An event to store. */
export interface NewEvent {
  event: CanonicalEvent;
  /** `ignored`: there is nothing to dispatch. */
  state: Extract<EventState, 'pending' | 'ignored' | 'unreadable'>;
  /** Why it is unreadable or ignored; null if it is pending. */
  lastError: string | null;
  /** How long it waits for another webhook about the same fact. 0: it is dispatched at once. Pending events only. */
  holdMs: number;
  /** Whether it takes the place of one that waits under the same id. */
  endsHold: boolean;
  body: Buffer;
  contentType: string;
  /** The request's headers that its source keeps. Null if it keeps none. */
  headers: Record<string, string> | null;
  /** Which event of the request's batch this is. */
  item: number;
}

/** How long a claim lasts. If a start takes longer, another process repeats it and Temporal recognizes the duplicate. */
export const claimSeconds = 30;

/** An event as one JSON object of a statement's parameter. */
export type StoredRow = ReturnType<typeof rowOf>;

/** `wantsClaim` is asked for events that are to be dispatched at once. */
export function rowOf(entry: NewEvent, wantsClaim: () => boolean) {
  const { event, state, lastError, body, contentType, headers, item, holdMs } = entry;
  return {
    source: event.source,
    event_id: event.id,
    gateway: event.gateway,
    type: event.type,
    native_type: event.nativeType,
    entity: event.entity,
    occurred_at: event.occurredAt,
    received_at: event.receivedAt,
    state,
    // `data` is computed from the body when it is needed.
    envelope: { ...event, data: undefined },
    body: body.toString('base64'),
    content_type: contentType,
    headers,
    item,
    last_error: lastError,
    hold_ms: holdMs,
    claimed: state === 'pending' && holdMs === 0 && wantsClaim(),
  };
}

/** The members of {@link StoredRow} as SQL columns. */
export const columnsSql = `source text, event_id text, gateway text, type text, native_type text,
    entity text, occurred_at timestamptz, received_at timestamptz, state text, envelope json, body text,
    content_type text, headers json, item int, last_error text, claimed boolean, hold_ms int`;

/** A hold is a claim that nobody works on. */
export const claimedUntilSql = `case when claimed then now() + interval '${claimSeconds} seconds'
      when hold_ms > 0 then now() + hold_ms * interval '1 millisecond' end`;

/** Stores {@link StoredRow}s, the statement's first parameter. What to do about ids that are taken follows. */
export const insertSql = `
  insert into events (source, event_id, gateway, type, native_type, entity, occurred_at, received_at, state, envelope, body,
    content_type, headers, item, last_error, claimed_until, held)
  select row.source, row.event_id, row.gateway, row.type, row.native_type, row.entity, row.occurred_at, row.received_at, row.state,
    row.envelope, decode(row.body, 'base64'), row.content_type, row.headers, row.item, row.last_error, ${claimedUntilSql},
    row.hold_ms > 0
  from json_to_recordset($1::json) as row (${columnsSql})`;
