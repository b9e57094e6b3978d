import type { Database } from '../../storage/database.ts';
import { known, planStarts } from './plan-starts.ts';
import { readAgain, type Reading, type RereadDeps } from './read-again.ts';
import { chunkRows, newestRowId, selectRows, type Selection } from './stored-row.ts';
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
  const planned = await planStarts(
    deps,
    rows.flatMap((row) => readAgain(row, deps)),
  );
  const readings: Reading[] = [];
  for (const reading of planned) readings.push(apply ? await write(database, reading) : reading);
  const last = rows.at(-1)?.rowId ?? upTo;
  return { looked: rows.length, readings, next: rows.length < chunkRows || last >= upTo ? null : last, upTo };
}

async function write(database: Database, reading: Reading): Promise<Reading> {
  const stored = await storeReading(database, reading);
  if (stored === 'stored') return reading;
  if (stored === 'known') return known(reading);
  return { ...reading, change: 'keep', why: 'it has changed in the meantime', entry: null };
}
