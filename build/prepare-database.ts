import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { PGlite } from '@electric-sql/pglite';

const compress = promisify(brotliCompress);

/**
 * Writes the files of an empty database, compressed: `initdb` works for seconds, and unpacking takes a moment. The write-ahead log, which
 * would be a third of it, is cut to the segment that counts. The templates, another third, are dropped: nobody creates a database in it.
 */
export async function prepareDatabase(file: string): Promise<void> {
  const fresh = await PGlite.create();
  await fresh.query('update pg_database set datistemplate = false');
  for (const template of ['template0', 'template1']) await fresh.query(`drop database ${template}`);
  await fresh.query('alter system set wal_recycle = off'); // Counts from the next start.
  const cut = await PGlite.create({ loadDataDir: await dumped(fresh) });
  for (const statement of ['select pg_switch_wal()', 'alter system reset wal_recycle', 'checkpoint']) {
    await cut.query(statement);
  }
  const tar = await (await dumped(cut)).arrayBuffer();
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 5,
    [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
    [constants.BROTLI_PARAM_SIZE_HINT]: tar.byteLength,
  };
  await writeFile(file, await compress(tar, { params }));
}

async function dumped(database: PGlite): Promise<Blob> {
  const dump = await database.dumpDataDir('none');
  await database.close();
  return dump;
}
