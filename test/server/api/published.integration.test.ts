import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { publishSet } from '../../../server/publish/publish-set.ts';
import { readSet } from '../../../server/publish/published-sets.ts';
import type { Surroundings } from '../../../server/publish/surroundings.ts';
import type { Database } from '../../../storage/database.ts';
import { audit, publishedSets } from '../../../storage/schema.ts';
import { openTestDatabase } from '../../services/open-test-database.ts';
import { type Asked, openApi, problem } from './api-fixture.ts';

const nothing: Surroundings = {
  ...{ activities: {}, mailTemplates: new Map(), eventTypes: undefined, secrets: new Map() },
  ...{ sources: new Map(), presets: new Map() },
};

// oxlint-disable-next-line typescript/require-await
async function* noPages(): AsyncGenerator<string[]> {
  yield [];
}

let database: Database;
let mistakes: string[];
let missing: string[];
let from: 'files' | 'published';
let ask: (asked: Asked) => Promise<{ status: number; body: unknown }>;
let set: number;

beforeAll(async () => {
  database = await openTestDatabase();
  ask = openApi({
    database,
    definitionsFrom: () => from,
    publish: (request) =>
      publishSet(
        {
          database,
          openRuns: () => ({ pages: noPages(), count: () => Promise.resolve(0) }),
          open: () => Promise.resolve({ mistakes, missing, surroundings: nothing }),
          current: () => Promise.resolve(nothing),
          now: () => 0,
        },
        request,
      ),
  });
});
afterAll(() => database.close());
beforeEach(async () => {
  for (const table of [publishedSets, audit]) await database.orm.delete(table);
  [mistakes, missing, from] = [[], [], 'published'];
  const files = { 'workflows/paid.json': '{ "name": "paid" }', 'sources.json': '{}' };
  const answer = await post('/published', { files, note: 'the first' });
  ({ id: set } = (answer.body as { set: { id: number } }).set);
});

it('replaces only the set that it names, and says what to do if another one is the newest', async () => {
  const files = { 'workflows/paid.json': '{}', 'sources.json': '{}' };
  const { body } = await post('/published', { files, from: set, note: 'the second' });
  const { id } = (body as { set: { id: number } }).set;
  const detail = `This was to replace set ${set}. Meanwhile admin token has published set ${id}: the second. Nothing was published. Take over what set ${id} changes, and publish from ${id}.`;
  expect(await post('/published', { rollback: set, from: set, note: 'late', force: true })).toEqual({
    status: 409,
    body: problem(409, 'outdated-set', detail),
  });
});

const post = (path: string, body: unknown) =>
  ask({
    method: 'POST',
    url: `/api/v1${path}`,
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
const change = (files: unknown, more: object = {}, of: number | string = set) =>
  post(`/published/${of}/files`, { files, note: 'reminders after a day', by: 'ana', ...more });
const newest = async () => (await readSet(database, 'newest'))?.id;

describe('a published set by the API', () => {
  it('is told with its files', async () => {
    expect(await ask({ url: `/api/v1/published/${set}` })).toMatchObject({
      status: 200,
      body: {
        ...{ id: set, author: 'admin token', note: 'the first', activeAt: null },
        files: { 'workflows/paid.json': '{ "name": "paid" }', 'sources.json': '{}' },
      },
    });
  });

  it.each([
    ['999999', 404],
    ['newest', 400],
    ['1e3', 400],
    ['-1', 400],
  ])('is not there as %s', async (name, status) => {
    expect(await ask({ url: `/api/v1/published/${name}` })).toMatchObject({ status });
  });
});

describe('changing files of the newest set', () => {
  it('publishes them as a new set, in the name of who asked', async () => {
    const changed = await change({ 'workflows/paid.json': '{ "name": "paid", "steps": [] }' });
    expect(changed).toMatchObject({ status: 200, body: { published: true, problems: [] } });
    expect(await readSet(database, 'newest')).toMatchObject({
      files: { 'workflows/paid.json': '{ "name": "paid", "steps": [] }', 'sources.json': '{}' },
    });
    expect((await database.orm.select().from(audit)).at(-1)).toMatchObject({
      ...{ actor: 'ana (admin token)', action: 'publish', reason: 'reminders after a day' },
    });
  });

  it('says that somebody else was faster, and what to do', async () => {
    const { body } = await change({ 'workflows/other.json': '{}' });
    const { id } = (body as { set: { id: number } }).set;
    const detail = `This was written for set ${set}. Meanwhile ana (admin token) has published set ${id}. Look at what is published now, and make your change in that.`;
    expect(await change({ 'workflows/paid.json': '{}' })).toEqual({
      status: 409,
      body: problem(409, 'outdated-set', detail),
    });
    expect(await newest()).toBe(id);
  });

  it('takes one of two that come at the same time', async () => {
    const both = await Promise.all(['1', '2'].map((text) => change({ 'workflows/paid.json': text })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  });

  it('passes on what the checker says', async () => {
    mistakes = ['workflows/paid.json:1:3 KAIT1102 "steps" is required.'];
    const answer = await change({ 'workflows/paid.json': '{}' }, { force: true });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'KAIT_SET_INVALID', detail: expect.stringContaining('workflows/paid.json:1:3 KAIT1102') },
    });
    expect(await newest()).toBe(set);
  });

  it('publishes nothing that runs under way cannot go on with, unless it is forced', async () => {
    missing = ['The source "stripe" needs STRIPE_WEBHOOK_SECRET, which this server does not have.'];
    const files = { 'workflows/paid.json': '{}' };
    expect(await change(files)).toMatchObject({ status: 200, body: { published: false, problems: missing } });
    expect(await newest()).toBe(set);
    expect(await change(files, { force: true })).toMatchObject({ body: { published: true, problems: missing } });
  });

  it('publishes nothing again that is the same', async () => {
    const answer = await change({ 'sources.json': '{}' });
    expect(answer).toMatchObject({ status: 200, body: { published: false, set: { id: set }, problems: [] } });
  });

  it('is refused by a server that serves its folder', async () => {
    from = 'files';
    expect(await change({ 'workflows/paid.json': '{}' })).toMatchObject({
      status: 409,
      body: { code: 'definitions-from-folder', detail: expect.stringContaining('KAIT_DEFINITIONS_FROM=published') },
    });
  });

  it.each<[string, unknown, object, number, string]>([
    ['no file', {}, {}, 400, 'invalid-request'],
    [
      'more than 20 files',
      Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`mails/m${at}.json`, ''])),
      {},
      400,
      'invalid-request',
    ],
    ['a file that is no text', { 'workflows/paid.json': { name: 'paid' } }, {}, 400, 'invalid-request'],
    ['a list of files', ['workflows/paid.json'], {}, 400, 'invalid-request'],
    ['no note', { 'workflows/paid.json': '{}' }, { note: ' ' }, 400, 'invalid-request'],
    ['a path out of the folder', { '../../etc/cron.json': '{}' }, { force: true }, 400, 'KAIT_SET_INVALID'],
    ['a path with slashes', { 'workflows/a/b.json': '{}' }, { force: true }, 400, 'KAIT_SET_INVALID'],
    ['a program', { 'activities/pay.ts': '' }, { force: true }, 400, 'KAIT_SET_INVALID'],
    ['the name of what every object has', { constructor: '{}' }, { force: true }, 400, 'KAIT_SET_INVALID'],
    ['half a character', { 'workflows/paid.json': '"\ud800"' }, { force: true }, 400, 'KAIT_SET_INVALID'],
    ['more than a set may hold', { 'workflows/paid.json': ' '.repeat(5 * 2 ** 20) }, {}, 400, 'KAIT_SET_INVALID'],
    ['more than a request may hold', { 'workflows/paid.json': ' '.repeat(9 * 2 ** 20) }, {}, 413, 'invalid-request'],
  ])('is refused with %s', async (_what, files, more, status, code) => {
    expect(await change(files, more)).toMatchObject({ status, body: { code } });
    expect(await newest()).toBe(set);
  });

  it('is refused with the key __proto__, wherever it stands', async () => {
    const text = '{ "files": { "__proto__": "{}", "workflows/paid.json": "{}" }, "note": "x" }';
    expect(await post(`/published/${set}/files`, text)).toMatchObject({ status: 400 });
    expect(await newest()).toBe(set);
  });

  it('knows no set that was never published', async () => {
    expect(await change({ 'workflows/paid.json': '{}' }, {}, 999_999)).toMatchObject({ status: 404 });
    await database.orm.delete(publishedSets);
    expect(await change({ 'workflows/paid.json': '{}' })).toEqual({
      status: 404,
      body: problem(404, 'not-found', 'Nothing was published yet. The first set comes from "kait publish".'),
    });
  });
});
