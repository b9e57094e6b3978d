import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { shopActivities } from '../../../activities/shop/shop-activities.ts';

const folder = fileURLToPath(new URL('../../../activities/shop/', import.meta.url));

it('are written with what a project has: defineActivity, its errors, zod and Node', () => {
  const code = readdirSync(folder).map((file) => readFileSync(`${folder}${file}`, 'utf8'));
  const imported = code.flatMap((text) => [...text.matchAll(/from '([^']+)'/g)].map(([, name]) => name));
  const fromElsewhere = new Set(imported.filter((name) => !name?.startsWith('./')));
  expect([...fromElsewhere].sort()).toEqual([
    '../own/activity-errors.ts',
    '../own/define-activity.ts',
    'node:crypto',
    'zod',
  ]);
});

it('are of the kind database', () => {
  expect([...shopActivities].map(([name, { kind }]) => [name, kind])).toEqual([
    ['orders.create', 'database'],
    ['orders.cancel', 'database'],
    ['cashback.grant', 'database'],
  ]);
});
