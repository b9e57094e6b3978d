import { expect, it } from 'vitest';
import { graphOf } from '../../authoring/definition-graph.ts';
import type { Step } from '../../language/definition.ts';
import { runRules } from './run-rules.ts';

const set = (id: string): Step => ({ id, set: { a: 1 } });
const graph = (steps: Step[]) => graphOf({ name: 'paid', on: { event: 'payment.succeeded' }, steps }, runRules);

it('has a node for each step, its guard and its undo, all with the id of the step', () => {
  const undo = { http: 'https://shop.example/points', method: 'DELETE' } as const;
  const { nodes } = graph([{ id: 'a', if: { var: 'vars.x' }, http: 'https://shop.example/points', undo }]);
  expect(nodes.map(({ step, kind, shape }) => [step, kind, shape])).toEqual([
    [null, null, 'stadium'],
    ['a', null, 'diamond'],
    ['a', null, 'box'],
    ['a', 'undo', 'box'],
    [null, null, 'stadium'],
  ]);
});

it('has edges that say what leads on', () => {
  const { edges } = graph([{ id: 'a', waitFor: 'payment.refunded', timeout: '1d', onTimeout: [set('late')] }]);
  expect(edges).toEqual([
    { from: 'n1', to: 'n2', label: null, dotted: false },
    { from: 'n2', to: 'n3', label: 'after 1d', dotted: true },
    { from: 'n2', to: 'n4', label: null, dotted: false },
    { from: 'n3', to: 'n4', label: null, dotted: false },
  ]);
});

it('frames the steps of a try, from which its catch is reached', () => {
  const { nodes, frames, edges } = graph([
    { id: 't', try: [{ id: 'inner', try: [set('a')], catch: [] }], catch: [{ do: [set('b')] }] },
  ]);
  expect(frames).toEqual([
    { name: 'n2', title: 't (try)', step: 't', frame: null },
    { name: 'n3', title: 'inner (try)', step: 'inner', frame: 'n2' },
  ]);
  expect(nodes.map(({ step, frame }) => [step, frame])).toEqual([
    [null, null],
    ['a', 'n3'],
    ['b', null],
    [null, null],
  ]);
  expect(edges).toContainEqual({ from: 'n2', to: 'n5', label: 'any error', dotted: true });
});

it('keeps what a definition says as it is, cut at a length that a picture can show', () => {
  const { nodes } = graph([{ id: 'a', title: '<b>"#x;</b>'.repeat(50), set: { a: 1 } }]);
  expect(nodes[1]?.lines[0]?.startsWith('a: <b>"#x;</b>')).toBe(true);
  expect(nodes[1]?.lines[0]?.length).toBe(120);
});
