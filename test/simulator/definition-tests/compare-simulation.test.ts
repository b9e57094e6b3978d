import { expect, it } from 'vitest';
import type { Json } from '../../../language/json.ts';
import { compareSimulation } from '../../../simulator/definition-tests/compare-simulation.ts';
import type { Simulation } from '../../../simulator/simulation.ts';

const completed: Simulation = {
  status: 'completed',
  output: null,
  error: null,
  endedAt: '+0s',
  continuations: 0,
  trace: [],
  undone: [],
  stuckAt: [],
  isCutOff: false,
  refused: [],
};
const compareOutput = (output: Json, got: Json) => compareSimulation({ output }, { ...completed, output: got });

it.each<[string, Json, Json]>([
  ['the same', { a: [1, 'x', null, true] }, { a: [1, 'x', null, true] }],
  ['an object with further members', { a: { b: 1 } }, { a: { b: 1, c: 2 }, d: 3 }],
  ['objects with further members in a list', [{ a: 1 }], [{ a: 1, b: 2 }]],
  ['any object if no member is expected', {}, { a: 1 }],
])('accepts %s', (_what, expected, got) => {
  expect(compareOutput(expected, got)).toEqual([]);
});

it.each<[string, Json, Json, object[]]>([
  ['another value', { a: { b: 1 } }, { a: { b: 2 } }, [{ at: 'output.a.b', expected: 1, got: 2 }]],
  ['another type', 1, '1', [{ at: 'output', expected: 1, got: '1' }]],
  ['null for an object', { a: 1 }, null, [{ at: 'output', expected: { a: 1 }, got: null }]],
  ['a list for an object', { length: 1 }, [1], [{ at: 'output', expected: { length: 1 }, got: [1] }]],
  ['an object for a list', [1], { 0: 1 }, [{ at: 'output', expected: [1], got: { 0: 1 } }]],
  ['a longer list', [1], [1, 2], [{ at: 'output', expected: [1], got: [1, 2] }]],
  ['another item', [{ a: 1 }, 5], [{ a: 2 }, 5], [{ at: 'output.0.a', expected: 1, got: 2 }]],
  ['what is missing', { a: null }, {}, [{ at: 'output.a', expected: null, got: undefined }]],
  ['an inherited name', { constructor: 1 }, {}, [{ at: 'output.constructor', expected: 1, got: undefined }]],
  ['a missing object', { a: { b: 1 } }, {}, [{ at: 'output.a', expected: { b: 1 }, got: undefined }]],
  ['null for a number', 1, null, [{ at: 'output', expected: 1, got: null }]],
])('reports %s', (_what, expected, got, differences) => {
  expect(compareOutput(expected, got)).toEqual(differences.map((each) => ({ kind: 'value', ...each })));
});
