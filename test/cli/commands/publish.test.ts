import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fakeApi } from '../fake-api.ts';
import { publish, type PublishOptions } from '../../../cli/commands/publish.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

const points = { name: 'points.add', kind: 'network' as const, digest: 'f'.repeat(64), input: {}, output: {} };
const set = {
  id: 4,
  hash: '0123456789abcdef',
  author: 'ana@desk',
  note: 'more points',
  publishedAt: '2026-01-01T00:00:00Z',
  activeAt: null,
};

const activities = () => Promise.resolve([points]);

async function published(options: PublishOptions, answer: unknown, check = () => Promise.resolve()) {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'workflows'));
  const files = {
    'workflows/paid.json': '{}',
    'workflows/paid.test.json': '[]',
    'sources.json': '{ }',
    '.hidden': 'x',
    'notes.md': 'for people',
  };
  for (const [path, text] of Object.entries(files)) await writeFile(join(folder, path), text);
  const { api, asked } = fakeApi(options.list === true ? { items: [set], next: null } : answer);
  return { said: await publish({ api, folder, check, activities, author: 'ana@desk' }, options), sent: asked };
}

it('sends the files that processes read, the tests of definitions and the activities, but nothing hidden', async () => {
  const { said, sent } = await published({ note: 'more points' }, { published: true, set, problems: [] });
  const files = { 'sources.json': '{ }', 'workflows/paid.json': '{}', 'workflows/paid.test.json': '[]' };
  expect(sent).toEqual([
    ['POST /published', { files, activities: [points], by: 'ana@desk', note: 'more points', force: false }],
  ]);
  expect(said).toBe(
    'Published set 4 (0123456789ab). Servers and workers with KAIT_DEFINITIONS_FROM=published serve it within seconds, once all of them can. "kait status" says what it waits for.',
  );
});

it('sends nothing if the folder has a mistake', async () => {
  const mistake = new Error('a mistake');
  await expect(published({ note: 'x' }, null, () => Promise.reject(mistake))).rejects.toBe(mistake);
});

it('asks for an earlier set by its id, without a look at the folder', async () => {
  const answer = { published: true, set: { ...set, id: 5 }, problems: [] };
  const { said, sent } = await published({ rollback: 2, note: 'broken' }, answer, () => Promise.reject(new Error('x')));
  expect(sent).toEqual([['POST /published', { rollback: 2, by: 'ana@desk', note: 'broken', force: false }]]);
  expect(said).toContain('Published set 5');
});

it('names the set that it replaces', async () => {
  const { sent } = await published({ note: 'x', from: 0 }, { published: true, set, problems: [] });
  expect(sent).toMatchObject([['POST /published', { from: 0, note: 'x' }]]);
});

it('says what runs under way need', async () => {
  const problems = ['2 runs under way of "paid" need the source "stripe", which is not there any more.'];
  await expect(published({ note: 'x' }, { published: false, set: null, problems })).rejects.toMatchObject({
    code: 'KAIT_PUBLISH_REFUSED',
    message: `Nothing was published.\n  ${problems[0]!}\nWait until they have ended, keep what they need, or publish with --force.`,
  });
});

it('warns of them if it was forced', async () => {
  const { said, sent } = await published({ note: 'x', force: true }, { published: true, set, problems: ['2 runs.'] });
  expect(sent).toMatchObject([['POST /published', { force: true }]]);
  expect(said).toMatch(/^! 2 runs\.\nPublished set 4/);
});

it('says if the newest set is the same', async () => {
  const { said } = await published({ note: 'x' }, { published: false, set, problems: [] });
  expect(said).toBe('set 4 (0123456789ab) is the newest and holds the same.');
});

it('needs a note', async () => {
  await expect(published({}, null)).rejects.toMatchObject({ code: 'KAIT_USAGE' });
});

it('lists the sets', async () => {
  const { said } = await published({ list: true }, null);
  expect(said).toBe(
    [
      'set  published             served from  by        hash          note',
      '4    2026-01-01T00:00:00Z  -            ana@desk  0123456789ab  more points',
    ].join('\n'),
  );
});
