/** An activity of one's own with its table and its test, by their paths in the project. */
export const exampleActivity: Record<string, string> = {
  'activities/points.ts': `import { defineActivity, z } from 'kait';

/**
 * Adds points to what a customer has. A step of a definition calls it:
 * { "id": "points", "call": "points.add", "with": { "customer": "{{event.payment.customer.email}}", "points": 5 } }
 */
export default defineActivity({
  name: 'points.add',
  title: 'Add points',
  // \`sql\` is a transaction that also keeps the result, so a repeat after a crash adds nothing.
  kind: 'database',
  input: z.strictObject({
    customer: z.string().min(1).max(200),
    points: z.int().min(1).max(1_000_000),
  }),
  output: z.object({ total: z.int() }),
  async run({ customer, points }, { sql }) {
    await sql\`insert into points (customer, points) values (\${customer}, \${points})\`;
    const [row] = await sql<{ total: number }>\`
      select sum(points)::int as total from points where customer = \${customer}\`;
    return { total: row?.total ?? 0 };
  },
});
`,
  'activities/points.test.ts': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectOnce } from 'kait/testing';
import addPoints from './points.ts';

test('adds points once, although attempts fail and are repeated', async () => {
  const { output, sql } = await expectOnce(addPoints, { customer: 'ana', points: 5 });
  assert.deepEqual(output, { total: 5 });
  assert.deepEqual(await sql\`select customer, points from points\`, [{ customer: 'ana', points: 5 }]);
});
`,
  'migrations/0001_points.sql': `create table points (
  id bigint generated always as identity primary key,
  customer text not null,
  points integer not null,
  added_at timestamptz not null default now()
);

create index points_of_customer on points (customer);
`,
  'tsconfig.json': `{
  "compilerOptions": {
    "target": "ES2022",
    "module": "NodeNext",
    "strict": true,
    "noEmit": true,
    "allowImportingTsExtensions": true,
    "verbatimModuleSyntax": true,
    "skipLibCheck": true,
    "types": ["node"]
  },
  "include": ["activities"]
}
`,
};
