import { isDeepStrictEqual } from 'node:util';
import type { CanonicalEvent } from '../../language/event.ts';
import { ownSource } from '../../language/triggers.ts';
import type { EventState } from '../../storage/schema.ts';
import { stateOf, type StateDeps } from '../event-state.ts';
import { sha256Hex } from '../gateway/event-value.ts';
import { isNotice, readWebhook } from '../gateway/ask/read-webhook.ts';
import { readEvents, type ReadEvent } from '../gateway/read-events.ts';
import { createRequestView } from '../gateway/request-view.ts';
import type { Source } from '../gateway/sources.ts';
import type { NewEvent } from '../new-event.ts';
import type { RowBody, StoredRow } from './stored-row.ts';
import { watchHeaders } from './watch-headers.ts';

/** How an event was told, or would be: what a preview compares. */
export interface Told {
  event: Omit<CanonicalEvent, 'data'>;
  state: EventState;
  /** Why it starts nothing. */
  reason: string | null;
}

/** What reading a stored body again comes to. */
export interface Reading {
  row: StoredRow;
  /** Null for an event of the body that was not stored before, and for one whose details are no longer kept. */
  before: Told | null;
  /** Null if the body was not read. */
  after: Told | null;
  /**
   * `start`: it is dispatched. `update`: it is stored as it reads now, and starts nothing. `none`: it reads the same. `keep`: it stays as
   * it is, and `why` says what is in the way.
   */
  change: 'start' | 'update' | 'none' | 'keep';
  why: string | null;
  /** What to store: in place of the row, or under an id of its own, which may be new. Null: nothing. */
  entry: NewEvent | null;
}

export interface RereadDeps {
  findSource: (name: string) => Source | undefined;
  isWanted: StateDeps['isWanted'];
  /** Why no run would start for an event; null if one would. */
  startsNothing: (event: CanonicalEvent) => string | null;
}

/**
 * Reads a stored body again with the presets and sources of today. Changes nothing. One reading for the row, and one more for each
 * other event of its body if the body as a whole was unreadable.
 */
export function readAgain(row: StoredRow, deps: RereadDeps): Reading[] {
  const kept = keptBecause(row);
  if (kept !== null) return [keep(row, kept)];
  const { body } = row;
  if (body === null) return [keep(row, 'its body is no longer kept (keepBodies)')];
  const source = deps.findSource(row.source);
  if (source === undefined) return [keep(row, `there is no source "${row.source}" any more`)];
  if (source.preset.name !== row.gateway)
    return [keep(row, `"${row.source}" is a source of ${source.preset.name} now`)];
  const { reads, missing } = readStored(row, body, source);
  const whole = isWhole(row, body, source);
  const first = whole ? reads[0] : reads[row.item];
  if (first === undefined) return [keep(row, `its body has no event ${row.item + 1} any more`)];
  const others = whole ? reads.slice(1).filter(({ unreadable }) => unreadable === null) : [];
  return [
    readingOf(row, first, { ...deps, body, source, missing }),
    ...others.map((read) => ({ ...readingOf(row, read, { ...deps, body, source, missing }), before: null })),
  ];
}

/** The events of a row's body as they read today, whatever became of the row. Empty if they cannot be read. */
export function idsToday(row: StoredRow, { findSource }: Pick<RereadDeps, 'findSource'>): string[] {
  const source = findSource(row.source);
  if (row.body === null || source?.preset.name !== row.gateway) return [];
  const read = readStored(row, row.body, source).reads[row.item];
  return read?.unreadable === null ? [read.event.id] : [];
}

function keptBecause(row: StoredRow): string | null {
  if (row.hasRun) return 'it already has a run';
  if (row.source === ownSource) return 'Kait made it itself, so that there is nothing to read again';
  if (row.rereadAs !== null) return `it was stored again as ${row.rereadAs}`;
  if (row.state === 'pending') return 'it is being dispatched';
  if (row.state === 'queued') return 'a run of it waits for its turn';
  if (row.state === 'waiting') return 'it waits for a mistake to be corrected, and is dispatched then';
  if (row.envelope === null) return 'its details are no longer kept (keepEvents)';
  return isNotice(row.envelope) ? 'it is a notice, which holds no facts: replay it to ask the gateway again' : null;
}

/** `missing`: the headers that reading looked for in vain. */
function readStored(row: StoredRow, body: RowBody, source: Source): { reads: ReadEvent[]; missing: string[] } {
  const { preset, name, settings } = source;
  const { bytes, contentType, headers: kept } = body;
  const { headers, missing } = watchHeaders({ ...kept, 'content-type': contentType });
  const request = { method: 'POST', url: '/', headers, body: bytes };
  const view = createRequestView(request, preset.body, settings);
  // What the gateway answered to a notice is believed. What it was asked about is not.
  const wasFetched = preset.fetch?.into === null && row.state !== 'unreadable' && !row.eventId.startsWith('unsigned:');
  const reads = wasFetched
    ? readEvents(preset, name, view, row.receivedAt)
    : // An answer that was added is in the body.
      readWebhook({ ...source, completes: false }, view, row.receivedAt);
  return { reads, missing: missing() };
}

/** Whether the row stands for its whole body, which could not be taken apart into events. */
function isWhole({ state, eventId }: StoredRow, { bytes }: RowBody, { preset }: Source): boolean {
  return preset.batch && state === 'unreadable' && eventId === `sha256:${sha256Hex(bytes)}`;
}

function readingOf(
  row: StoredRow,
  read: ReadEvent,
  { missing, ...deps }: RereadDeps & { body: RowBody; source: Source; missing: string[] },
): Reading {
  const entry = entryOf(read, deps);
  const before = toldBefore(row, row.envelope ?? read.event); // A row with a body has its envelope.
  const event = { ...read.event, data: undefined };
  const after: Told = { event, state: entry.state, reason: entry.lastError };
  const reading = { row, before, after, why: null, entry: null };
  if (isSame(before, after)) return { ...reading, change: 'none' };
  if (missing.length > 0) {
    const why = `the preset reads headers that were not kept: ${missing.join(', ')} (keepHeaders)`;
    return { ...reading, change: 'keep', why };
  }
  if (read.unreadable !== null && row.state !== 'unreadable') {
    return { ...reading, change: 'keep', why: `it could be read before, and is ${read.unreadable} now` };
  }
  return { ...reading, change: entry.state === 'pending' ? 'start' : 'update', entry };
}

function entryOf(
  read: ReadEvent,
  { body, source, isWanted, startsNothing }: RereadDeps & { body: RowBody; source: Source },
): NewEvent {
  const stored = { event: read.event, ...stateOf(read, { source, isWanted }) };
  const ignored = stored.state === 'pending' && !isNotice(read.event) ? startsNothing(read.event) : null;
  return {
    ...stored,
    ...(ignored === null ? {} : { state: 'ignored', lastError: ignored, holdMs: 0 }),
    body: { storedAs: body.id },
    item: read.item,
  };
}

function toldBefore({ state, lastError }: StoredRow, event: Told['event']): Told {
  return { event, state, reason: lastError };
}

/** A failed event that reads the same is a matter of `kait events replay`. */
function isSame(before: Told, after: Told): boolean {
  const becomesSame = before.state === 'failed' || (before.state === after.state && before.reason === after.reason);
  return becomesSame && isDeepStrictEqual(plain(before.event), plain(after.event));
}

/** A member that an older version did not store is as good as null. */
function plain(event: Told['event']): unknown {
  return JSON.parse(JSON.stringify(event, (_key, value: unknown) => value ?? undefined));
}

function keep(row: StoredRow, why: string): Reading {
  const before = row.envelope === null ? null : toldBefore(row, row.envelope);
  return { row, before, after: null, change: 'keep', why, entry: null };
}
