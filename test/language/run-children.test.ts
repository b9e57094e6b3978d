import { expect, it } from 'vitest';
import type { Definition, Step } from '../../language/definition.ts';
import { childrenOf, namesRunBy, runCycles } from '../../language/run-children.ts';

function definition(name: string, steps: Step[]): Definition {
  return { name, on: 'run', steps };
}

const runs = (...names: string[]): Step[] => names.map((name) => ({ id: name, run: name }));

it('finds run steps wherever they stand', () => {
  const steps: Step[] = [
    { id: 'a', try: runs('one'), catch: [{ do: runs('two') }], finally: runs('three') },
    { id: 'b', forEach: { in: [], onItemError: runs('four') }, do: runs('five') },
  ];
  expect(namesRunBy(definition('all', steps))).toEqual(['one', 'two', 'three', 'five', 'four']);
});

it('takes along what children run in turn, each once, also where they run each other', () => {
  const all = new Map(
    [definition('b', runs('c', 'd')), definition('c', runs('b')), definition('d', [])].map((each) => [
      each.name,
      { definition: each, definitionHash: `hash of ${each.name}` },
    ]),
  );
  const children = childrenOf(definition('a', runs('b', 'missing')), all);
  expect(Object.keys(children).sort()).toEqual(['b', 'c', 'd']);
  expect(children.d).toEqual({ definition: definition('d', []), definitionHash: 'hash of d' });
  expect(childrenOf(definition('alone', []), all)).toEqual({});
});

function runner(name: string, ...names: string[]): Definition {
  return definition(
    name,
    names.map((run, position) => ({ id: `step-${position}`, run })),
  );
}

it('finds definitions that run each other in a circle, however long', () => {
  const all = [runner('c', 'a'), runner('a', 'b', 'd'), runner('b', 'c', 'c'), runner('d')];
  expect(runCycles(all)).toEqual([['a', 'b', 'c']]);
  expect(runCycles([runner('self', 'self')])).toEqual([['self']]);
});

it('finds nothing where runs only branch and join', () => {
  expect(runCycles([runner('a', 'b', 'c'), runner('b', 'd'), runner('c', 'd'), runner('d')])).toEqual([]);
  expect(runCycles([runner('a', 'missing')])).toEqual([]);
});
