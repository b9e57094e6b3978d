import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openPGlite } from '../../storage/open-pglite.ts';
import { placePrepared, preparedDatabase } from '../../storage/prepared-database.ts';
import { temporaryFolder } from '../temporary-folder.ts';

it('is smaller than 1 MB, and is made by the PGlite that is installed', async () => {
  expect(preparedDatabase()).toMatch(/dist\/pglite-\d+\.\d+\.\d+\.tar\.br$/);
  expect((await stat(preparedDatabase())).size).toBeLessThan(2 ** 20);
});

it.each(['folder', 'memory'])('is a database with the usual settings and without templates, in a %s', async (where) => {
  const database = await openPGlite(
    where === 'memory' ? 'memory' : { folder: join(await temporaryFolder(), 'database') },
  );
  onTestFinished(() => database.close());
  expect(await database.run('recycle', 'show wal_recycle', [])).toEqual([{ wal_recycle: 'on' }]);
  expect(await database.run('names', 'select datname from pg_database order by 1', [])).toEqual([
    { datname: 'postgres' },
  ]);
});

it('has its place at once, whatever a start that was killed has left beside it', async () => {
  const folder = join(await temporaryFolder(), 'database');
  await mkdir(join(folder, '..', 'database.new/base'), { recursive: true });
  await writeFile(join(folder, '..', 'database.new/PG_VERSION'), 'half of a file');
  const database = await openPGlite({ folder });
  onTestFinished(() => database.close());
  await database.ping(10_000);
  expect(await readdir(join(folder, '..'))).toEqual(['database']);
});

it('keeps a database that is there', async () => {
  const folder = join(await temporaryFolder(), 'database');
  await mkdir(folder);
  await writeFile(join(folder, 'PG_VERSION'), 'theirs');
  await placePrepared(folder);
  expect(await readdir(folder)).toEqual(['PG_VERSION']);
});

it('leaves it to PGlite to make a database if there is none prepared', async () => {
  const folder = await temporaryFolder();
  await placePrepared(join(folder, 'database'), join(folder, 'pglite-0.0.0.tar.br'));
  expect(await readdir(folder)).toEqual([]);
});
