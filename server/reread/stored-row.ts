import type { Database } from '../../storage/database.ts';
import type { EventState } from '../../storage/schema.ts';
import { envelopeColumnsSql, readEnvelope, type Envelope, type EnvelopeRow } from '../../storage/stored-envelope.ts';
import type { NewBody, NewEvent } from '../new-event.ts';

/** A row of the inbox with all that reading it again needs. */
export interface StoredRow {
  rowId: number;
  source: string;
  gateway: string;
  eventId: string;
  state: EventState;
  type: string;
  entity: string | null;
  /** Null: it is no longer kept (`keepEvents`). */
  envelope: Envelope | null;
  /** The same object for all rows of one body. Null: it is no longer kept (`keepBodies`). */
  body: RowBody | null;
  item: number;
  receivedAt: Date;
  lastError: string | null;
  /** The id under which it was stored again. */
  rereadAs: string | null;
  hasRun: boolean;
}

export interface RowBody extends NewBody {
  /** Its row. */
  id: number;
}

/** Which events to read again. One event if `eventId` is given, and then its source is too. */
export interface Selection {
  source?: string | undefined;
  eventId?: string | undefined;
  /** RFC 3339. When the events arrived: `since` included, `until` not. */
  since?: string | undefined;
  until?: string | undefined;
  states?: readonly EventState[] | undefined;
}

/** Events of these states started nothing, so that another reading may matter. */
const rereadStates = ['unreadable', 'ignored', 'failed'] as const satisfies EventState[];

/** Bodies have up to 1 MiB by default, and all rows of a chunk are in memory at once. */
export const chunkRows = 50;

/** The next rows of a selection in order of arrival: those after the row `after`, up to the row `upTo`. */
export async function selectRows(
  database: Database,
  selection: Selection,
  { after, upTo }: { after: number; upTo: number },
): Promise<StoredRow[]> {
  const { source = null, eventId = null, since = null, until = null } = selection;
  const states = selection.states ?? (eventId === null ? rereadStates : null);
  const values = [after, upTo, source, eventId, since, until, states === null ? null : `{${states.join(',')}}`];
  return rowsOf(await database.run<Row>('reread-select', selectSql, values));
}

/**
 * Rows with a run that are about one of these things. A fact may have been told, and have started its run, under another id than its
 * preset gives it today.
 */
export async function selectRelated(
  database: Database,
  things: readonly { source: string; entity: string }[],
): Promise<StoredRow[]> {
  if (things.length === 0) return [];
  return rowsOf(await database.run<Row>('reread-related', relatedSql, [JSON.stringify(things)]));
}

/** Which of these events the inbox has, other than those that are held back for them. */
export async function selectKnown(
  database: Database,
  entries: readonly NewEvent[],
): Promise<{ source: string; eventId: string }[]> {
  if (entries.length === 0) return [];
  const ids = entries.map(({ event, endsHold }) => ({ source: event.source, event_id: event.id, ends_hold: endsHold }));
  const rows = await database.run<Pick<Row, 'source' | 'event_id'>>('reread-known', knownSql, [JSON.stringify(ids)]);
  return rows.map(({ source, event_id: eventId }) => ({ source, eventId }));
}

/** The number of the newest row; 0 if there is none. */
export async function newestRowId(database: Database): Promise<number> {
  const [row] = await database.run<{ id: string | number }>('reread-newest', 'select max(id) as id from events', []);
  return Number(row?.id ?? 0);
}

/** Reads the rows of `picked`, each body once: in its first row. */
const readPickedSql = `
  select picked.id, ${envelopeColumnsSql('picked')}, state, body_id, item, last_error, reread_as,
    exists (select 1 from runs where runs.event = picked.id) as has_run, content_type, headers,
    case when row_number() over (partition by body_id order by picked.id) = 1 then bytes end as bytes
  from picked left join bodies on bodies.id = body_id
  order by picked.id`;

const selectSql = `
  with picked as (
    select * from events
    where id > $1::bigint and id <= $2::bigint
      and ($3::text is null or source = $3) and ($4::text is null or event_id = $4)
      and ($5::timestamptz is null or received_at >= $5) and ($6::timestamptz is null or received_at < $6)
      and ($7::text[] is null or state = any($7))
    order by id limit ${chunkRows}
  )
  ${readPickedSql}`;

const relatedSql = `
  with picked as (
    select * from events
    where (source, entity) in (select * from json_to_recordset($1::json) as thing (source text, entity text))
      and exists (select 1 from runs where runs.event = events.id)
  )
  ${readPickedSql}`;

const knownSql = `
  select events.source, events.event_id
  from json_to_recordset($1::json) as row (source text, event_id text, ends_hold boolean)
  join events on events.source = row.source and events.event_id = row.event_id
  where not (row.ends_hold and events.held and events.claimed_until > now())`;

interface Row extends EnvelopeRow {
  id: string | number;
  state: EventState;
  body_id: string | number;
  /** Null in all rows of a body but the first. */
  bytes: Uint8Array | null;
  /** Null if the body is gone. */
  content_type: string | null;
  headers: Record<string, string> | null;
  item: number;
  last_error: string | null;
  reread_as: string | null;
  has_run: boolean;
}

function rowsOf(rows: readonly Row[]): StoredRow[] {
  const bodies = new Map<number, RowBody>();
  for (const { body_id: bodyId, bytes, content_type: contentType, headers } of rows) {
    if (bytes === null || contentType === null) continue;
    const id = Number(bodyId);
    bodies.set(id, { id, bytes: Buffer.from(bytes), contentType, headers });
  }
  return rows.map((row) => ({
    rowId: Number(row.id),
    source: row.source,
    gateway: row.gateway,
    eventId: row.event_id,
    state: row.state,
    type: row.type,
    entity: row.entity,
    envelope: readEnvelope(row),
    body: bodies.get(Number(row.body_id)) ?? null,
    item: row.item,
    receivedAt: new Date(row.received_at),
    lastError: row.last_error,
    rereadAs: row.reread_as,
    hasRun: row.has_run,
  }));
}
