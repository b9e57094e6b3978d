import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { type MigrateOptions, runMigrate } from '../../../cli/commands/migrate.ts';
import { loadConfig } from '../../../config.ts';
import { lockDataFolder } from '../../../embedded/data-folder.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

async function project() {
  const folder = await temporaryFolder();
  const config = loadConfig({ KAIT_HOME: join(folder, '.kait'), KAIT_MIGRATIONS: join(folder, 'migrations') });
  await mkdir(config.migrations);
  const write = (name: string, sql: string) => writeFile(join(config.migrations, name), sql);
  const remove = (name: string) => rm(join(config.migrations, name));
  const migrate = async (options: MigrateOptions = {}) => {
    const lines: string[] = [];
    await runMigrate(config, options, {
      print: (line) => lines.push(line),
      note: (line) => lines.push(`note: ${line}`),
    });
    return lines;
  };
  return { config, write, remove, migrate };
}

it('applies what is pending to the embedded database, and lists it before', async () => {
  const { write, remove, migrate } = await project();
  await write('0001_points.sql', 'create table points (id int)');
  expect(await migrate({ list: true })).toEqual(['MIGRATION        APPLIED\n0001_points.sql  pending']);
  expect(await migrate()).toEqual(['applied 0001_points.sql']);
  expect(await migrate()).toEqual(['nothing to apply']);
  await write('0002_gifts.sql', 'create table gifts (id int)');
  expect(await migrate({ list: true })).toEqual([
    expect.stringMatching(/^MIGRATION {8}APPLIED\n0001_points.sql {2}20\S+Z\n0002_gifts.sql {3}pending$/),
  ]);
  expect(await migrate()).toEqual(['applied 0002_gifts.sql']);
  await remove('0002_gifts.sql');
  expect(await migrate({ list: true })).toEqual([
    expect.stringMatching(/\n0002_gifts.sql {3}20\S+Z, by a newer version$/),
  ]);
});

it('leaves the embedded database of a running Kait alone', async () => {
  const { config, migrate } = await project();
  const lock = await lockDataFolder(config.home);
  await expect(migrate()).rejects.toMatchObject({ code: 'KAIT_DATA_FOLDER_IN_USE' });
  await lock.release();
  expect(await migrate()).toEqual([`no migrations in ${config.migrations}`]);
});
