import { randomUUID } from 'node:crypto';
import { CancelledFailure } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type DatabaseCall, runDatabaseActivity } from '../../../activities/own/run-database-activity.ts';
import type { SqlError } from '../../../activities/own/sql-error.ts';
import type { Sql } from '../../../activities/own/sql.ts';
import type { Json } from '../../../language/json.ts';
import type { Database } from '../../../storage/database.ts';
import { prepareProject } from '../../../storage/project/prepare-project.ts';
import { openPostgres } from '../../../storage/open-postgres.ts';
import { bothDatabases, type SharedDatabase } from '../../services/both-databases.ts';
import { startPostgres, type PostgresServer } from '../../services/postgres.ts';

type Changes = Partial<Omit<DatabaseCall, 'run'>> & { run?: (sql: Sql) => Promise<unknown> };

describe.each(bothDatabases)('an activity of the kind database, on %s', (_name, open) => {
  let shared: SharedDatabase;
  let database: Database;
  let warnings: [object, string][];

  beforeAll(async () => {
    shared = await open();
    database = shared.databases[0];
    await database.transact(
      async (transaction) => {
        await prepareProject(transaction);
        await transaction.query(
          'create table project.points (id bigint generated always as identity, customer text not null, amount int not null check (amount > 0))',
        );
      },
      { limitMs: 10_000 },
    );
  });
  afterAll(() => shared.close());
  beforeEach(async () => {
    warnings = [];
    await database.run('empty-points', 'delete from project.points', []);
  });

  const add = async (sql: Sql) => {
    const [row] = await sql<{
      id: number;
    }>`insert into points (customer, amount) values (${'sari'}, ${5}) returning id`;
    return { id: row!.id };
  };
  const call = ({ run = add, ...changes }: Changes = {}, on = database) =>
    runDatabaseActivity(
      { database: on, log: { warn: (facts, message) => warnings.push([facts, message]) } },
      {
        activity: 'points.add',
        idempotencyKey: randomUUID(),
        input: { customer: 'sari', amount: 5 },
        limitMs: 10_000,
        canceled: new AbortController().signal,
        run: run as DatabaseCall['run'], // Most return what nobody looks at.
        ...changes,
      },
    );
  const count = async (table = 'project.points') => {
    const [row] = await database.run<{ n: number }>(`count ${table}`, `select count(*)::int as n from ${table}`, []);
    return row?.n;
  };

  it('has one effect and one result for a repeated key', async () => {
    const idempotencyKey = randomUUID();
    const first = await call({ idempotencyKey });
    expect(await call({ idempotencyKey })).toEqual(first);
    expect(await call({ idempotencyKey, input: { amount: 5, customer: 'sari' } })).toEqual(first);
    expect(await count()).toBe(1);
  });

  it('has one effect for attempts at the same time, all of which get its result', async () => {
    const idempotencyKey = randomUUID();
    const attempts = [0, 1, 0, 1].map((index) => call({ idempotencyKey }, shared.databases[index]));
    const [first, ...others] = await Promise.all(attempts);
    expect(others).toEqual([first, first, first]);
    expect(await count()).toBe(1);
  });

  it('has a second effect for another key', async () => {
    await call();
    await call();
    expect(await count()).toBe(2);
  });

  it('lets the next attempt act if the one before has failed after its effect', async () => {
    const idempotencyKey = randomUUID();
    const failing = async (sql: Sql) => {
      await add(sql);
      throw new RangeError('after the effect');
    };
    await expect(call({ idempotencyKey, run: failing })).rejects.toThrow(new RangeError('after the effect'));
    expect(await count()).toBe(0);
    await call({ idempotencyKey });
    expect(await count()).toBe(1);
  });

  it.each([
    [
      'another activity',
      { activity: 'points.take' },
      'points.take: the key key-1 has been used before, by the activity points.add.',
    ],
    [
      'another input',
      { input: { customer: 'sari', amount: 6 } },
      'points.add: the key key-1 has been used before, with another input.',
    ],
  ])('refuses a key that stands for %s', async (_what, other, message) => {
    await database.run('forget', `delete from activity_results where idempotency_key = 'key-1'`, []);
    await call({ idempotencyKey: 'key-1' });
    await expect(call({ idempotencyKey: 'key-1', ...other })).rejects.toMatchObject({
      type: 'KeyReused',
      nonRetryable: true,
      details: [{ effect: 'unknown' }],
      message: expect.stringContaining(message) as string,
    });
    expect(await count()).toBe(1);
  });

  it.each<[string, Json]>([
    ['null', null],
    ['a NUL', 'a\0b'],
    ['numbers and members as they are', { b: [0.1, 1e21], a: {} }],
  ])('returns %s the first time as every time', async (_what, output) => {
    const idempotencyKey = randomUUID();
    const run = () => Promise.resolve(output);
    expect(await call({ idempotencyKey, run })).toEqual(output);
    expect(await call({ idempotencyKey, run })).toEqual(output);
  });

  it.each([
    'begin',
    'commit',
    'rollback',
    'end',
    'abort',
    'savepoint a',
    'release a',
    'set role none',
    'reset role',
    'set search_path = public',
    'start transaction',
    `prepare transaction 'a'`,
    '/* a /* b */ */ -- c\n COMMIT',
    'discard all',
    'listen a',
    'copy points to stdout',
  ])('refuses the statement %s', async (statement) => {
    const run = async (sql: Sql) => {
      await add(sql);
      await sql(Object.assign([statement], { raw: [statement] }));
    };
    await expect(call({ run })).rejects.toThrow(TypeError);
    expect(await count()).toBe(0);
  });

  it.each([
    ['several statements', 'select 1; select 2', 'Write one statement in each sql`…`'],
    ['no statement', ' -- nothing', 'The statement is empty'],
  ])('refuses %s at once', async (_what, statement, message) => {
    const run = (sql: Sql) => sql(Object.assign([statement], { raw: [statement] }));
    await expect(call({ run })).rejects.toThrow(new TypeError(message));
  });

  it('refuses a text with values in it in place of a template', async () => {
    const run = (sql: Sql) => sql('select 1' as unknown as TemplateStringsArray);
    await expect(call({ run })).rejects.toThrow('Write sql`select …` without parentheses');
  });

  it.each([
    ['read', 'select * from public.events', '42501'],
    ['change', 'delete from public.activity_results', '42501'],
    ['find by its name alone', 'select * from events', '42P01'],
    ['replace', 'create table points_2 (id int)', '42501'],
  ])('cannot %s a table that is not the project’s', async (_what, statement, code) => {
    const run = (sql: Sql) => sql(Object.assign([statement], { raw: [statement] }));
    await expect(call({ run })).rejects.toMatchObject({
      type: 'SqlFailed',
      message: expect.stringContaining(`(${code})`) as string,
    });
  });

  it('fails transiently with the first statement that failed, even if the activity hides it', async () => {
    const hiding = async (sql: Sql) => {
      await sql`insert into points (customer, amount) values ('budi', ${0})`.catch(() => undefined);
      return { id: 1 };
    };
    await expect(call({ run: hiding })).rejects.toMatchObject({
      type: 'SqlFailed',
      nonRetryable: false,
      details: [{ effect: 'none' }],
      message:
        'points.add: new row for relation "points" violates check constraint "points_amount_check" (23514), in: insert into points (customer, amount) values (\'budi\', ?)',
    });
  });

  it('does not quote the values of a statement that failed', async () => {
    const run = (sql: Sql) => sql`select ${'4111 1111 1111 1111'}::int`;
    await expect(call({ run })).rejects.toMatchObject({
      message: 'points.add: The statement failed (22P02), in: select ?::int',
    });
  });

  it('fails permanently on a value that the database cannot hold', async () => {
    const run = (sql: Sql) => sql`insert into points (customer, amount) values (${'a\0b'}, 1)`;
    await expect(call({ run })).rejects.toMatchObject({
      type: 'DatabaseRefused',
      nonRetryable: true,
      details: [{ effect: 'none' }],
    });
  });

  it('tells the activity which constraint would be violated, so that it can say what that means', async () => {
    const run = (sql: Sql) =>
      sql`insert into points (customer, amount) values ('budi', 0)`.catch((error: unknown) => {
        const { code, constraint } = error as SqlError;
        throw new RangeError(`${code} ${constraint}`);
      });
    await expect(call({ run })).rejects.toThrow(new RangeError('23514 points_amount_check'));
  });

  it('rolls back if a statement was not waited for', async () => {
    const run = (sql: Sql) => {
      void add(sql);
      return Promise.resolve({ id: 1 });
    };
    await expect(call({ run })).rejects.toThrow(
      'A statement was still under way at the end. Wait for every one with `await`',
    );
    expect(await count()).toBe(0);
  });

  it('refuses a statement after the end, and logs it', async () => {
    let kept: Sql | undefined;
    await call({ activity: 'points.add', idempotencyKey: 'late', run: (sql) => ((kept = sql), add(sql)) });
    await expect(add(kept!)).rejects.toThrow('`sql` was used after the activity had ended');
    expect(warnings).toEqual([[{ activity: 'points.add', key: 'late' }, 'an activity used sql after its end']]);
    expect(await count()).toBe(1);
    await database.run('forget-late', `delete from activity_results where idempotency_key = 'late'`, []);
  });

  it('rolls back when its time is over, and the next attempt acts', async () => {
    const idempotencyKey = randomUUID();
    const never = async (sql: Sql) => {
      await add(sql);
      await new Promise(() => undefined);
    };
    await expect(call({ idempotencyKey, limitMs: 300, run: never })).rejects.toMatchObject({
      type: 'TimedOut',
      nonRetryable: false,
      details: [{ effect: 'none' }],
    });
    await call({ idempotencyKey });
    expect(await count()).toBe(1);
  });

  it('rolls back when its step is canceled', async () => {
    const cancellation = new AbortController();
    const run = async (sql: Sql) => {
      await add(sql);
      cancellation.abort(new CancelledFailure('CANCELLED'));
      await new Promise(() => undefined);
    };
    await expect(call({ run, canceled: cancellation.signal })).rejects.toThrow(new CancelledFailure('CANCELLED'));
    expect(await count()).toBe(0);
  });

  it('leaves the connection as it was', async () => {
    await call();
    await expect(call({ run: () => Promise.reject(new RangeError('no')) })).rejects.toThrow('no');
    const read = () =>
      database.run('state', `select current_user = session_user as own, current_setting('search_path') as path`, []);
    const states = await Promise.all([read(), read(), read(), read()]);
    expect(new Set(states.map((rows) => JSON.stringify(rows))).size).toBe(1);
    expect(states[0]).toMatchObject([{ own: true, path: expect.stringContaining('public') as string }]);
  });

  it('reads columns alike', async () => {
    const columns = `select 1::bigint as small, 9007199254740993::bigint as large, count(*) as counted, 1.50::numeric as decimal, 0.1::float8 as double,
      true as flag, null as nothing, date '2026-01-31' as day, timestamp '2026-01-31 10:00' as local, timestamptz '2026-01-31 10:00:00.123+07' as instant,
      interval '1 day 2 hours' as span, '{"a": [1]}'::jsonb as document, '[1]'::json as list, '\\x00ff'::bytea as bytes,
      '{1,NULL,9007199254740993}'::bigint[] as numbers, '{"a,b","c"}'::text[] as texts, '{2026-01-31}'::date[] as days, '{{1,2},{3,4}}'::int[] as matrix`;
    let rows: unknown;
    await call({ run: async (sql) => ((rows = await sql(Object.assign([columns], { raw: [columns] }))), add(sql)) });
    expect(rows).toEqual([
      {
        small: 1,
        large: '9007199254740993',
        counted: 1,
        decimal: '1.50',
        double: 0.1,
        flag: true,
        nothing: null,
        day: '2026-01-31',
        local: '2026-01-31 10:00:00',
        instant: new Date('2026-01-31T03:00:00.123Z'),
        span: '1 day 02:00:00',
        document: { a: [1] },
        list: [1],
        bytes: Buffer.from([0, 255]),
        numbers: [1, null, '9007199254740993'],
        texts: ['a,b', 'c'],
        days: ['2026-01-31'],
        matrix: [
          [1, 2],
          [3, 4],
        ],
      },
    ]);
  });

  it('passes values alike', async () => {
    let rows: unknown;
    const run = async (sql: Sql) => {
      rows =
        await sql`select ${"a'b"}::text as text, ${1.5}::numeric as decimal, ${12n}::bigint as large, ${true}::boolean as flag, ${null}::int as nothing,
        ${new Date(0)}::timestamptz as instant, ${new Uint8Array([0, 255])}::bytea as bytes, ${sql.json({ a: ["'"] })}::jsonb as document, ${['a"b', null]}::text[] as texts,
        2 = any(${[1, 2]}::int[]) as found`;
      return add(sql);
    };
    await call({ run });
    expect(rows).toEqual([
      {
        text: `a'b`,
        decimal: '1.5',
        large: 12,
        flag: true,
        nothing: null,
        instant: new Date(0),
        bytes: Buffer.from([0, 255]),
        document: { a: [`'`] },
        texts: ['a"b', null],
        found: true,
      },
    ]);
  });

  it.each([
    ['undefined', undefined, 'The value 1 of a statement is undefined. Use null for a value that is not there'],
    ['an object', { a: 1 }, 'The value 1 of a statement is a value of the type object. Use sql.json(…) for objects'],
    ['an invalid date', new Date(NaN), 'The value 1 of a statement is an invalid date. Use sql.json(…) for objects'],
  ])('refuses %s as a value', async (_what, value, message) => {
    const run = (sql: Sql) => sql`select ${value as unknown as string}`;
    await expect(call({ run })).rejects.toThrow(new TypeError(message));
  });
});

describe('an activity of the kind database whose server is on the other side of a connection', () => {
  let server: PostgresServer;
  let database: Database;
  beforeAll(async () => {
    server = await startPostgres({ fsync: 'off' });
    const url = await server.createDatabase('apart');
    database = await openPostgres(url, { connections: 2, onError: () => undefined });
  });
  afterAll(async () => {
    await database.close();
    await server.stop();
  });

  const call = ({ run = () => Promise.resolve(null), ...changes }: Changes) =>
    runDatabaseActivity(
      { database, log: { warn: () => undefined } },
      {
        ...{ activity: 'points.add', idempotencyKey: randomUUID(), input: {}, limitMs: 10_000 },
        canceled: new AbortController().signal,
        run: run as DatabaseCall['run'], // As above.
        ...changes,
      },
    );
  const sleeping = () =>
    database.run(
      'sleeping',
      `select pid from pg_stat_activity where state = 'active' and query like '%pg_sleep%' and pid <> pg_backend_pid()`,
      [],
    );

  it('ends a statement that hangs, on the server too, and frees the key', async () => {
    const idempotencyKey = randomUUID();
    const hang = (sql: Sql) => sql`select pg_sleep(60)`;
    await expect(call({ idempotencyKey, limitMs: 300, run: hang })).rejects.toMatchObject({ type: 'TimedOut' });
    expect(await sleeping()).toEqual([]);
    expect(await call({ idempotencyKey })).toBeNull();
  });

  it('fails transiently if its connection dies, and the next attempt gets another', async () => {
    const idempotencyKey = randomUUID();
    const die = async (sql: Sql) => {
      const [row] = await sql<{ pid: number }>`select pg_backend_pid() as pid`;
      await database.run('terminate', 'select pg_terminate_backend($1)', [row!.pid]);
      await sql`select 1`;
    };
    await expect(call({ idempotencyKey, run: die })).rejects.toMatchObject({
      type: 'DatabaseUnavailable',
      nonRetryable: false,
      details: [{ effect: 'none' }],
    });
    expect(await call({ idempotencyKey })).toBeNull();
  });

  it('fails transiently if its connection dies while the activity does something else', async () => {
    const die = async (sql: Sql) => {
      const [row] = await sql<{ pid: number }>`select pg_backend_pid() as pid`;
      await database.run('terminate', 'select pg_terminate_backend($1)', [row!.pid]);
      return null;
    };
    await expect(call({ run: die })).rejects.toMatchObject({ type: 'DatabaseUnavailable', nonRetryable: false });
  });

  it('fails transiently if two transactions wait for each other', async () => {
    await database.run('table', 'create table if not exists public.locked (id int primary key)', []);
    await database.run('rows', 'insert into public.locked values (1), (2)', []);
    const together = meeting(2);
    const cross = (first: number, second: number) => async (sql: Sql) => {
      await sql`update public.locked set id = id where id = ${first}`;
      await together();
      await sql`update public.locked set id = id where id = ${second}`;
      return null;
    };
    const outcomes = await Promise.allSettled([call({ run: cross(1, 2) }), call({ run: cross(2, 1) })]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes).toContainEqual({
      status: 'rejected',
      reason: expect.objectContaining({
        type: 'SqlFailed',
        nonRetryable: false,
        message: expect.stringContaining('deadlock detected (40P01)') as string,
      }) as unknown,
    });
  });
});

/** Resolves once so many have come. */
function meeting(expected: number): () => Promise<void> {
  let come = 0;
  let all: () => void;
  const complete = new Promise<void>((resolve) => (all = resolve));
  return () => {
    come += 1;
    if (come === expected) all();
    return complete;
  };
}
