import { getTableName, is } from 'drizzle-orm';
import { PgTable } from 'drizzle-orm/pg-core';
import { expect, it } from 'vitest';
import { retentionRules } from '../../storage/retention.ts';
import { retentionTables } from '../../storage/retention-subjects.ts';
import * as schema from '../../storage/schema.ts';

const rules = retentionRules([{ source: 'stripe', keepBodiesMs: 1_000, keepEventsMs: null }]);

/** OPERATIONS.md says why. */
const keptForever = [
  ...['api_keys', 'approval_requests', 'approvals', 'audit', 'cashback_entries', 'definition_children', 'definitions'],
  ...['endpoints', 'installation', 'orders', 'portal_tenants', 'project_migrations', 'rescues', 'runs'],
  ...['served_definitions', 'turn_rules', 'wait_shapes'],
];

it('knows for every table what it loses some time, or that it loses nothing', () => {
  const tables = Object.values(schema).flatMap((each: unknown) => (is(each, PgTable) ? [getTableName(each)] : []));
  const told = [...new Set(rules.flatMap((rule) => [...rule.tables]))];
  expect([...told, ...keptForever].sort()).toEqual(tables.sort());
});

it('has a rule for every subject', () => {
  expect([...new Set(rules.map(({ subject }) => subject))].sort()).toEqual(Object.keys(retentionTables).sort());
});

it('tells what stays until Temporal has forgotten a run', () => {
  expect(rules.filter(({ untilForgotten }) => untilForgotten)).toEqual([
    { subject: 'payloads', source: null, keepMs: 0, atMost: null, untilForgotten: true, tables: ['payloads'] },
    {
      ...{ subject: 'activity-results', source: null, keepMs: 7_776_000_000, atMost: null, untilForgotten: true },
      tables: ['activity_results'],
    },
  ]);
});
