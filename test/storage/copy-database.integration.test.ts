import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { copyDatabase } from '../../storage/copy-database.ts';
import type { Database } from '../../storage/database.ts';
import { openInstallation } from '../../storage/installation.ts';
import { openPostgres } from '../../storage/open-postgres.ts';
import { migrateProject } from '../../storage/project/migrate-project.ts';
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
