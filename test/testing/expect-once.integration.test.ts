import { AssertionError } from 'node:assert';
import { beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { defineActivity } from '../../activities/own/define-activity.ts';
import type { Sql } from '../../activities/own/sql.ts';
import { expectOnce } from '../../testing/expect-once.ts';
import { testDatabase } from '../../testing/test-database.ts';
import { sharedTemporaryFolder } from '../temporary-folder.ts';
import { addPoints, writePointsProject } from './points-project.ts';

const folder = sharedTemporaryFolder();
let migrations: string;
beforeAll(async () => {
  ({ migrations } = await writePointsProject(folder.path));
});

const points = { customer: 'sari', points: 5 };
/** An activity that does what a test wants. */
const activityOf = (run: (sql: Sql) => Promise<{ n: number }>) =>
  defineActivity({
    name: 'odd.one',
    title: 'Odd',
    kind: 'database',
    input: z.strictObject({}),
    output: z.object({ n: z.number() }),
    run: (_input, { sql }) => run(sql),
  });

it('passes an activity with one effect, and lets the test look at it', async () => {
  const { output, sql } = await expectOnce(addPoints, points, { migrations, event: { id: 'evt_7' } });
  expect(output).toEqual({ total: 5 });
  expect(await sql`select customer, points, event from ledger order by id`).toEqual([
    { customer: 'budi', points: 7, event: 'opening' },
    { customer: 'sari', points: 5, event: 'evt_7' },
  ]);
});

it('begins with the tables as the migrations have left them, and what the test prepares', async () => {
  const prepare = (sql: Sql) => sql`insert into ledger (customer, points, event) values ('sari', 10, 'before')`;
  const first = await expectOnce(addPoints, points, { migrations, prepare });
  const second = await expectOnce(addPoints, points, { migrations, prepare });
  expect([first.output, second.output]).toEqual([{ total: 15 }, { total: 15 }]);
  expect(await second.sql`select count(*) as rows, max(id) as last from ledger`).toEqual([{ rows: 3, last: 4 }]);
});

const leftBehind =
  'odd.one: an attempt that failed after its effect has left something behind. Whatever an activity of the kind database does must be done by its `sql`.';

it('says what an attempt has left behind outside of the database', async () => {
  let calls = 0;
  const leaky = activityOf(() => Promise.resolve({ n: (calls += 1) }));
  const failure = await failureOf(expectOnce(leaky, {}, { migrations, effects: () => Promise.resolve(calls) }));
  expect(failure).toBeInstanceOf(AssertionError);
  expect(failure).toMatchObject({ message: `${leftBehind}\neffects: 0 became 1`, operator: 'expectOnce' });
});

it('says which rows an attempt has left behind outside of its transaction', async () => {
  const { database } = await testDatabase(migrations);
  const leaky = activityOf(() => {
    void database.run('leak', `insert into project.ledger (customer, points, event) values ('joko', 1, 'leak')`, []);
    return Promise.resolve({ n: 1 });
  });
  const failure = await failureOf(expectOnce(leaky, {}, { migrations }));
  expect(failure).toMatchObject({
    message: `${leftBehind}\ntable ledger, 1 rows before and 2 after:\n  + (2,joko,1,2,leak)`,
  });
});

it('refuses the `sql` of the test within an activity, where it would wait for ever', async () => {
  const { sql } = await expectOnce(addPoints, points, { migrations });
  const nested = activityOf(async () => {
    const [row] = await sql<{ n: number }>`select 1 as n`;
    return { n: row!.n };
  });
  await expect(expectOnce(nested, {}, { migrations })).rejects.toThrow('This `sql` is for before and after.');
});

it('rejects with the failure of the activity itself', async () => {
  await expect(expectOnce(addPoints, { customer: 'sari', points: 1_001 }, { migrations })).rejects.toMatchObject({
    type: 'TooMany',
    nonRetryable: true,
    message: 'points.add: nobody gets so many points',
  });
  await expect(expectOnce(addPoints, { customer: 'sari' }, { migrations })).rejects.toMatchObject({
    type: 'InputInvalid',
  });
});

it('is not for activities whose effect is elsewhere', async () => {
  const network = defineActivity({
    ...{ name: 'crm.tell', title: 'Tell', kind: 'network', input: z.strictObject({}), output: z.object({}) },
    run: () => ({}),
  });
  await expect(expectOnce(network, {}, { migrations })).rejects.toThrow(
    new TypeError('crm.tell is of the kind network. Only the receiver knows whether its effect happens once'),
  );
});

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
