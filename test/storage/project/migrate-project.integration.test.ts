import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  appliedMigrations,
  migrateProject,
  migrationState,
  requireMigrated,
} from '../../../storage/project/migrate-project.ts';
import type { Migration } from '../../../storage/project/read-migrations.ts';
import { lacksRights } from '../../../storage/project/prepare-project.ts';
import { bothDatabases, type SharedDatabase } from '../../services/both-databases.ts';

const migration = (name: string, sql: string): Migration => ({
  name,
  path: `/shop/migrations/${name}`,
  sql,
  checksum: createHash('sha256').update(sql).digest('hex'),
});

const points = migration('0001_points.sql', 'create table points (customer text primary key, total int not null);\n');
const gifts = migration('0002_gifts.sql', `insert into points values ('sari', 1);\ncreate table gifts (id int);\n`);
const codes = migration('0003_codes.sql', 'create table codes (id int)');

describe.each(bothDatabases)('the migrations of a project, on %s', (_name, open) => {
  let shared: SharedDatabase;
  beforeAll(async () => {
    shared = await open();
  });
  afterAll(() => shared.close());
  beforeEach(async () => {
    await shared.databases[0].run('drop-project', 'drop schema if exists project cascade', []);
    await shared.databases[0].run('forget-migrations', 'delete from project_migrations', []);
  });
  const migrate = (files: Migration[], process: 0 | 1 = 0) => migrateProject(shared.databases[process], files);
  const tables = async () => {
    const sql = `select coalesce(array_to_json(array_agg(table_name order by table_name)), '[]'::json) as names from information_schema.tables where table_schema = 'project'`;
    const [row] = await shared.databases[0].run<{ names: string[] }>('tables', sql, []);
    return row?.names;
  };
  const applied = async () => (await appliedMigrations(shared.databases[0])).map(({ name }) => name).sort();

  it('are applied once, in a schema of their own', async () => {
    expect(await migrate([points, gifts])).toMatchObject({
      applied: ['0001_points.sql', '0002_gifts.sql'],
      granted: true,
    });
    expect(await migrate([points, gifts, codes])).toMatchObject({ applied: ['0003_codes.sql'] });
    expect(await migrate([points, gifts, codes])).toMatchObject({ applied: [] });
    expect(await tables()).toEqual(['codes', 'gifts', 'points']);
  });

  it('also give activities the rights on the example shop, which a role that somebody else has made lacks', async () => {
    const database = shared.databases[0];
    await migrate([]);
    expect(await lacksRights(database)).toBe(false);
    await database.run(
      'revoke',
      `do $$ begin execute format('revoke all on schema shop from %I', current_database() || '_activities'); end $$`,
      [],
    );
    expect(await lacksRights(database)).toBe(true);
    await migrate([]);
    expect(await lacksRights(database)).toBe(false);
  });

  it('are applied once by processes that do it at the same time', async () => {
    const results = await Promise.all([
      migrate([points, gifts], 0),
      migrate([points, gifts], 1),
      migrate([points, gifts], 0),
    ]);
    expect(results.flatMap((result) => result.applied).sort()).toEqual(['0001_points.sql', '0002_gifts.sql']);
    expect(await tables()).toEqual(['gifts', 'points']);
  });

  it.each([
    [
      'an unknown name',
      'create table a (id int);\n\n  insert into  missing values (1);\n',
      `migrations/0002_bad.sql:3:16 relation "missing" does not exist (42P01)\n3 |   insert into  missing values (1);\n  |                ^\nNothing of this file was applied. Correct it, and run "kait migrate" again.`,
    ],
    [
      'a mistake behind letters outside of ASCII',
      `select '🎁'; select '🎁', nothing`,
      `migrations/0002_bad.sql:1:27 column "nothing" does not exist (42703)`,
    ],
    [
      'a mistake in the grammar',
      'create table a (id int);\nselec 1',
      'migrations/0002_bad.sql:2:1 syntax error at or near "selec" (42601)',
    ],
    [
      'a failure while it runs',
      'create table a (id int);\n  select 1 / 0;',
      'migrations/0002_bad.sql:2:3 division by zero (22012)',
    ],
    [
      'the end of the transaction',
      'create table a (id int);\ncommit;',
      'migrations/0002_bad.sql:2:1 Kait begins and ends the transaction of the whole file. Remove `commit`',
    ],
    [
      'a setting of the session',
      'create table a (id int);\nset search_path = public',
      'migrations/0002_bad.sql:2:1 Write `set local`, which ends with the file',
    ],
    ['nothing', '-- to be written', 'migrations/0002_bad.sql:1:1 The file has no statement'],
  ])('change nothing if one has %s, which is shown', async (_what, sql, message) => {
    await expect(migrate([points, migration('0002_bad.sql', sql)])).rejects.toMatchObject({
      code: 'KAIT_MIGRATION_FAILED',
      message: expect.stringContaining(message) as string,
    });
    expect(await tables()).toEqual(['points']);
    expect(await applied()).toEqual(['0001_points.sql']);
  });

  it.each([
    [
      'changed',
      [migration('0001_points.sql', 'select 1'), gifts, codes],
      'migrations/0001_points.sql was changed after it had been applied at ',
    ],
    ['removed', [gifts, codes], 'migrations/0001_points.sql was applied at '],
    [
      'removed behind the others, while another is pending',
      [points, codes],
      'migrations/0002_gifts.sql was applied at ',
    ],
    [
      'added before one that was applied',
      [points, migration('0001_zz.sql', 'select 1'), gifts],
      'migrations/0001_zz.sql was not applied, but 0002_gifts.sql, which comes after it, was.',
    ],
  ])('are not applied if one was %s', async (_what, files, message) => {
    await migrate([points, gifts]);
    const refused = { code: 'KAIT_MIGRATIONS_CHANGED', message: expect.stringContaining(message) as string };
    await expect(migrate(files)).rejects.toMatchObject(refused);
    await expect(migrationState(shared.databases[0], files)).rejects.toMatchObject(refused);
    expect(await tables()).toEqual(['gifts', 'points']);
  });

  it('must be applied before a process starts, which does not mind newer ones', async () => {
    await migrate([points]);
    await expect(requireMigrated(shared.databases[1], [points, gifts, codes])).rejects.toMatchObject({
      code: 'KAIT_MIGRATIONS_PENDING',
      message:
        'migrations/0002_gifts.sql, migrations/0003_codes.sql were not applied to this database yet. Run "kait migrate" first.',
    });
    await migrate([points, gifts]);
    expect(await requireMigrated(shared.databases[1], [points, gifts])).toEqual([]);
    expect(await requireMigrated(shared.databases[1], [points])).toEqual(['0002_gifts.sql']);
    expect(await requireMigrated(shared.databases[1], [])).toEqual(['0001_points.sql', '0002_gifts.sql']);
  });

  it('cannot change the connection of those that come after them', async () => {
    await migrate([
      migration('1.sql', `select pg_catalog.set_config('search_path', '', false); create table project.a (id int)`),
    ]);
    expect(
      await migrate([
        migration('1.sql', `select pg_catalog.set_config('search_path', '', false); create table project.a (id int)`),
        codes,
      ]),
    ).toMatchObject({ applied: ['0003_codes.sql'] });
    expect(await tables()).toEqual(['a', 'codes']);
  });
});
