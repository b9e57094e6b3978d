import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  activateNewest,
  forgetProcess,
  listProcesses,
  type ProcessReport,
  readState,
  reportProcess,
  waitingFor,
} from '../../../server/publish/processes.ts';
import { recordSet } from '../../../server/publish/published-sets.ts';
import type { Database } from '../../../storage/database.ts';
import { processes, publishedSets } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  for (const table of [publishedSets, processes]) await database.orm.delete(table);
});

async function publish(text: string): Promise<number> {
  const content = { files: { 'sources.json': text }, activities: [] };
  return (await recordSet(database, { ...content, author: 'ana', note: 'x', action: 'publish' })).set.id;
}

const report = (id: string, changes: Partial<ProcessReport>): Promise<void> =>
  reportProcess(database, {
    ...{ id, kind: 'worker', name: `host:${id}`, version: '1', follows: 'published', serves: null },
    ...{ servesSince: new Date('2026-01-01T00:00:00Z'), ready: null, problem: null, notes: [] },
    ...changes,
  });

/** As if the process had been killed a minute ago. */
const silence = (id: string) =>
  database.run('test-silence', `update processes set seen_at = now() - interval '1 minute' where id = $1`, [id]);

const waits = async () => waitingFor(await readState(database), await listProcesses(database));

it('lets a set be served once every worker and every server that follows could serve it', async () => {
  const set = await publish('1');
  await report('s', { kind: 'server', ready: set });
  await report('a', { ready: set });
  await report('b', { problem: 'It has no activity points.add.' });
  expect(await activateNewest(database)).toBeNull();
  expect(await waits()).toBe(`Set ${set} waits for the worker host:b (It has no activity points.add.).`);
  await report('b', { ready: set });
  expect(await activateNewest(database)).toBe(set);
  expect(await waits()).toBeNull();
  expect(await activateNewest(database)).toBeNull();
});

it('waits for a worker if none is running', async () => {
  const set = await publish('1');
  await report('s', { kind: 'server', ready: set });
  expect(await activateNewest(database)).toBeNull();
  expect(await waits()).toBe(`Set ${set} waits for a worker: none is running.`);
});

it('waits for a worker that takes its definitions from its folder, but for no such server', async () => {
  const set = await publish('1');
  await report('s', { kind: 'server', follows: 'files' });
  await report('a', { ready: set });
  await report('f', { follows: 'files' });
  expect(await activateNewest(database)).toBeNull();
  await forgetProcess(database, 'f');
  expect(await activateNewest(database)).toBe(set);
});

it('does not wait for a process that has ended or is silent', async () => {
  const set = await publish('1');
  await report('a', { ready: set });
  await report('killed', {});
  await silence('killed');
  expect((await listProcesses(database)).map(({ id }) => id)).toEqual(['a']);
  expect(await activateNewest(database)).toBe(set);
});

it('passes over a set that was never active once there is a newer one', async () => {
  const first = await publish('1');
  await report('a', { ready: first, problem: null });
  const second = await publish('2');
  expect(await activateNewest(database)).toBeNull();
  await report('a', { ready: second });
  expect(await activateNewest(database)).toBe(second);
  expect(await readState(database)).toEqual({ newest: second, active: second, workersServe: false });
});

it('tells servers when all workers that follow serve the active set', async () => {
  const set = await publish('1');
  await report('a', { ready: set });
  await report('b', { ready: set });
  await activateNewest(database);
  await report('a', { ready: set, serves: set });
  expect(await readState(database)).toMatchObject({ active: set, workersServe: false });
  await report('b', { ready: set, serves: set });
  await report('late', { follows: 'files' });
  expect(await readState(database)).toMatchObject({ active: set, workersServe: true });
});
