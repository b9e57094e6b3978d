import { expect, it, vi } from 'vitest';
import { lazyMap, once } from '../lazy-map.ts';

it('makes a value when it is asked for, and all when all are', () => {
  const make = vi.fn((key: string) => key.toUpperCase());
  const map = lazyMap(new Map(['a', 'b'].map((key) => [key, () => make(key)])));
  expect([map.size, map.has('a'), map.has('c'), [...map.keys()], map.get('c')]).toEqual([
    2,
    true,
    false,
    ['a', 'b'],
    undefined,
  ]);
  expect(make).not.toHaveBeenCalled();
  expect([map.get('b'), make.mock.calls]).toEqual(['B', [['b']]]);
  const visited: [string, string][] = [];
  map.forEach((value, key) => visited.push([key, value]));
  const all = [
    ['a', 'A'],
    ['b', 'B'],
  ];
  expect([[...map], [...map.entries()], visited, [...map.values()]]).toEqual([all, all, all, ['A', 'B']]);
});

it('makes a value once, also an undefined one', () => {
  const make = vi.fn(() => undefined);
  const value = once(make);
  expect([value(), value(), make.mock.calls.length]).toEqual([undefined, undefined, 1]);
});
