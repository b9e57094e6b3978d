import { expect, it } from 'vitest';
import { createFairRounds, type Turn } from '../../server/fair-rounds.ts';

/** Runs a round over the keys in their order, and returns those that had their turn. */
async function round(rounds: ReturnType<typeof createFairRounds>, keys: string[], isFaulty: (key: string) => boolean) {
  const taken: string[] = [];
  const act = (key: string) => {
    taken.push(key);
    return isFaulty(key) ? Promise.reject(new Error(`no ${key}`)) : Promise.resolve();
  };
  async function* turns(): AsyncGenerator<Turn> {
    for (const key of keys) yield await Promise.resolve({ key, act: () => act(key) });
  }
  const failures = await rounds.run(turns());
  return { taken, failures: [...failures.keys()] };
}

const isPoison = (key: string) => key.startsWith('p');

it('goes on after a failure, and takes what failed last in the next round', async () => {
  const rounds = createFairRounds();
  const keys = ['p1', 'a', 'p2', 'b'];
  expect(await round(rounds, keys, isPoison)).toEqual({ taken: ['p1', 'a', 'p2', 'b'], failures: ['p1', 'p2'] });
  expect(await round(rounds, keys, isPoison)).toEqual({ taken: ['a', 'b', 'p1', 'p2'], failures: ['p1', 'p2'] });
  expect(await round(rounds, keys, () => false)).toEqual({ taken: ['a', 'b', 'p1', 'p2'], failures: [] });
  expect(await round(rounds, keys, () => false)).toEqual({ taken: ['p1', 'a', 'p2', 'b'], failures: [] });
});

it('ends a round after three failures in a row, and reaches in a few rounds what stands behind any number of them', async () => {
  const rounds = createFairRounds();
  const keys = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'a'];
  expect((await round(rounds, keys, isPoison)).taken).toEqual(['p1', 'p2', 'p3']);
  expect((await round(rounds, keys, isPoison)).taken).toEqual(['p4', 'p5', 'p6']);
  expect((await round(rounds, keys, isPoison)).taken).toEqual(['a', 'p1', 'p2', 'p3']);
});

it('rejects if the turns cannot be listed, and remembers what failed before', async () => {
  const rounds = createFairRounds();
  await round(rounds, ['p1', 'a'], isPoison);
  async function* broken(): AsyncGenerator<Turn> {
    yield await Promise.resolve({ key: 'p1', act: () => Promise.resolve() });
    throw new Error('no list');
  }
  await expect(rounds.run(broken())).rejects.toThrow('no list');
  expect((await round(rounds, ['p1', 'a'], isPoison)).taken).toEqual(['a', 'p1']);
});
