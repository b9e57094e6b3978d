import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { errorText } from '../describe-error.ts';
import type { CanonicalEvent } from '../language/event.ts';
import type { Json } from '../language/json.ts';
import { once } from '../lazy-map.ts';
import { readEnvelope, type EnvelopeRow } from '../storage/stored-envelope.ts';
import { AwaitedError } from './awaited-events.ts';
import type { KnownRun } from './dispatch-event.ts';

/** An event that only this process works on, until its claim expires. */
export interface ClaimedEvent {
  rowId: number;
  event: CanonicalEvent;
  /** What it takes up in memory: its share of the body that it came with, as it is stored. */
  bytes: number;
  /** Its runs so far. */
  runs: KnownRun[];
  /** RFC 3339. Since then it may have runs of which `runs` knows nothing and that Temporal may have forgotten. Null: it has none. */
  doubtfulSince: string | null;
  /** Whether a process has left a start of it behind, whose outcome nobody knows. */
  startLeft: boolean;
  /** See `EventHistory`. */
  unawaited?: boolean | undefined;
}

/** An event whose body cannot be read again, for example because its preset is gone. It must not block the others. */
export interface UnreadableRow {
  rowId: number;
  error: string;
  /** Whether it stays so. */
  certain: boolean;
  /** The files with mistakes that keep it from being read. Null: none is known. */
  waitsFor: string[] | null;
}

/** A row as it is claimed. */
export interface ClaimedRow extends EnvelopeRow {
  id: string | number;
  body_id: string | number;
  /** How many could have been claimed, up to the number that was asked for. */
  found: string | number;
  /** Only in the first row of each body. Null if it is no longer stored. */
  bytes: Uint8Array | null;
  content_type: string | null;
  item: number;
  /** When the start was begun that a process has left behind. */
  begun_at: string | Date | null;
  /** Whether that is so long ago that it must not be repeated. */
  doubtful: boolean;
  /** Null: none. */
  runs: { workflow_id: string; definition: string; started: boolean }[] | null;
}

/** Reads a stored body, once for all of its events. The result computes an event's `data` from its item. */
export type ReadData = (gateway: string, body: Buffer, contentType: string) => (item: number) => Json;

/** Other work gets its turn after each so many bytes. */
const bytesPerTurn = 256 * 1024;
/** Reading that takes longer without a turn is followed by a pause of the same length, up to the second number. */
const longTurnMs = 20;
const longestPauseMs = 500;

/**
 * Reads the bodies of claimed rows, which are in the order of their ids. Other work gets turns meanwhile, and half of the time if bodies
 * are large: a request takes several turns to be accepted, and should wait for one body only.
 */
export async function readRows(
  rows: readonly ClaimedRow[],
  readData: ReadData,
  { now, pause }: Time = realTime,
): Promise<(ClaimedEvent | UnreadableRow)[]> {
  const bodies = new Map<ClaimedRow['body_id'], SharedBody>();
  const counts = new Map<ClaimedRow['body_id'], number>();
  for (const { body_id: id } of rows) counts.set(id, (counts.get(id) ?? 0) + 1);
  const read: (ClaimedEvent | UnreadableRow)[] = [];
  let sinceTurn = 0;
  let turnAt = now();
  for (const row of rows) {
    const body = bodies.get(row.body_id) ?? {
      read: once(() => readBody(row, readData)),
      bytesPerEvent: Math.ceil((row.bytes?.length ?? 0) / (counts.get(row.body_id) ?? 1)),
    };
    bodies.set(row.body_id, body);
    read.push(eventOf(row, body));
    sinceTurn += body.bytesPerEvent;
    if (sinceTurn < bytesPerTurn) continue;
    sinceTurn = 0;
    const busyMs = now() - turnAt;
    await pause(busyMs < longTurnMs ? 0 : Math.min(busyMs, longestPauseMs));
    turnAt = now();
  }
  return read;
}

interface Time {
  now: () => number;
  /** 0 ms: a turn of the event loop. */
  pause: (ms: number) => Promise<void>;
}

const realTime: Time = {
  now: () => performance.now(),
  pause: (ms) => (ms === 0 ? nextTurn() : delay(ms)),
};

interface SharedBody {
  read: () => (item: number) => Json;
  bytesPerEvent: number;
}

function readBody({ gateway, bytes, content_type: contentType }: ClaimedRow, readData: ReadData) {
  if (bytes === null) throw new BodyGoneError();
  return readData(gateway, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length), contentType ?? '');
}

/** Its time was over before the event was dispatched, for example because it was replayed at that moment. */
class BodyGoneError extends Error {
  override name = 'BodyGoneError';
  constructor() {
    super('it is no longer kept');
  }
}

function eventOf(row: ClaimedRow, { read, bytesPerEvent }: SharedBody): ClaimedEvent | UnreadableRow {
  const rowId = Number(row.id);
  try {
    const runs = (row.runs ?? []).map(({ workflow_id: workflowId, ...run }) => ({ workflowId, ...run }));
    const begunAt = row.begun_at === null ? null : new Date(row.begun_at).toISOString();
    const history = { runs, doubtfulSince: row.doubtful ? begunAt : null, startLeft: begunAt !== null };
    const envelope = readEnvelope(row);
    if (envelope === null) throw new BodyGoneError(); // The details go after the body.
    return { rowId, event: { ...envelope, data: read()(row.item) }, bytes: bytesPerEvent, ...history };
  } catch (error) {
    return {
      rowId,
      certain: error instanceof BodyGoneError,
      waitsFor: error instanceof AwaitedError ? [error.file] : null,
      error: `The stored body cannot be read: ${errorText(error)}`,
    };
  }
}

export function isClaimed(row: ClaimedEvent | UnreadableRow): row is ClaimedEvent {
  return 'event' in row;
}
