import { PGlite, type PGliteOptions } from '@electric-sql/pglite';
import { placePrepared, readPrepared } from '../prepared-database.ts';

/** A folder, the files of another database, or nowhere but in memory. */
export type PGlitePlace = { folder: string } | { snapshot: Blob } | 'memory';

/** Starts PGlite in this thread, which it keeps busy while a statement runs. A new database is the one that comes with the package. */
export async function createPGlite(place: PGlitePlace): Promise<PGlite> {
  return PGlite.create({ ...bytea, startParams, ...(await filesOf(place)) });
}

const startParams = [
  ...PGlite.defaultStartParams,
  // With PostgreSQL's default, a start that recovers something sets a timer for its log that keeps the process alive forever.
  ...['-c', 'log_startup_progress_interval=0'],
  // By default 128 MB, all of which a start fills with zeros. With 300,000 events, statements take as long as with that; with 16 MB, a tenth longer.
  ...['-c', 'shared_buffers=32MB'],
];

const byteaId = 17;

/** PGlite's own take each byte by itself: some 10 times as long, for every body that is stored or read. */
const bytea: PGliteOptions = {
  serializers: {
    [byteaId]: (bytes: Uint8Array) =>
      `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`,
  },
  parsers: {
    [byteaId](text) {
      const bytes = new Uint8Array((text.length - 2) / 2); // Its own memory, which can be handed to another thread.
      Buffer.from(bytes.buffer).write(text.slice(2), 'hex');
      return bytes;
    },
  },
};

async function filesOf(place: PGlitePlace): Promise<PGliteOptions> {
  if (place === 'memory') {
    const prepared = await readPrepared();
    return prepared === null ? {} : { loadDataDir: new Blob([new Uint8Array(prepared)]) };
  }
  if ('snapshot' in place) return { loadDataDir: place.snapshot };
  await placePrepared(place.folder);
  return { dataDir: place.folder };
}
