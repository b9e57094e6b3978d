import type { Placeable, Placed, Point } from './places.ts';

const betweenLanes = 36;
const betweenRows = 40;

/**
 * Each node in a row of its own, in the order in which they are written, and each branch in a lane of its own, to the right of what it branches from.
 * In one pass, for graphs of any length.
 */
export function placeInLanes({ nodes, edges }: Placeable): Placed {
  const lanes = lanesOf({ nodes, edges });
  const widths: number[] = [];
  for (const { name, width } of nodes) {
    const lane = lanes.get(name) ?? 0;
    widths[lane] = Math.max(widths[lane] ?? 0, width);
  }
  const centres: number[] = [];
  let x = 0;
  for (const width of widths) {
    centres.push(x + width / 2);
    x += width + betweenLanes;
  }
  let y = 0;
  const placed = new Map<string, Point>();
  const heights = new Map<string, number>();
  for (const { name, height } of nodes) {
    placed.set(name, { x: centres[lanes.get(name) ?? 0] ?? 0, y: y + height / 2 });
    heights.set(name, height);
    y += height + betweenRows;
  }
  const at = (name: string, side: -1 | 1): Point => {
    const { x, y } = placed.get(name) ?? { x: 0, y: 0 };
    return { x, y: y + (side * (heights.get(name) ?? 0)) / 2 };
  };
  return {
    nodes: placed,
    edges: edges.map(({ from, to }) => {
      const [start, end] = [at(from, 1), at(to, -1)];
      if (end.y > start.y) return [start, end];
      // Back to the beginning of a loop, along the left.
      return [start, { x: -betweenLanes, y: start.y + 10 }, { x: -betweenLanes, y: end.y - 10 }, end];
    }),
  };
}

/** The first edge out of a node keeps its lane, the others begin new ones. A lane is free again when nothing in it leads on. */
function lanesOf({ nodes, edges }: Placeable): ReadonlyMap<string, number> {
  const order = new Map(nodes.map(({ name }, index) => [name, index]));
  const incoming = new Map<string, string[]>();
  const lastUse = new Map<string, number>();
  for (const { from, to } of edges) {
    const [start, end] = [order.get(from) ?? 0, order.get(to) ?? 0];
    if (end <= start) continue;
    incoming.set(to, [...(incoming.get(to) ?? []), from]);
    lastUse.set(from, Math.max(lastUse.get(from) ?? 0, end));
  }
  const lanes = new Map<string, number>();
  /** Until which node each lane is taken. */
  const takenUntil: number[] = [];
  const continued = new Set<string>();
  for (const [index, { name }] of nodes.entries()) {
    const before = incoming.get(name) ?? [];
    const heir = before.find((each) => !continued.has(each));
    const lowest = before.map((each) => lanes.get(each) ?? 0).reduce((one, other) => Math.min(one, other), Infinity);
    const isJoin = before.length > 1 && (takenUntil[lowest] ?? 0) <= index;
    const inherited = isJoin ? lowest : heir === undefined ? undefined : lanes.get(heir);
    const free = takenUntil.findIndex((until) => until <= index);
    const lane = inherited ?? (free === -1 ? takenUntil.length : free);
    if (heir !== undefined) continued.add(heir);
    lanes.set(name, lane);
    takenUntil[lane] = Math.max(takenUntil[lane] ?? 0, lastUse.get(name) ?? index);
  }
  return lanes;
}
