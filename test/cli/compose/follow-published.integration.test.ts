import { readFile } from 'node:fs/promises';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { openPublished } from '../../../cli/compose/follow-published.ts';
import type { Config } from '../../../config.ts';
import { recordSet } from '../../../server/publish/published-sets.ts';
import type { Database } from '../../../storage/database.ts';
import { publishedSets } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

let database: Database;
beforeAll(async () => {
  database = await openTestDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.orm.delete(publishedSets).then(() => undefined));

const log = pino({ level: 'silent' });

async function configWith(text: string): Promise<Config> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'definitions/workflows'), { recursive: true });
  await writeFile(join(folder, 'definitions/workflows/paid.json'), text);
  const config = { home: join(folder, 'home'), definitions: join(folder, 'definitions'), definitionsFrom: 'published' };
  return config as Config; // The parts that are used.
}

const paid = (config: Config) => readFile(join(config.definitions, 'workflows/paid.json'), 'utf8');
const publish = (text: string) =>
  recordSet(database, { files: { 'workflows/paid.json': text }, author: 'ana', note: 'x', action: 'publish' });

it('serves the folder until something is published, and then what was published last, together with its id', async () => {
  const published = await openPublished(await configWith('folder'), database, log);
  onTestFinished(() => published.stop());
  expect(await paid(published.config)).toBe('folder');
  const reload = vi.fn(() => Promise.resolve());
  published.follow(reload);
  const { set } = await publish('first');
  await expect.poll(() => published.describe(), { timeout: 20_000 }).toEqual({ from: 'published', set, problem: null });
  expect(await paid(published.config)).toBe('first');
  expect(reload).toHaveBeenCalledTimes(1);
});

it('begins with the latest set', async () => {
  await publish('first');
  const { set } = await publish('second');
  const published = await openPublished(await configWith('folder'), database, log);
  expect(await paid(published.config)).toBe('second');
  expect(published.describe()).toEqual({ from: 'published', set, problem: null });
});

it('keeps the set before one that cannot be served, says why, and tries again', async () => {
  const first = await publish('first');
  const published = await openPublished(await configWith('folder'), database, log);
  onTestFinished(() => published.stop());
  const reload = vi.fn(() => Promise.resolve()).mockRejectedValueOnce(new Error('no space'));
  published.follow(reload);
  const second = await publish('second');
  await expect
    .poll(() => published.describe(), { timeout: 20_000, interval: 20 })
    .toEqual({ from: 'published', set: first.set, problem: 'no space' });
  await expect
    .poll(() => published.describe(), { timeout: 20_000 })
    .toEqual({ from: 'published', set: second.set, problem: null });
});
