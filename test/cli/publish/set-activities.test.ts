import { expect, it } from 'vitest';
import { openActivities } from '../../../cli/activities/open-activities.ts';
import { describeActivities, isOther } from '../../../cli/publish/set-activities.ts';
import type { SetActivity } from '../../../storage/schema.ts';
import { ownProject, pointsSource } from '../activities/own-project.ts';

async function described(source: string): Promise<SetActivity[]> {
  const { definitions } = await ownProject({
    'activities/points.ts': source,
    'definitions/sources.json': '{}',
  });
  return describeActivities(definitions, await openActivities(definitions, 'sources'), 'sources');
}

it('describes an activity by name, kind, schemas and a digest of its code', async () => {
  expect(await described(pointsSource)).toMatchObject([
    {
      ...{ name: 'points.add', kind: 'network' },
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      input: { required: ['member', 'points'], additionalProperties: false },
      output: { required: ['total'] },
    },
  ]);
});

it('gives other code another digest, and the same code elsewhere the same', async () => {
  const [first, again, other] = [
    await described(pointsSource),
    await described(pointsSource),
    await described(pointsSource.replace('total: points', 'total: points * 2')),
  ].map(([activity]) => activity?.digest);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

const points: SetActivity = { name: 'points.add', kind: 'network', digest: 'a', input: { a: 1 }, output: {} };

it.each<[boolean, SetActivity[], SetActivity[]]>([
  [false, [], [points]],
  [false, [points], [{ ...points, digest: 'b' }]],
  [true, [points], []],
  [true, [points], [{ ...points, kind: 'database' }]],
  [true, [points], [{ ...points, input: {} }]],
  [true, [points], [{ ...points, output: { b: 1 } }]],
])('says %s whether a set was made for another activity', (expected, ofSet, own) => {
  expect(isOther('points.add', ofSet, own)).toBe(expected);
});
