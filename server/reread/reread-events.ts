import type { Database } from '../../storage/database.ts';
import { idsToday, readAgain, type Reading, type RereadDeps } from './read-again.ts';
import { chunkRows, newestRowId, selectRelated, selectRows, type Selection } from './stored-row.ts';
import { storeReading } from './store-reading.ts';

export interface RereadRequest extends Selection {
  /** The row after which to go on; 0 for the first chunk. */
  after: number;
  /** The last row, as the first chunk's answer names it. Events that arrive meanwhile are read by today's preset anyway. */
  upTo?: number | undefined;
  /** Whether to write. */
  apply: boolean;
}

export interface RereadChunk {
  /** How many stored events were looked at. */
  looked: number;
  readings: Reading[];
  /** The next chunk's `after`; null after the last one. */
  next: number | null;
  upTo: number;
}

/**
 * Reads a chunk of stored bodies again, and writes what changes if `apply` is set. Safe to repeat and to interrupt; two at once start
 * nothing twice.
 */
export async function rereadEvents(
  deps: RereadDeps & { database: Database },
  { after, apply, ...request }: RereadRequest,
): Promise<RereadChunk> {
  const { database } = deps;
  const upTo = request.upTo ?? (await newestRowId(database));
  const rows = await selectRows(database, request, { after, upTo });
  const found = rows.flatMap((row) => readAgain(row, deps));
  const planned = await withoutSecondRuns(deps, found);
  const readings: Reading[] = [];
  for (const reading of planned) readings.push(apply ? await write(database, reading) : reading);
  const last = rows.at(-1)?.rowId ?? upTo;
  return { looked: rows.length, readings, next: rows.length < chunkRows || last >= upTo ? null : last, upTo };
}

async function write(database: Database, reading: Reading): Promise<Reading> {
  const stored = await storeReading(database, reading);
  if (stored === 'stored') return reading;
  const why = stored === 'known' ? 'an event of this id is stored already' : 'it has changed in the meantime';
  return { ...reading, change: 'keep', why, entry: null };
}

/**
 * Leaves alone what would start a second run for a fact: its run may have the id that an older preset gave it. A run whose event lost
 * its body counts if it has the same type, because nobody can tell any more.
 */
async function withoutSecondRuns(deps: RereadDeps & { database: Database }, readings: Reading[]): Promise<Reading[]> {
  const starting = readings.filter(({ change }) => change === 'start');
  const related = await selectRelated(deps.database, starting.flatMap(thingsOf));
  const runs = related.map((row) => ({ row, ids: idsToday(row, deps) }));
  return readings.map((reading) => {
    const { change, after, row } = reading;
    if (change !== 'start' || after === null) return reading;
    const known = runs.find(
      (run) =>
        run.row.rowId !== row.rowId &&
        run.row.source === row.source &&
        (run.ids.includes(after.event.id) ||
          (run.row.body === null &&
            run.row.envelope.type === after.event.type &&
            isAbout(run.row.envelope.entity, reading))),
    );
    if (known === undefined) return reading;
    return { ...reading, change: 'keep', why: `the fact already has a run, as ${known.row.eventId}`, entry: null };
  });
}

function thingsOf({ row, before, after }: Reading): { source: string; entity: string }[] {
  const entities = new Set([before?.event.entity, after?.event.entity]);
  return [...entities].flatMap((entity) => (entity ? [{ source: row.source, entity }] : []));
}

function isAbout(entity: string | null, reading: Reading): boolean {
  return thingsOf(reading).some((thing) => thing.entity === entity);
}
