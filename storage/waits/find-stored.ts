import type { CanonicalEvent } from '../../language/event.ts';
import { correlationOf, correlationsOf, pathListOf } from '../../language/correlation.ts';
import type { Database } from '../database.ts';
import { envelopeColumnsSql, readEnvelope, type EnvelopeRow } from '../stored-envelope.ts';
import { dataOf, eventForRun, type ReadData, type StoredEvent } from './event-for-run.ts';
import { isForWaitSql } from './is-for-wait.ts';
import type { NewWait } from './open-waits.ts';

/** Some events, the oldest first. `after`: the row from which to look on. */
export interface StoredPage {
  events: StoredEvent[];
  after: number;
  more: boolean;
}

interface Row extends EnvelopeRow {
  id: number | string;
  item: number;
  bytes: Uint8Array | null;
  content_type: string | null;
}

const columns = `events.id, ${envelopeColumnsSql('events')}, events.item, bodies.bytes, bodies.content_type`;

const keyedSql = `
  select distinct on (events.id) ${columns}
  from waits join event_keys on event_keys.hash = waits.hash join events on events.id = event_keys.event
    left join bodies on bodies.id = events.body_id
  where waits.workflow_id = $1 and waits.step = $2 and events.id > $3::text::bigint and ${isForWaitSql}
  order by events.id limit $4::text::int`;

/**
 * What was dispatched before the wait's shape was known, so that it has no keys. Only its type and source are looked up, among what came
 * since. What is still to be dispatched finds the wait by itself, but may be read here as well.
 */
const unkeyedSql = `
  select distinct on (events.id) ${columns}
  from waits join wait_shapes on wait_shapes.type = waits.type and wait_shapes.paths = $5
    join events on events.source = any(waits.sources) and events.id <= wait_shapes.last_event
      and events.received_at >= waits.since - interval '1 minute'
      and events.received_at <= wait_shapes.created_at + interval '1 minute'
      and waits.type in (events.type, events.native_type)
    left join bodies on bodies.id = events.body_id
  where waits.workflow_id = $1 and waits.step = $2 and events.id > $3::text::bigint and ${isForWaitSql}
    and not events.held and events.state <> 'unreadable'
    and (events.state <> 'ignored' or events.last_error = any(array(select json_array_elements_text($6::json))))
  order by events.id limit $4::text::int`;

const takenSql = `
  select ${columns} from handovers join events on events.id = handovers.event left join bodies on bodies.id = events.body_id
  where handovers.workflow_id = $1 and handovers.step = $2 and handovers.state = 'taken' and events.envelope is not null
  order by handovers.at desc, handovers.id desc limit 1`;

const boundarySql = `
  select coalesce(max(last_event), 0) as boundary from wait_shapes
  where paths = $1 and type = any(array(select json_array_elements_text($2::json)))`;

const rowsPerPage = 20;

/**
 * Finds stored events that may end a registered wait, from the row `after` on. `harmless` are the reasons for which an event that started no run
 * may still end a wait.
 */
export async function findStored(
  database: Database,
  wait: NewWait,
  { after, harmless, readData }: { after: number; harmless: readonly string[]; readData: ReadData },
): Promise<StoredPage> {
  const paths = pathListOf(wait.match);
  const key = [wait.workflowId, wait.step, String(after), String(rowsPerPage)];
  const boundary = await boundaryOf(database, wait, paths);
  if (after < boundary) {
    const unkeyed = await database.run<Row>('wait-find-unkeyed', unkeyedSql, [...key, paths, JSON.stringify(harmless)]);
    const events = unkeyed.map(storedEvent).filter((event) => isMatch(event, wait, readData));
    const isPageFull = unkeyed.length === rowsPerPage;
    return { events, after: isPageFull ? Number(unkeyed.at(-1)?.id) : boundary, more: true };
  }
  const keyed = await database.run<Row>('wait-find-keyed', keyedSql, key);
  return {
    events: keyed.map(storedEvent),
    after: Number(keyed.at(-1)?.id ?? after),
    more: keyed.length === rowsPerPage,
  };
}

/** Finds the event that a step took last. What it took before that, its gateway denied. */
export async function findTaken(
  database: Database,
  { workflowId, step, match }: Pick<NewWait, 'workflowId' | 'step' | 'match'>,
  readData: ReadData,
): Promise<CanonicalEvent | null> {
  const [row] = await database.run<Row>('wait-find-taken', takenSql, [workflowId, step]);
  return row === undefined ? null : eventForRun(storedEvent(row), readData, Object.keys(match));
}

/** The newest event that may have no key although the wait's shape asks for one. */
async function boundaryOf(database: Database, { types }: NewWait, paths: string): Promise<number> {
  const values = [paths, JSON.stringify(types)];
  const [row] = await database.run<{ boundary: number | string }>('wait-boundary', boundarySql, values);
  return Number(row?.boundary ?? 0);
}

function isMatch(event: StoredEvent, wait: NewWait, readData: ReadData): boolean {
  const paths = Object.keys(wait.match).sort();
  const readsData = paths.some((path) => /^(event|event\.data(\..*)?)$/.test(path));
  const whole = { ...event.envelope, data: readsData ? dataOf(event, readData) : null };
  const wanted = wait.types.map((type) => correlationOf(type, wait.match));
  const shapes = wait.types.map((type) => ({ type, paths }));
  return correlationsOf(whole, shapes).some((text) => wanted.includes(text));
}

function storedEvent(row: Row): StoredEvent {
  const { id, gateway, item, bytes, content_type: contentType } = row;
  const envelope = readEnvelope(row);
  if (envelope === null) throw new TypeError(`The event ${id} has no details, and was selected because it has`);
  const body = bytes === null ? null : { bytes, contentType: contentType ?? '' };
  return { row: Number(id), envelope, gateway, body, item };
}
