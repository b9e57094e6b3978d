import { describe, expect, it } from 'vitest';
import { graphOf } from '../../authoring/definition-graph.ts';
import { layOut, type Box, type GraphLayout } from '../../console/parts/graph/layout.ts';
import type { Step } from '../../language/definition.ts';
import { runRules } from '../authoring/run-rules.ts';

const set = (id: string): Step => ({ id, set: { a: 1 } });
const many = (count: number) => Array.from({ length: count }, (_, index) => set(`s${index}`));
const laidOut = (steps: Step[]) =>
  layOut(graphOf({ name: 'paid', on: { event: 'payment.succeeded' }, steps }, runRules));

const shapes: [string, Step[]][] = [
  ['a sequence', many(5)],
  ['branches', [{ id: 'p', parallel: many(4) }, set('after')]],
  ['a loop', [{ id: 'l', while: { var: 'vars.x' }, max: 3, do: many(2) }, set('after')]],
  ['a try', [{ id: 't', try: many(2), catch: [{ do: [set('b')] }] }, set('after')]],
  ['the longest sequence', many(500)],
  ['the widest branches', [{ id: 'p', parallel: many(499) }]],
  ['many guards', many(250).map((step) => ({ ...step, if: { var: 'vars.x' } }))],
  ['a long definition with a loop', [{ id: 'l', while: { var: 'vars.x' }, max: 3, do: many(100) }, set('after')]],
];

describe.each(shapes)('%s', (_name, steps) => {
  it('has a place within the picture for every node, none over another', () => {
    const layout = laidOut(steps);
    expect(overlaps(layout)).toEqual([]);
    expect(layout.nodes.filter((node) => !isWithin(node, layout))).toEqual([]);
    expect(layout.frames.filter((frame) => !isWithin(frame, layout))).toEqual([]);
  });

  it('has a line for every edge', () => {
    const { edges } = laidOut(steps);
    expect(edges.filter(({ points }) => points.length < 2)).toEqual([]);
  });
});

it('puts the steps of a try inside its frame', () => {
  const { nodes, frames } = laidOut([{ id: 't', try: many(2), catch: [{ do: [set('b')] }] }]);
  const isInside = (step: string) => isWithinBox(boxOf(nodes, step), frames[0]);
  expect([isInside('s0'), isInside('s1'), isInside('b')]).toEqual([true, true, false]);
});

function boxOf(nodes: GraphLayout['nodes'], step: string): Box | undefined {
  return nodes.find((node) => node.step === step);
}

function isWithinBox(inner: Box | undefined, outer: Box | undefined): boolean {
  return (
    inner !== undefined &&
    outer !== undefined &&
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

function isWithin({ x, y, width, height }: Box, picture: GraphLayout): boolean {
  return x >= 0 && y >= 0 && x + width <= picture.width && y + height <= picture.height;
}

function overlaps({ nodes }: GraphLayout): string[] {
  return nodes.flatMap((one, index) =>
    nodes
      .slice(index + 1)
      .filter(
        (other) =>
          one.x < other.x + other.width &&
          other.x < one.x + one.width &&
          one.y < other.y + other.height &&
          other.y < one.y + one.height,
      )
      .map((other) => `${one.name} and ${other.name}`),
  );
}
