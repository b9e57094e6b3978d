import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { createCatalogue } from '../../../activities/catalogue.ts';
import { openPublished, type Published } from '../../../cli/compose/follow-published.ts';
import type { Config } from '../../../config.ts';
import { listProcesses, readState, waitingFor } from '../../../server/publish/processes.ts';
import { recordSet } from '../../../server/publish/published-sets.ts';
import type { Database } from '../../../storage/database.ts';
import { processes, publishedSets, type SetActivity } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(async () => {
  for (const table of [publishedSets, processes]) await database.orm.delete(table);
});

const log = pino({ level: 'silent' });
const sources = '{ "stripe": { "gateway": "stripe", "secrets": ["STRIPE_WEBHOOK_SECRET"] } }';
const definition = (version: string, call?: string) =>
  JSON.stringify({
    ...{ name: 'paid', on: { event: 'payment.succeeded' } },
    steps: [call === undefined ? { id: version, set: { a: 1 } } : { id: version, call }],
  });

interface Started {
  published: Published;
  reload: ReturnType<typeof vi.fn<() => Promise<void>>>;
}

async function start(
  kind: 'server' | 'worker',
  { follows = 'published', described = [] }: { follows?: Config['definitionsFrom']; described?: SetActivity[] } = {},
): Promise<Started> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'definitions/workflows'), { recursive: true });
  await writeFile(join(folder, 'definitions/workflows/paid.json'), definition('folder'));
  await writeFile(join(folder, 'definitions/sources.json'), sources);
  const config = { home: join(folder, 'home'), definitions: join(folder, 'definitions'), definitionsFrom: follows };
  const published = await openPublished({
    ...{ config: config as Config, database, log, kind, described }, // The parts that are used.
    activities: { catalogue: createCatalogue() },
  });
  onTestFinished(() => published.stop());
  return { published, reload: vi.fn(() => Promise.resolve()) };
}

async function following(...asked: Parameters<typeof start>): Promise<Started> {
  const started = await start(...asked);
  started.published.follow(started.reload);
  return started;
}

async function stepOf({ published }: Started): Promise<string | undefined> {
  const text = await readFile(join(published.config.definitions, 'workflows/paid.json'), 'utf8');
  return (JSON.parse(text) as { steps: { id: string }[] }).steps[0]?.id;
}

async function publish(text: string, activities: SetActivity[] = []): Promise<number> {
  const content = { files: { 'workflows/paid.json': text, 'sources.json': sources }, activities };
  return (await recordSet(database, { ...content, author: 'ana', note: 'x', action: 'publish' })).set.id;
}

const waits = async () => waitingFor(await readState(database), await listProcesses(database));
const servedBy = ({ published }: Started) => published.describe().set?.id ?? null;

it('serves the folder until something is published, and then the same set in servers and workers', async () => {
  const all = [await following('server'), await following('worker'), await following('worker')];
  expect(await Promise.all(all.map(stepOf))).toEqual(['folder', 'folder', 'folder']);
  const set = await publish(definition('first'));
  await expect.poll(() => all.map(servedBy)).toEqual([set, set, set]);
  expect(await Promise.all(all.map(stepOf))).toEqual(['first', 'first', 'first']);
  expect(all.map(({ reload }) => reload.mock.calls.length)).toEqual([1, 1, 1]);
});

it('has the workers serve a set before the server', async () => {
  const [server, worker] = [await following('server'), await following('worker')];
  let serverServed: number | null = -1;
  worker.reload.mockImplementation(() => {
    serverServed = servedBy(server);
    return Promise.resolve();
  });
  let workerServed: number | null = -1;
  server.reload.mockImplementation(() => {
    workerServed = servedBy(worker);
    return Promise.resolve();
  });
  const set = await publish(definition('first'));
  await expect.poll(() => servedBy(server)).toBe(set);
  expect([serverServed, workerServed]).toEqual([null, set]);
});

it('has nobody serve a set that one worker cannot, until that worker is gone', async () => {
  const [server, worker] = [await following('server'), await following('worker')];
  const old = await following('worker', { follows: 'files' });
  const set = await publish(definition('first'));
  await expect.poll(waits).toMatch(/^Set \d+ waits for the worker \S+ \(It takes the definitions from its own folder/);
  expect([servedBy(server), servedBy(worker)]).toEqual([null, null]);
  await old.published.stop();
  await expect.poll(() => [servedBy(server), servedBy(worker)]).toEqual([set, set]);
});

it('keeps the set before one that has a mistake here, says why, and serves the next', async () => {
  const [server, worker] = [await following('server'), await following('worker')];
  const first = await publish(definition('first'));
  await expect.poll(() => servedBy(server)).toBe(first);
  await publish(definition('second', 'points.add'));
  await expect.poll(() => worker.published.describe().problem).toContain('Unknown activity "points.add"');
  await expect.poll(waits).toContain('Unknown activity "points.add"');
  expect([servedBy(server), servedBy(worker), await stepOf(worker)]).toEqual([first, first, 'first']);
  const third = await publish(definition('third'));
  await expect.poll(() => [servedBy(server), servedBy(worker)]).toEqual([third, third]);
  expect(worker.published.describe().problem).toBeNull();
});

it('begins with the set that was served last, and not with one that waits', async () => {
  const [server, worker] = [await following('server'), await following('worker')];
  const first = await publish(definition('first'));
  await expect.poll(() => servedBy(server)).toBe(first);
  await server.published.stop();
  await worker.published.stop();
  await publish(definition('second'));
  const later = await start('server');
  expect([servedBy(later), await stepOf(later)]).toEqual([first, 'first']);
});

it('keeps the set before one whose reload fails, says why, and tries again', async () => {
  await following('server');
  const worker = await following('worker');
  const first = await publish(definition('first'));
  await expect.poll(() => servedBy(worker)).toBe(first);
  let isFull = true;
  worker.reload.mockImplementation(() => (isFull ? Promise.reject(new Error('no space')) : Promise.resolve()));
  const second = await publish(definition('second'));
  await expect.poll(() => worker.published.describe().problem).toBe('no space');
  expect([servedBy(worker), await stepOf(worker)]).toEqual([first, 'first']);
  isFull = false;
  await expect.poll(() => worker.published.describe()).toMatchObject({ set: { id: second }, problem: null });
});

const points = (changes: Partial<SetActivity> = {}): SetActivity => ({
  ...{ name: 'orders.create', kind: 'network', digest: '1'.repeat(64), input: {}, output: {} },
  ...changes,
});

it.each([
  [
    [points({ digest: '2'.repeat(64) })],
    'Its activity orders.create has other code than the one that the set was made for.',
  ],
  [
    [points({ input: { type: 'object' } })],
    'Its activity orders.create has another input or output than the one that the set was made for.',
  ],
  [[], 'It has no activity orders.create.'],
])('serves a set that was made for other activities, and says so', async (described, note) => {
  const worker = await following('worker', { described });
  await following('server', { described: [points()] });
  const set = await publish(definition('first'), [points()]);
  await expect.poll(() => servedBy(worker)).toBe(set);
  const listed = (await listProcesses(database)).map(({ kind, notes, problem }) => ({ kind, notes, problem }));
  expect(listed).toEqual([
    { kind: 'server', notes: [], problem: null },
    { kind: 'worker', notes: [note], problem: null },
  ]);
});

it('does not serve a set that calls an activity of another kind than here', async () => {
  const worker = await following('worker', { described: [points({ name: 'mail.send', kind: 'database' })] });
  const call = definition('first').replace(
    '"set":{"a":1}',
    '"call":"mail.send","with":{"to":"a@b.example","template":"receipt"}',
  );
  await publish(call, [points({ name: 'mail.send' })]);
  await expect
    .poll(() => worker.published.describe().problem)
    .toBe('Its activity mail.send is of the kind database, and the set was made for network.');
});
