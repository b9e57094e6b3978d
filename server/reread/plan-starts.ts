import type { Database } from '../../storage/database.ts';
import type { NewEvent } from '../new-event.ts';
import { idsToday, type Reading, type RereadDeps } from './read-again.ts';
import { selectKnown, selectRelated, type StoredRow } from './stored-row.ts';

/**
 * Takes back what would start a second run for a fact, because a run or an event of it is there already: under the same id, or under
 * one that an older preset gave it.
 */
export async function planStarts(
  deps: RereadDeps & { database: Database },
  readings: readonly Reading[],
): Promise<Reading[]> {
  const starting = readings.filter(({ change }) => change === 'start');
  const related = await selectRelated(deps.database, starting.flatMap(thingsOf));
  const runs = related.map((row) => ({ row, ids: idsToday(row, deps) }));
  const stored = await selectKnown(deps.database, starting.flatMap(newEventOf));
  const taken = new Set(stored.map(({ source, eventId }) => keyOf(source, eventId)));
  return readings.map((reading) => {
    if (reading.change !== 'start') return reading;
    const run = runs.find((each) => isSameFact(each, reading));
    if (run !== undefined) {
      return { ...reading, change: 'keep', why: `the fact already has a run, as ${run.row.eventId}`, entry: null };
    }
    const [entry] = newEventOf(reading);
    if (entry === undefined) return reading;
    const key = keyOf(entry.event.source, entry.event.id);
    if (taken.has(key)) return known(reading);
    if (entry.holdMs === 0) taken.add(key);
    return reading;
  });
}

/** The reading of an event whose new id is taken. It starts nothing; its row just names that id. */
export function known(reading: Reading): Reading {
  return { ...reading, change: 'update', why: 'an event of this id is stored already' };
}

/** A run whose event lost its body counts if it has the same type, because nobody can tell any more. */
function isSameFact({ row, ids }: { row: StoredRow; ids: readonly string[] }, reading: Reading): boolean {
  const { after, row: own } = reading;
  if (after === null || row.rowId === own.rowId || row.source !== own.source) return false;
  if (ids.includes(after.event.id)) return true;
  const { type, entity } = row;
  return row.body === null && type === after.event.type && thingsOf(reading).some((thing) => thing.entity === entity);
}

function thingsOf({ row, before, after }: Reading): { source: string; entity: string }[] {
  const entities = new Set([before?.event.entity, after?.event.entity]);
  return [...entities].flatMap((entity) => (entity ? [{ source: row.source, entity }] : []));
}

/** The event that gets a row of its own. */
function newEventOf({ row, before, entry }: Reading): NewEvent[] {
  return entry !== null && (before === null || entry.event.id !== row.eventId) ? [entry] : [];
}

function keyOf(source: string, eventId: string): string {
  return `${source}\n${eventId}`; // Neither contains a control character.
}
