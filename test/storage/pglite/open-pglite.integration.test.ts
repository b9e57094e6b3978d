import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { messages } from '@electric-sql/pglite';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Database } from '../../../storage/database.ts';
import { openPGlite } from '../../../storage/open-pglite.ts';
import { sqlStateOf } from '../../../storage/sql-state.ts';
import { sharedTemporaryFolder, temporaryFolder } from '../../temporary-folder.ts';

/* What a statement takes and returns is the same whether PGlite runs in this thread or, as for `kait up`, in one of its own. */

const home = sharedTemporaryFolder();

const places: [name: string, open: () => Promise<Database>][] = [
  ['in this thread', () => openPGlite('memory')],
  ['in a thread of its own', () => openPGlite({ folder: join(home.path, 'database') })],
];

describe.each(places)('%s', (_name, open) => {
  let database: Database;

  beforeAll(async () => {
    database = await open();
    await database.run(
      '',
      'create table things (id int primary key, name text constraint short check (length(name) < 5))',
      [],
    );
    return () => database.close();
  });

  it('returns values of each type', async () => {
    const statement = `select 1::int as int, 9007199254740991::bigint as safe, 9007199254740993::bigint as large, 1.5::float8 as float,
      1.10::numeric as numeric, true as bool, 'text' as text, null::text as nothing, '{"a":[1,null]}'::json as json, '"x"'::jsonb as jsonb,
      array['a','b,"'] as texts, array[1,null] as ints, array['{"a":1}'::jsonb] as objects, array['{"a":1}'::json] as documents,
      '2026-11-28 01:02:03.5+00'::timestamptz as instant, '2026-11-28'::date as day, '\\x00ff'::bytea as bytes,
      array['\\x01'::bytea, '\\x'::bytea] as several, 'f47ac10b-58cc-4372-a567-0e02b2c3d479'::uuid as uuid`;
    expect(await database.run('', statement, [])).toEqual([
      {
        ...{ int: 1, safe: 9007199254740991, large: 9007199254740993n, float: 1.5, numeric: '1.10', bool: true },
        ...{ text: 'text', nothing: null, json: { a: [1, null] }, jsonb: 'x' },
        ...{ texts: ['a', 'b,"'], ints: [1, null], objects: [{ a: 1 }], documents: [{ a: 1 }] },
        ...{ instant: new Date('2026-11-28T01:02:03.500Z'), day: new Date('2026-11-28') },
        ...{ bytes: Uint8Array.of(0, 255), several: [Uint8Array.of(1), Uint8Array.of()] },
        uuid: 'f47ac10b-58cc-4372-a567-0e02b2c3d479',
      },
    ]);
  });

  it('takes values of each type', async () => {
    const bytes = Buffer.from('a part of a pool');
    const statement = `select $1::text as text, $2::int as int, $3::bool as bool, $4::timestamptz as instant, $5::bytea as bytes,
      $6::text[] as texts, $7::bytea[] as several, $8::jsonb as json, $9::text as nothing, $10::bigint as large`;
    const at = new Date('2026-11-28T01:02:03Z');
    const values = ['a', 1, true, at, bytes, ['b', null], [bytes, Buffer.of(0)], { c: [1] }, undefined, 2n ** 60n];
    expect(await database.run('', statement, values)).toEqual([
      {
        ...{ text: 'a', int: 1, bool: true, instant: at, bytes: new Uint8Array(bytes), texts: ['b', null] },
        ...{ several: [new Uint8Array(bytes), Uint8Array.of(0)], json: { c: [1] }, nothing: null, large: 2n ** 60n },
      },
    ]);
    expect(bytes.toString()).toBe('a part of a pool');
  });

  it('reads columns as drizzle asks for them', async () => {
    const result = await database.orm.execute(
      sql`select '2026-11-28 01:02:03+00'::timestamptz as at, ${'{"a":1}'}::jsonb as json`,
    );
    expect(result).toMatchObject({ rows: [{ at: '2026-11-28 01:02:03+00', json: { a: 1 } }], affectedRows: 0 });
  });

  it('reads columns within a transaction as PostgreSQL’s driver does', async () => {
    const statement = `select count(*) as count, 1::numeric as numeric, '2026-11-28'::date as day, '\\x01'::bytea as bytes`;
    const rows = await database.transact((transaction) => transaction.query(statement), { limitMs: 10_000 });
    expect(rows).toEqual([{ count: 1, numeric: '1', day: '2026-11-28', bytes: Buffer.of(1) }]);
  });

  it('takes and returns a body of 16 MiB', async () => {
    const body = Buffer.alloc(16 * 1024 * 1024, 'body');
    const [row] = await database.run<{ body: Uint8Array }>('', 'select $1::bytea as body', [body]);
    expect(Buffer.compare(body, row!.body)).toBe(0);
  });

  it('rejects with what PostgreSQL says about an error', async () => {
    const insert = (id: number, name: string) => database.run('', 'insert into things values ($1, $2)', [id, name]);
    await insert(1, 'one');
    await expect(insert(1, 'one')).rejects.toMatchObject({
      ...{ name: 'error', message: 'duplicate key value violates unique constraint "things_pkey"', severity: 'ERROR' },
      ...{ code: '23505', constraint: 'things_pkey', table: 'things', detail: 'Key (id)=(1) already exists.' },
      ...{ query: 'insert into things values ($1, $2)', params: [1, 'one'] },
    });
    await expect(insert(2, 'far too long')).rejects.toMatchObject({ code: '23514', constraint: 'short' });
    const error: unknown = await database.run('', 'select from nowhere', []).catch((reason: unknown) => reason);
    expect(sqlStateOf(error)).toBe('42P01');
    expect(error).toBeInstanceOf(messages.DatabaseError);
  });

  it('rejects a value that the column cannot hold, and goes on', async () => {
    await expect(database.run('', 'select $1::bool', ['perhaps'])).rejects.toThrow('Invalid input for boolean type');
    expect(await database.run('', 'select 1 as one', [])).toEqual([{ one: 1 }]);
  });

  it('does statements in the order in which they were asked for, and none of others within a transaction', async () => {
    await database.run('', 'create table seen (number serial, who text)', []);
    const note = (who: string) => database.run('', 'insert into seen (who) values ($1)', [who]);
    const before = note('before');
    const within = database.transact(
      async (transaction) => {
        await transaction.query(`insert into seen (who) values ('within')`);
        await new Promise((resolve) => setImmediate(resolve));
        await transaction.query(`insert into seen (who) values ('within')`);
      },
      { limitMs: 10_000 },
    );
    const between = note('between');
    const nested = database.orm.transaction(async (queries) => {
      await queries.execute(sql`insert into seen (who) values ('nested')`);
      await queries
        .transaction(async (inner) => {
          await inner.execute(sql`insert into seen (who) values ('undone')`);
          throw new Error('only the inner one');
        })
        .catch(() => undefined);
    });
    const after = note('after');
    await Promise.all([before, within, between, nested, after]);
    const rows = await database.run<{ who: string }>('', 'select who from seen order by number', []);
    expect(rows.map(({ who }) => who)).toEqual(['before', 'within', 'within', 'between', 'nested', 'after']);
  });

  it('rolls back a transaction whose work fails or takes too long, and lets the next one begin', async () => {
    await database.run('', 'create table kept (what text)', []);
    const insert = `insert into kept values ('not this')`;
    const failing = database.transact(
      async (transaction) => {
        await transaction.query(insert);
        throw new Error('changed its mind');
      },
      { limitMs: 10_000 },
    );
    await expect(failing).rejects.toThrow('changed its mind');
    const slow = database.transact(
      (transaction) => transaction.query(insert).then(() => new Promise(() => undefined)),
      {
        limitMs: 50,
      },
    );
    await expect(slow).rejects.toThrow('The transaction took longer than 50 ms');
    const aborted = database.transact(
      async (transaction) => {
        await transaction.query(insert);
        await transaction.query('select from nowhere').catch(() => undefined);
      },
      { limitMs: 10_000 },
    );
    await expect(aborted).rejects.toMatchObject({
      code: '25P02',
      message: 'Transaction was rolled back instead of committed',
    });
    expect(await database.run('', 'select * from kept', [])).toEqual([]);
  });
});

it('keeps what was asked for before it closes, and takes nothing later', async () => {
  const folder = join(await temporaryFolder(), 'database');
  const database = await openPGlite({ folder });
  await database.run('', 'create table kept (number int)', []);
  const writes = Array.from({ length: 20 }, (_, number) => database.run('', 'insert into kept values ($1)', [number]));
  const closing = database.close();
  await expect(database.run('', 'select 1', [])).rejects.toThrow('PGlite is closed');
  await Promise.all([...writes, closing]);
  await database.close();
  const again = await openPGlite({ folder });
  onTestFinished(() => again.close());
  expect(await again.run('', 'select count(*) as count from kept', [])).toEqual([{ count: 20 }]);
});

it('lets an urgent statement pass those that wait', async () => {
  const database = await openPGlite({ folder: join(await temporaryFolder(), 'database') });
  onTestFinished(() => database.close());
  await database.run('', 'create table seen (number serial, who text)', []);
  const note = (who: string, urgent = false) =>
    database.run('', 'insert into seen (who) values ($1)', [who], { urgent });
  const first = database.run('', 'select count(*) from generate_series(1, 300000)', []);
  await Promise.all([first, ...Array.from({ length: 20 }, () => note('ordinary')), note('urgent', true)]);
  const rows = await database.run<{ who: string }>('', 'select who from seen order by number', []);
  expect(rows.findIndex(({ who }) => who === 'urgent')).toBeLessThan(2);
});

it('lets a transaction end that is under way when it closes', async () => {
  const folder = join(await temporaryFolder(), 'database');
  const database = await openPGlite({ folder });
  await database.run('', 'create table kept (number int)', []);
  let closing: Promise<void> | undefined;
  const written = database.transact(
    async (transaction) => {
      await transaction.query('insert into kept values (1)');
      closing = database.close();
      await transaction.query('insert into kept values (2)');
    },
    { limitMs: 10_000 },
  );
  await written;
  await closing;
  const again = await openPGlite({ folder });
  onTestFinished(() => again.close());
  expect(await again.run('', 'select number from kept', [])).toEqual([{ number: 1 }, { number: 2 }]);
});
