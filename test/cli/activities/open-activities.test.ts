import { expect, it, vi } from 'vitest';
import { keepLastGoodActivities, openActivities, warnOfStaleBuild } from '../../../cli/activities/open-activities.ts';
import { formatFindings } from '../../../language/finding.ts';
import { ownProject, pointsSource } from './own-project.ts';

const open = (files: Record<string, string>) =>
  ownProject(files).then(({ definitions }) => openActivities(definitions, 'sources'));

it('finds the activities of a project beside those of Kait', async () => {
  const { catalogue, own, faulty } = await open({ 'activities/points.ts': pointsSource });
  expect(faulty).toEqual([]);
  expect([...own.keys()]).toEqual(['points.add']);
  expect(catalogue.callable['points.add']).toMatchObject({
    title: 'Add points',
    where: 'network',
    limits: { timeout: '5s' },
  });
  expect(catalogue.callable['orders.create']?.title).toBe('Create an order');
  expect(catalogue.limits).toEqual({ 'points.add': { timeout: '5s' } });
});

it('runs an activity of the kind database as a local one', async () => {
  const { catalogue } = await open({ 'activities/points.ts': pointsSource.replace("'network'", "'database'") });
  expect(catalogue.localNames).toContain('points.add');
});

it.each(['points.test.ts', 'points.d.ts', '_points.ts', '.points.ts', 'points.txt', 'shared/points.ts'])(
  'takes %s for no activity',
  async (name) => {
    expect((await open({ [`activities/${name}`]: 'export {}' })).own.size).toBe(0);
  },
);

it('compiles what an activity imports of the project', async () => {
  const { own, faulty } = await open({
    'activities/points.ts': pointsSource
      .replace("title: 'Add points'", 'title: titles.points')
      .replace('export default', "import { titles } from '../shared/titles.js';\nexport default"),
    'shared/titles.ts': `export const titles: Record<string, string> = { points: 'Points' };`,
  });
  expect(faulty).toEqual([]);
  expect(own.get('points.add')?.title).toBe('Points');
});

const defineOther = `import { defineActivity, z } from 'kait';
const nothing = z.strictObject({});
`;

it.each([
  [
    'a mistake in the syntax',
    'export default {,};',
    'activities/bad.ts:1:17 error KAIT1701 Expected identifier but found ","\n1 | export default {,};\n  |                 ^',
  ],
  [
    'no default export',
    'export const a = 1;',
    'activities/bad.ts:1:1 error KAIT1701 This file has no default export. What activities share belongs in a folder of activities/.',
  ],
  [
    'another default export',
    'export default { name: "points.add" };',
    'activities/bad.ts:1:1 error KAIT1701 The default export was not made by defineActivity.',
  ],
  [
    'an error when it is loaded',
    '\n  throw new RangeError("out of luck");',
    'error KAIT1701 Loading it threw RangeError: out of luck',
  ],
  [
    'an option that is wrong',
    `${defineOther}export default defineActivity({ name: 'Bad', title: 'Bad', input: nothing, output: nothing, kind: 'network', run: () => ({}) });`,
    'error KAIT1701 `name`: expected words and dots, such as points.add',
  ],
  [
    'a package that is not installed',
    `import 'not-installed';`,
    "activities/bad.ts:1:1 error KAIT1701 Cannot find package 'not-installed'",
  ],
  [
    'a file that does not exist',
    `import './missing.js';`,
    'activities/bad.ts:1:8 error KAIT1701 Could not resolve "./missing.js"',
  ],
])('shows %s, and loads the others', async (_what, text, shown) => {
  const { own, faulty } = await open({ 'activities/bad.ts': text, 'activities/points.ts': pointsSource });
  expect([...own.keys()]).toEqual(['points.add']);
  expect(faulty.map((each) => formatFindings(each)).join('\n')).toContain(shown);
});

it('takes neither of two activities of one name', async () => {
  const { own, faulty } = await open({ 'activities/a.ts': pointsSource, 'activities/b.ts': pointsSource });
  expect(own.size).toBe(0);
  expect(faulty.map(({ file, findings }) => [file, findings[0]?.message])).toEqual([
    ['activities/b.ts', 'activities/a.ts defines an activity "points.add", too. Rename one of them'],
  ]);
});

it('loads a changed file anew', async () => {
  const { definitions, write } = await ownProject({ 'activities/points.ts': pointsSource });
  await openActivities(definitions, 'sources');
  await write('activities/points.ts', pointsSource.replace('Add points', 'Add many points'));
  expect((await openActivities(definitions, 'sources')).own.get('points.add')?.title).toBe('Add many points');
});

it('keeps the last good version of a file that has got a mistake, and drops one that is gone', async () => {
  const other = pointsSource.replace('points.add', 'points.remove');
  const { definitions, write } = await ownProject({
    'activities/points.ts': pointsSource,
    'activities/other.ts': other,
  });
  const before = await openActivities(definitions, 'sources');
  await write('activities/points.ts', 'oops(');
  await write('activities/other.ts', other.replace('points.remove', 'points.take'));
  const latest = keepLastGoodActivities(before, await openActivities(definitions, 'sources'));
  expect([...latest.own.keys()]).toEqual(['points.add', 'points.take']);
  expect(latest.faulty.map(({ file }) => file)).toEqual(['activities/points.ts']);
});

it('lets a project turn off and replace what comes with Kait', async () => {
  const { catalogue, own } = await open({
    'package.json': '{ "kait": { "off": ["cashback.grant", "orders.cancel"] } }',
    'activities/orders.ts': pointsSource.replace('points.add', 'orders.create'),
  });
  expect([...own.keys()]).toEqual(['orders.create']);
  expect(catalogue.callable['orders.create']?.title).toBe('Add points');
  expect(catalogue.callable['cashback.grant']?.absent).toBe(
    'It comes with Kait, and "kait": { "off": […] } in package.json turns it off.',
  );
  expect(Object.keys(catalogue.all)).not.toContain('orders.cancel');
  expect(catalogue.localNames).not.toContain('orders.create');
});

it.each([
  [
    '{ "kait": { "off": ["order.create"] } }',
    'package.json:1:21 error KAIT1701 "order.create" in "off" is no activity',
  ],
  [
    '{ "kait": { "off": ["http.request"] } }',
    'package.json:1:21 error KAIT1701 "http.request" in "off" is no activity',
  ],
  ['{ "kait": { "off": "mail.send" } }', 'package.json:1:13 error KAIT1701 "kait": { "off": … } expects a list'],
])('shows what is wrong in %s', async (text, shown) => {
  const { faulty } = await open({ 'package.json': text });
  expect(faulty.map((each) => formatFindings(each)).join('\n')).toContain(shown);
});

it('wants a build where nothing may be compiled', async () => {
  const { definitions } = await ownProject({ 'activities/points.ts': pointsSource });
  await expect(openActivities(definitions, 'build')).rejects.toMatchObject({
    code: 'KAIT_ACTIVITIES_NOT_BUILT',
    message: expect.stringContaining('activities/points.ts is not compiled'),
  });
});

it.each([
  [true, [['the activities have been changed since "kait build": the compiled ones run. Run it again']]],
  [false, []],
])('warns of a build that is not of the sources any more (%s)', (isStale, warnings) => {
  const warn = vi.fn();
  warnOfStaleBuild({ warn }, { isStale });
  expect(warn.mock.calls).toEqual(warnings);
});
