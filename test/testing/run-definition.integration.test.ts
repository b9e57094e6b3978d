import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { runDefinition } from '../../testing/run-definition.ts';
import { sharedTemporaryFolder } from '../temporary-folder.ts';
import { addPoints, takePoints, writePointsProject } from './points-project.ts';

const folder = sharedTemporaryFolder();
let project: Awaited<ReturnType<typeof writePointsProject>>;
beforeAll(async () => {
  project = await writePointsProject(folder.path);
});
const activities = [addPoints, takePoints];
const paid = (amount: number) => ({ payment: { orderId: 'sari', amount } });

it('runs a definition whose database activities are real', async () => {
  const run = await runDefinition(project.definition, { ...project, activities, event: paid(500_000) });
  expect(run).toMatchObject({ status: 'completed', output: { total: 5 }, outputs: { add: { total: 5 } } });
  expect(run.outputs.add).toEqual({ total: 5 });
  expect(await run.sql`select customer, points from ledger where id > 1`).toEqual([{ customer: 'sari', points: 5 }]);
});

it('undoes what real activities did', async () => {
  const mocks = { tell: { error: { type: 'ResponseRefused', message: 'no' } } };
  const run = await runDefinition(project.definition, { ...project, activities, mocks, event: paid(500_000) });
  expect(run).toMatchObject({
    status: 'failed',
    error: { type: 'ResponseRefused', step: 'tell' },
    undone: [{ path: 'add', ok: true }],
  });
  expect(await run.sql`select points from ledger where customer = 'sari' order by id`).toEqual([
    { points: 5 },
    { points: -5 },
  ]);
});

it('lets a mock take the place of a real activity', async () => {
  const run = await runDefinition(project.definition, {
    ...project,
    activities,
    mocks: { add: { total: 99 } },
    event: paid(500_000),
  });
  expect(run.output).toEqual({ total: 99 });
  expect(await run.sql`select points from ledger where customer = 'sari'`).toEqual([]);
});

it('fails as the real activity does', async () => {
  const run = await runDefinition(project.definition, { ...project, activities, event: paid(200_000_000) });
  expect(run).toMatchObject({ status: 'failed', error: { type: 'TooMany', step: 'add' }, undone: [] });
});

it('says why an event starts no run', async () => {
  const run = await runDefinition(project.definition, { ...project, activities, event: paid(0) });
  expect(run).toMatchObject({
    status: 'untriggered',
    because: expect.stringContaining('event.payment.amount (0) > 0') as string,
    trace: [],
  });
});

it('refuses a definition with a mistake, and shows it', async () => {
  const file = join(folder.path, 'definitions', 'workflows', 'faulty.json');
  await writeFile(
    file,
    JSON.stringify({ name: 'faulty', on: { event: 'payment.succeeded' }, steps: [{ id: 'a', call: 'points.ad' }] }),
  );
  await expect(runDefinition(file, { ...project, activities })).rejects.toMatchObject({
    code: 'KAIT_DEFINITIONS_INVALID',
    message: expect.stringContaining('points.ad') as string,
  });
});
