import { expect, it } from 'vitest';
import type { RunReading } from '../../../server/runs/read-run.ts';
import { beginning, changesSince, type RunChange } from '../../../server/runs/run-changes.ts';
import { details, step } from '../../cli/runs/sample-run.ts';

const now = '2026-01-01T00:10:00.000Z';
const reading = (more: Partial<RunReading> = {}): RunReading => ({
  ...{ temporal: 'known', status: 'RUNNING', definition: 'order', startedAt: null, closedAt: null, historyLength: 5 },
  ...{ calls: [], details: details(), missing: null, result: null, failure: null },
  ...more,
});
const brief = ({ kind, step: id, status, text }: RunChange) =>
  [kind, id, status, text].filter((each) => each !== null).join(' ');
const told = (before = beginning, next: Partial<RunReading> = {}) => {
  const { changes, position } = changesSince(before, reading(next), now);
  return { told: changes.map(brief), position };
};

const order = step('order');
const pay = step('pay', { status: 'running', startedAt: '2026-01-01T00:00:01.000Z', endedAt: null });

it('tells what has happened so far, and then only what is new', () => {
  const first = told(beginning, { details: details({ steps: [order, pay, step('late', { status: 'pending' })] }) });
  expect(first.told).toEqual(['step order done', 'step pay running']);
  const again = told(first.position, {
    details: details({ steps: [order, pay, step('late', { status: 'pending' })] }),
  });
  expect(again.told).toEqual([]);
  const parked = step('pay', { status: 'parked', endedAt: null, error: 'down' });
  expect(told(again.position, { details: details({ steps: [order, parked] }) }).told).toEqual(['step pay parked down']);
});

it('tells each further attempt once, and a question, a pause and its end', () => {
  const call = {
    ...{ key: 'pay', activity: 'a', attempt: 2, mostAttempts: null, startedAt: null },
    ...{ nextAttemptAt: '2026-01-01T01:00:00.000Z', lastFailure: 'down' },
  };
  const paused = { by: 'ana', reason: 'to look', at: now };
  const first = told(beginning, { calls: [call], details: details({ asking: ['ok'], paused }) });
  expect(first.told.sort()).toEqual([
    'asks ok waits for an answer',
    'attempt pay attempt 2, at 2026-01-01T01:00:00.000Z: down',
    'paused by ana: to look',
  ]);
  expect(told(first.position, { calls: [call], details: details({ asking: ['ok'] }) }).told).toEqual(['resumed']);
});

it('says once that nothing is known, and forgets nothing meanwhile', () => {
  const { position } = told(beginning, { details: details({ steps: [order] }) });
  const away = told(position, { details: null, missing: 'No worker answers.' });
  expect(away.told).toEqual(['missing No worker answers.']);
  expect(told(away.position, { details: null, missing: 'No worker answers.' }).told).toEqual([]);
  expect(told(away.position, { details: details({ steps: [order, pay] }) }).told).toEqual(['step pay running']);
});

it.each<[string, Partial<RunReading>, string]>([
  ['completed', { status: 'COMPLETED', closedAt: now }, 'end COMPLETED'],
  [
    'failed',
    { status: 'FAILED', closedAt: now, failure: { type: 'CardDeclined', message: 'no' } },
    'end FAILED CardDeclined: no',
  ],
  ['is gone', { temporal: 'gone', status: null }, 'end UNKNOWN'],
])('ends when the run %s', (_what, next, expected) => {
  expect(told(beginning, next).told).toEqual([expected]);
});

it('tells of a branch that was skipped once, and keeps positions small', () => {
  const inside = [step('a', { status: 'skipped' }), step('b', { status: 'skipped' })];
  const outer = step('outer', { status: 'skipped', branches: [{ label: 'then', steps: inside }] });
  expect(told(beginning, { details: details({ steps: [outer] }) }).told).toEqual(['step outer skipped']);
  const many = Array.from({ length: 5_000 }, (_, index) => step(`step-${index}`));
  const { position } = told(beginning, { details: details({ steps: many }) });
  expect(JSON.stringify(position).length).toBeLessThan(2_000);
});
