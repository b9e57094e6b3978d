import type { CanonicalEvent } from '../language/event.ts';
import type { EventState } from '../storage/schema.ts';
import { customerHashSql } from '../storage/customer-hash.ts';
import { ignoredBecause } from './ignored-because.ts';
import { storedEnvelope } from '../storage/stored-envelope.ts';
import { factsOf } from './search/event-facts.ts';

/** A request as it is stored: once, however many events it told. Its events share one object. */
export interface NewBody {
  bytes: Buffer;
  contentType: string;
  /** The headers that its source keeps. Null if it keeps none. */
  headers: Record<string, string> | null;
}

/** A body that is stored already: its row. */
interface StoredBody {
  storedAs: number;
}

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
  body: NewBody | StoredBody;
  /** Which event of the request's batch this is. */
  item: number;
  /** The network that sent the request. Undefined: nobody did. Only kept of what was sent again. */
  sender?: string;
}

/** How long a claim lasts. If a start takes longer, another process repeats it and Temporal recognizes the duplicate. */
export const claimSeconds = 30;

/** An event as one JSON object of a statement's parameter. */
export type StoredRow = ReturnType<typeof rowOf>;

/**
 * The first three parameters of a statement that stores events: their rows, each of their bodies once, and the bytes of all bodies in one
 * piece, which PostgreSQL gets as they are: base64 in the JSON takes it a quarter more time for the whole statement. `wantsClaim` is asked for
 * events that are to be dispatched at once, unless their body is stored already: nobody here knows its size.
 */
export function parametersOf(
  entries: readonly NewEvent[],
  wantsClaim: () => boolean,
): { rows: StoredRow[]; values: [string, string, Buffer] } {
  const numbers = new Map<NewBody, number>();
  const bodies: object[] = [];
  const bytes: Buffer[] = [];
  let at = 0;
  const rows = entries.map((entry) => {
    const { body, event } = entry;
    if ('storedAs' in body) return rowOf(entry, { body_id: body.storedAs, body_number: null }, wantsClaim);
    let number = numbers.get(body);
    if (number === undefined) {
      number = bodies.length;
      numbers.set(body, number);
      bodies.push({
        number,
        source: event.source,
        received_at: event.receivedAt,
        at,
        size: body.bytes.length,
        content_type: body.contentType,
        headers: body.headers,
      });
      bytes.push(body.bytes);
      at += body.bytes.length;
    }
    return rowOf(entry, { body_id: null, body_number: number }, wantsClaim);
  });
  return { rows, values: [JSON.stringify(rows), JSON.stringify(bodies), Buffer.concat(bytes, at)] };
}

function rowOf(
  { event, state, lastError, item, holdMs }: NewEvent,
  body: { body_id: number | null; body_number: number | null },
  wantsClaim: () => boolean,
) {
  const { orderId, paymentId, email, currency, amount } = factsOf(event);
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
    envelope: storedEnvelope(event, { orderId, paymentId, currency, amount }),
    ...{ order_id: orderId, payment_id: paymentId, email, currency, amount },
    ...body,
    item,
    last_error: lastError,
    hold_ms: holdMs,
    claimed: state === 'pending' && holdMs === 0 && body.body_id === null && wantsClaim(),
  };
}

/** The rows of the first parameter in their order, as the function `row`. */
export const rowsSql = `rows from (json_to_recordset($1::json) as (source text, event_id text, gateway text, type text,
    native_type text, entity text, occurred_at timestamptz, received_at timestamptz, state text, envelope json, order_id text,
    payment_id text, email text, currency text, amount bigint, body_id bigint, body_number int, item int, last_error text, claimed boolean, hold_ms int)) with ordinality as row`;

/** The columns that people search by, and their values from a row. */
export const factColumnsSql = 'order_id, payment_id, customer, currency, amount';
export const factValuesSql = `row.order_id, row.payment_id, case when row.email is not null then ${customerHashSql('row.email')} end, row.currency, row.amount`;

/** A hold is a claim that nobody works on. */
export const claimedUntilSql = `case when claimed then now() + interval '${claimSeconds} seconds'
      when hold_ms > 0 then now() + hold_ms * interval '1 millisecond' end`;

/** The bodies of the second and third parameters, each with the id that it gets if it is stored. */
export const newBodySql = `new_body as materialized (
    select *, nextval('bodies_id_seq') as id, substring($3::bytea from at + 1 for size) as bytes
    from json_to_recordset($2::json)
      as body (number int, source text, received_at timestamptz, at int, size int, content_type text, headers json)
  )`;

/** Stores new bodies to which at least one of the events in the table `stored` refers. */
export const insertBodiesSql = (stored: string) => `
    insert into bodies (id, source, received_at, bytes, content_type, headers)
    select id, source, received_at, bytes, content_type, headers
    from new_body where id in (select body_id from ${stored})`;

/**
 * Common table expressions that store events with their bodies, so that no body is stored without an event and no event without its
 * body. An event that no definition of this process wants is dispatched all the same if a run, perhaps of an older definition, may wait for
 * its type. `inserted` holds the events whose ids were free. With `onlyIf`, nothing is stored unless that table has a row.
 */
export const insertEventsSql = ({ onlyIf }: { onlyIf?: string } = {}) => `
  ${newBodySql}, inserted as (
    insert into events (source, event_id, gateway, type, native_type, entity, occurred_at, received_at, state, envelope,
      ${factColumnsSql}, body_id, item, last_error, claimed_until, held)
    select row.source, row.event_id, row.gateway, row.type, row.native_type, row.entity, row.occurred_at, row.received_at,
      case when is_awaited then 'pending' else row.state end, row.envelope, ${factValuesSql},
      coalesce(row.body_id, new_body.id), row.item,
      case when not is_awaited then row.last_error end, ${claimedUntilSql}, row.hold_ms > 0
    from ${rowsSql} left join new_body on new_body.number = row.body_number
      cross join lateral (select row.state = 'ignored' and row.last_error = '${ignoredBecause.type}' and exists (
        select from wait_shapes where wait_shapes.type in (row.type, row.native_type)) as is_awaited) as awaited${onlyIf === undefined ? '' : `, ${onlyIf}`}
    order by row.ordinality
    on conflict (source, event_id) do nothing
    returning id, source, event_id, body_id, type, native_type
  ), inserted_bodies as (${insertBodiesSql('inserted')}
  )`;
