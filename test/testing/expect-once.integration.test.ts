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

it('refuses the `sql` of the test within an activity, where it would wait forever', async () => {
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
  // @ts-expect-error The input has the types of its schema.
  await expect(expectOnce(addPoints, { customer: 'sari' }, { migrations })).rejects.toMatchObject({
    type: 'InputInvalid',
  });
});

/** An activity that tells a CRM, with a header or a path of its own. */
const tellCrm = (own: () => { path?: string; headers?: Record<string, string>; body?: string } = () => ({})) =>
  defineActivity({
    ...{ name: 'crm.tell', title: 'Tell', kind: 'network' },
    ...{ input: z.strictObject({ text: z.string() }), output: z.object({ id: z.int() }) },
    async run({ text }, { fetch, secret }) {
      const { path = '/notes', headers = {}, body = text } = own();
      await fetch('https://crm.example/customers/1');
      const answer = await fetch(`https://crm.example${path}`, {
        ...{ method: 'POST', body },
        headers: { authorization: secret('KAIT_SECRET_CRM'), ...headers },
      });
      return (await answer.json()) as { id: number };
    },
  });
const network = (receive: () => void = () => undefined) => ({
  migrations,
  secrets: { KAIT_SECRET_CRM: 'sk-4711-0815' },
  receivers: {
    'https://crm.example': ({ method }: { method: string }) => {
      receive();
      return method === 'GET' ? { body: {} } : { status: 201, body: { id: 7 } };
    },
  },
});

it('passes a network activity that sends the same key again, so that the receiver has one effect', async () => {
  let reached = 0;
  const { output, requests } = await expectOnce(
    tellCrm(),
    { text: 'hello' },
    network(() => (reached += 1)),
  );
  const id: number = output.id; // The output has the types of its schema.
  expect(id).toBe(7);
  expect(reached).toBe(2);
  expect(requests).toMatchObject([
    { method: 'GET', url: 'https://crm.example/customers/1' },
    {
      ...{ method: 'POST', url: 'https://crm.example/notes', body: 'hello' },
      headers: { authorization: 'sk-4711-0815' },
      key: expect.stringMatching(/^req_[0-9a-f]{32}$/) as string,
    },
  ]);
});

it('says that a network activity repeats its effect under another key', async () => {
  let attempts = 0;
  const message =
    'crm.tell: a repeat has sent POST https://crm.example/notes under another Idempotency-Key, so that the receiver would do it again.';
  const own = () => ({ headers: { 'idempotency-key': `attempt ${(attempts += 1)}` } });
  const failure = await failureOf(expectOnce(tellCrm(own), { text: 'hello' }, network()));
  expect(failure).toBeInstanceOf(AssertionError);
  expect((failure as Error).message).toContain(message);
});

it('says that a network activity sends something else under the same key', async () => {
  let attempts = 0;
  const own = () => ({ body: `attempt ${(attempts += 1)}` });
  expect(await failureOf(expectOnce(tellCrm(own), { text: 'hello' }, network()))).toMatchObject({
    name: 'AssertionError',
    message:
      'crm.tell: a repeat has sent POST https://crm.example/notes with another body under the same key: "attempt 1" and "attempt 2"',
  });
});

it('rejects with the failure of a network activity whose receiver is not there', async () => {
  const { migrations, secrets } = network();
  await expect(expectOnce(tellCrm(), { text: 'hello' }, { migrations, secrets })).rejects.toMatchObject({
    type: 'ReceiverUnavailable',
  });
});

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}
