import { expect, it } from 'vitest';
import type { Definition } from '../../language/definition.ts';
import { runCycles } from '../../language/run-cycles.ts';

const definition = (name: string, ...runs: string[]): Definition => ({
  name,
  on: 'run',
  steps: runs.map((run, position) => ({ id: `step-${position}`, run })),
});

it('finds definitions that run each other in a circle, however long', () => {
  const all = [definition('c', 'a'), definition('a', 'b', 'd'), definition('b', 'c', 'c'), definition('d')];
  expect(runCycles(all)).toEqual([['a', 'b', 'c']]);
  expect(runCycles([definition('self', 'self')])).toEqual([['self']]);
});

it('finds nothing where runs only branch and join', () => {
  expect(runCycles([definition('a', 'b', 'c'), definition('b', 'd'), definition('c', 'd'), definition('d')])).toEqual(
    [],
  );
  expect(runCycles([definition('a', 'missing')])).toEqual([]);
});
