import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Database } from '../../storage/database.ts';
import { openPostgres } from '../../storage/open-postgres.ts';
import { startPostgres, type PostgresServer } from '../services/postgres.ts';

let server: PostgresServer;
let database: Database;
beforeAll(async () => {
  server = await startPostgres({ fsync: 'off' });
  database = await openPostgres(await server.createDatabase('urgent'), { connections: 6, onError: () => undefined });
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

const sleepSql = (seconds: number) => `select pg_sleep(${seconds})`;

it('runs an urgent statement while all other connections are busy', async () => {
  const order: string[] = [];
  const slow = Array.from({ length: 4 }, () => database.run('slow', sleepSql(2), []).then(() => order.push('slow')));
  await database.run('urgent', 'select 1', [], { urgent: true }).then(() => order.push('urgent'));
  await Promise.all(slow);

  expect(order).toEqual(['urgent', 'slow', 'slow', 'slow', 'slow']);
});

it('opens no more connections than it may', async () => {
  const many = [false, true].flatMap((urgent) =>
    Array.from({ length: 10 }, () => database.run(`sleep-${urgent}`, sleepSql(0.05), [], { urgent })),
  );
  await Promise.all(many);
  const sql = `select count(*)::int as count from pg_stat_activity where datname = 'urgent'`;

  expect(await database.run('connections', sql, [])).toEqual([{ count: 6 }]);
});

it.each([
  ['an urgent statement once', true, 'force_generic_plan'],
  ['any other each time', false, 'force_custom_plan'],
])('plans %s', async (_what, urgent, mode) => {
  const sql = `select current_setting('plan_cache_mode') as mode`;

  expect(await database.run(`mode-${urgent}`, sql, [], { urgent })).toEqual([{ mode }]);
});
