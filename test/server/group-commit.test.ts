import { expect, it } from 'vitest';
import { createGroupCommit, QueueFullError } from '../../server/group-commit.ts';

/** A commit that ends when the test ends it. */
function heldCommits() {
  const groups: { items: number[]; resolve: () => void; reject: (error: Error) => void }[] = [];
  const commit = (items: number[]) =>
    new Promise<string[]>((resolve, reject) => {
      groups.push({ items, resolve: () => resolve(items.map((item) => `stored ${item}`)), reject });
    });
  return { groups, commit };
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

it('lets items that arrive during a commit share the next one', async () => {
  const { groups, commit } = heldCommits();
  const add = createGroupCommit({ commit, most: { items: 10, bytes: Infinity }, concurrency: 1, limit: 100 });
  const first = add(1);
  await turn();
  const later = [add(2), add(3)];
  await turn();
  expect(groups.map(({ items }) => items)).toEqual([[1]]);
  groups[0]!.resolve();
  expect(await first).toBe('stored 1');
  await expect.poll(() => groups.map(({ items }) => items)).toEqual([[1], [2, 3]]);
  groups[1]!.resolve();
  expect(await Promise.all(later)).toEqual(['stored 2', 'stored 3']);
});

it('groups the items of one turn of the event loop, in order', async () => {
  const { groups, commit } = heldCommits();
  const add = createGroupCommit({ commit, most: { items: 10, bytes: Infinity }, concurrency: 1, limit: 100 });
  void add(3);
  void add(1);
  void add(2);
  await turn();
  expect(groups.map(({ items }) => items)).toEqual([[3, 1, 2]]);
});

it('limits the size of a group and the number of commits at once', async () => {
  const { groups, commit } = heldCommits();
  const add = createGroupCommit({ commit, most: { items: 2, bytes: Infinity }, concurrency: 2, limit: 100 });
  for (let item = 1; item <= 5; item++) void add(item);
  await turn();
  await turn();
  expect(groups.map(({ items }) => items)).toEqual([
    [1, 2],
    [3, 4],
  ]);
  groups[0]!.resolve();
  await expect.poll(() => groups[2]!.items).toEqual([5]);
});

it('rejects every item of a group whose commit failed, and continues with the next group', async () => {
  const { groups, commit } = heldCommits();
  const add = createGroupCommit({ commit, most: { items: 2, bytes: Infinity }, concurrency: 1, limit: 100 });
  const failing = [add(1), add(2)].map((result) => result.catch((error: unknown) => String(error)));
  const next = add(3);
  await turn();
  groups[0]!.reject(new Error('disk full'));
  expect(await Promise.all(failing)).toEqual(['Error: disk full', 'Error: disk full']);
  await expect.poll(() => groups).toHaveLength(2);
  groups[1]!.resolve();
  expect(await next).toBe('stored 3');
});

it('rejects items past its limit', async () => {
  const { commit } = heldCommits();
  const add = createGroupCommit({ commit, most: { items: 1, bytes: Infinity }, concurrency: 1, limit: 2 });
  void add(1);
  void add(2);
  await expect(add(3)).rejects.toBeInstanceOf(QueueFullError);
});

it('rejects an item if the commit returns no result for it', async () => {
  const add = createGroupCommit<number, string>({
    commit: () => Promise.resolve(['only one']),
    most: { items: 2, bytes: Infinity },
    concurrency: 1,
    limit: 9,
  });
  const results = await Promise.allSettled([add(1), add(2)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});

it('commits each item alone if one of them makes the group fail', async () => {
  const groups: number[][] = [];
  const add = createGroupCommit<number, string>({
    commit: (items) => {
      groups.push(items);
      return items.includes(2) ? Promise.reject(new Error('bad item')) : Promise.resolve(items.map(String));
    },
    most: { items: 10, bytes: Infinity },
    concurrency: 1,
    limit: 100,
    blamesOneItem: (error) => String(error).includes('bad item'),
  });
  const results = await Promise.allSettled([add(1), add(2), add(3)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(groups).toEqual([[1, 2, 3], [1], [2], [3]]);
});
