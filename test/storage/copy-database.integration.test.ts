import { is } from 'drizzle-orm';
import { getTableConfig, PgTable } from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openSecrets } from '../../activities/outbound/endpoint-secrets.ts';
import { createEndpointStore } from '../../activities/outbound/endpoints.ts';
import { copyDatabase } from '../../storage/copy-database.ts';
import type { Database } from '../../storage/database.ts';
import { openInstallation } from '../../storage/installation.ts';
import { openPostgres } from '../../storage/open-postgres.ts';
import { migrateProject } from '../../storage/project/migrate-project.ts';
import * as schema from '../../storage/schema.ts';
import { parseSecretKeys } from '../../storage/secret-keys.ts';
import { openTestDatabase } from '../services/open-test-database.ts';
import { startPostgres, type PostgresServer } from '../services/postgres.ts';

let server: PostgresServer;
let from: Database;
let to: Database;
let count = 0;
beforeAll(async () => {
  server = await startPostgres({ fsync: 'off' });
});
afterAll(() => server.stop());

/** The second table comes before the one that it refers to, by name. */
const migrations = [
  {
    name: '1_points.sql',
    path: 'migrations/1_points.sql',
    checksum: 'x',
    sql: `create table members (id bigint generated always as identity primary key, "Name" text,
        loud text generated always as (upper("Name")) stored);
      create table a_points (member bigint references members (id), points numeric, tags text[]);`,
  },
];

const filling = [
  `insert into bodies (source, received_at, bytes, content_type, headers)
   select 'shop', '2026-01-01 00:00:00.123456+00', decode(md5(n::text) || '00ff', 'hex'), 'text/plain', '{"a": "é\\u0001"}'
   from generate_series(1, 20) n`,
  `insert into events (source, event_id, gateway, type, native_type, occurred_at, received_at, state, envelope, body_id, waits_for)
   select 'shop', 'evt_' || n, 'stripe', 'payment.succeeded', 'x', 'infinity', now(), 'dispatched', '{"id":  "evt", "n": 12345678901234567890}',
     n, array['workflows/shop.json', null] from generate_series(1, 1200) n`,
  `insert into runs (workflow_id, event, definition, definition_hash, started_at)
   select 'kait-old/order/shop/' || id, id, 'order', 'hash', received_at from events`,
  `insert into messages (id, idempotency_key, type, body, raw, created_at) values ('msg_1', 'k', 't', 'b', '\\x00ff', now())`,
  `insert into deliveries (id, message, endpoint, url, state, created_at) values ('dlv_1', 'msg_1', 'ep', 'u', 'pending', now())`,
  `insert into attempts (delivery, number, at) values ('dlv_1', 1, now())`,
  `insert into project.members ("Name") values ('Ana'), ('Budi'), (null)`,
  `insert into project.a_points values (1, 12345678901234567890.5, '{"a,b",NULL}'), (2, 0.10, null)`,
];

beforeEach(async () => {
  from = await openTestDatabase();
  await migrateProject(from, migrations);
  await openInstallation(from, null);
  for (const statement of filling)
    await from.transact((transaction) => transaction.query(statement), { limitMs: 60_000 });
  to = await openPostgres(await server.createDatabase(`copy_${(count += 1)}`), {
    connections: 2,
    onError: () => undefined,
  });
  await migrateProject(to, migrations);
  return async () => {
    await from.close();
    await to.close();
  };
});

/** The rows of all tables as PostgreSQL writes them. */
async function textsOf(database: Database): Promise<Record<string, string[]>> {
  const read = async (table: string) => {
    const sql = `select t::text as row from ${table} t order by t::text`;
    const rows = await database.transact((transaction) => transaction.query<{ row: string }>(sql), { limitMs: 60_000 });
    return [table, rows.map(({ row }) => row)] as const;
  };
  const tables = [
    'bodies',
    'events',
    'runs',
    'messages',
    'deliveries',
    'attempts',
    'installation',
    'project_migrations',
  ];
  const texts = [];
  for (const table of [...tables, 'project.members', 'project.a_points']) texts.push(await read(table));
  return Object.fromEntries(texts);
}

it('copies every row as it is, counts on from there, and tells how many', async () => {
  const copied: [string, number][] = [];
  await copyDatabase(from, to, (table, rows) => copied.push([table, rows]));
  expect(await textsOf(to)).toEqual(await textsOf(from));
  expect(copied).toContainEqual(['public.events', 1_200]);
  expect(copied).toContainEqual(['project.a_points', 2]);
  const sql = `insert into project.members ("Name") values ('Cici') returning id::text`;
  expect(await to.transact((transaction) => transaction.query(sql), { limitMs: 60_000 })).toEqual([{ id: '4' }]);
});

/** The tables of the schema, those first that others refer to. */
const tables = inOrder(
  Object.values<unknown>(schema)
    .filter((each) => is(each, PgTable))
    .map((table) => getTableConfig(table)),
);

type TableConfig = ReturnType<typeof getTableConfig>;

function inOrder(configs: TableConfig[]): TableConfig[] {
  const refersTo = ({ foreignKeys }: TableConfig) =>
    foreignKeys.map((key) => getTableConfig(key.reference().foreignTable).name);
  const place = (config: TableConfig): number =>
    1 + Math.max(0, ...configs.filter((other) => other !== config && refersTo(config).includes(other.name)).map(place));
  return configs.toSorted((a, b) => place(a) - place(b));
}

const nameOf = ({ schema, name }: TableConfig) => `${schema ?? 'public'}.${name}`;

/** One value of each type: the same everywhere, so that foreign keys fit. */
const values: Record<string, string> = {
  text: `'x'`,
  integer: '1',
  bigint: '1',
  smallint: '1',
  boolean: 'true',
  date: `'2026-01-01'`,
  uuid: `'00000000-0000-0000-0000-000000000001'`,
  json: `'{"a": [1, null]}'`,
  jsonb: `'{"a": [1, null]}'`,
  bytea: `'\\x00ff'`,
  'text[]': `'{"a,b"}'`,
  'uuid[]': `'{0f3a5b6c-7d8e-4f90-a1b2-c3d4e5f60718}'`,
  'bigint[]': `'{1}'`,
};

function rowOf(table: TableConfig): string {
  const columns = table.columns.filter(({ generated }) => generated === undefined);
  const types = columns.map((column) => column.getSQLType());
  const inserted = types.map((type) =>
    type.startsWith('timestamp') ? `'2026-01-01 00:00:00.123456+00'` : values[type],
  );
  const names = columns.map(({ name }) => `"${name}"`).join(', ');
  return `insert into ${nameOf(table)} (${names}) overriding system value values (${inserted.join(', ')})`;
}

describe('a database with a row in each table of the schema', () => {
  let full: Database;
  beforeAll(async () => {
    full = await openTestDatabase();
    for (const table of tables) await full.transact((each) => each.query(rowOf(table)), { limitMs: 60_000 });
    return () => full.close();
  });

  const rowIn = async (database: Database, name: string) =>
    database.transact((each) => each.query<{ row: string }>(`select t::text as row from ${name} t`), {
      limitMs: 60_000,
    });

  it('is copied whole', async () => {
    await copyDatabase(full, to);
    const rows = async (database: Database) => {
      const read = [];
      for (const table of tables) read.push([nameOf(table), await rowIn(database, nameOf(table))]);
      return read;
    };
    const expected = await rows(full);
    expect(expected.every(([, found]) => found!.length === 1)).toBe(true);
    expect(await rows(to)).toEqual(expected);
  });
});

it('leaves the secrets of endpoints as they are, for the same keys', async () => {
  const secretKeys = parseSecretKeys('07'.repeat(32));
  const storeIn = (database: Database) =>
    createEndpointStore({
      ...{ database, secretKeys, clock: () => new Date(), allow: [] },
      resolve: () => Promise.resolve([{ address: '93.184.216.34', family: 4 }]),
    });
  const headers = { 'x-api-key': 'of the receiver' };
  const { id } = await storeIn(from).add({ url: 'https://shop.example/hooks', patterns: ['*'], headers });
  await copyDatabase(from, to);
  expect(await storeIn(to).get(id)).toEqual(await storeIn(from).get(id));
  const [row] = await to.orm.select().from(schema.endpoints);
  expect(openSecrets(secretKeys!, id, row!)).toMatchObject({ headers });
});

it('changes nothing if the other database has rows already', async () => {
  await to.transact((transaction) => transaction.query(`insert into project.members ("Name") values ('Zoe')`), {
    limitMs: 60_000,
  });
  await expect(copyDatabase(from, to)).rejects.toThrow('The table project.members has rows already');
  expect((await textsOf(to)).events).toEqual([]);
});

it('copies nothing twice', async () => {
  await copyDatabase(from, to);
  const before = await textsOf(to);
  await expect(copyDatabase(from, to)).rejects.toThrow('has rows already');
  expect(await textsOf(to)).toEqual(before);
});
