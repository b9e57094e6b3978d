import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { PermanentError } from '../../activities/own/activity-errors.ts';
import { defineActivity } from '../../activities/own/define-activity.ts';

/** The activities of a shop that gives points. */
export const addPoints = defineActivity({
  name: 'points.add',
  title: 'Add points',
  kind: 'database',
  input: z.strictObject({ customer: z.string(), points: z.int() }),
  output: z.object({ total: z.int(), note: z.string().optional() }),
  async run({ customer, points }, { sql, event }) {
    if (points > 1_000) throw new PermanentError('TooMany', 'nobody gets so many points');
    await sql`insert into ledger (customer, points, event) values (${customer}, ${points}, ${event.id})`;
    const [row] = await sql<{ total: number }>`select sum(points) as total from ledger where customer = ${customer}`;
    return { total: row?.total ?? 0 };
  },
});

export const takePoints = defineActivity({
  name: 'points.take',
  title: 'Take points back',
  kind: 'database',
  input: z.strictObject({ customer: z.string(), points: z.int() }),
  output: z.object({}),
  async run({ customer, points }, { sql }) {
    await sql`insert into ledger (customer, points, event) values (${customer}, ${-points}, 'undo')`;
    return {};
  },
});

const files: Record<string, string> = {
  'migrations/0001_ledger.sql': `create table ledger (
  id bigint generated always as identity primary key,
  customer text not null, points int not null, doubled int generated always as (points * 2) stored, event text not null);
insert into ledger (customer, points, event) values ('budi', 7, 'opening');\n`,
  'definitions/workflows/points.json': JSON.stringify({
    name: 'points',
    on: { event: 'payment.succeeded', if: { '>': [{ var: 'event.payment.amount' }, 0] } },
    steps: [
      {
        id: 'add',
        call: 'points.add',
        with: { customer: '{{event.payment.orderId}}', points: { '/': [{ var: 'event.payment.amount' }, 100_000] } },
        undo: { call: 'points.take', with: { customer: '{{event.payment.orderId}}', points: '{{steps.add.total}}' } },
      },
      {
        id: 'tell',
        http: 'https://crm.example/points',
        body: { total: '{{steps.add.total}}' },
      },
    ],
    output: { total: '{{steps.add.total}}' },
  }),
};

/** Writes the shop's migrations and its definition into a folder. */
export async function writePointsProject(folder: string): Promise<{ migrations: string; definition: string }> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return {
    migrations: join(folder, 'migrations'),
    definition: join(folder, 'definitions', 'workflows', 'points.json'),
  };
}
