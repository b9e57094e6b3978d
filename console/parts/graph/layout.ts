import type { DefinitionGraph, GraphEdge, GraphFrame, GraphNode } from '../../../authoring/definition-graph.ts';
import { placeByDagre } from './place-by-dagre.ts';
import { placeInLanes } from './place-in-lanes.ts';
import type { Placeable, Point } from './places.ts';
import { cutToWidth, textWidth } from './text-width.ts';

/** A graph with a place for everything. Pixels, from the left top. */
export interface GraphLayout {
  width: number;
  height: number;
  nodes: (GraphNode & Box)[];
  frames: (GraphFrame & Box)[];
  edges: PlacedEdge[];
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface PlacedEdge extends GraphEdge {
  /** Its label, cut to its room. Null: it has none. */
  shown: string | null;
  points: Point[];
  /** Where its label is centred. */
  middle: Point;
}

const margin = 20;
const lineHeight = 17;
const mostLines = 4;
const frameHead = 22;
/** At the left and the right of the texts of a node, as in `graph.css`. */
const inset = 14;
/** Longer texts are cut. */
const widestText = 280;
const widestLabel = 220;
/** dagre takes seconds for a hundred nodes. */
const mostForDagre = 60;

/** Lays out a graph from the top to the bottom, in a moment even for the longest definitions. */
export function layOut({ nodes, edges, frames }: DefinitionGraph): GraphLayout {
  const lastInside = lastNodes({ nodes, frames });
  const sized = nodes.map((node) => ({ ...node, ...sizeOf(node) }));
  const labeled = edges.map((edge) => {
    return { ...edge, shown: edge.label === null ? null : cutToWidth(edge.label, 'label', widestLabel) };
  });
  const placeable: Placeable = {
    nodes: sized,
    // An edge from the last node inside a frame puts its target below the frame.
    edges: labeled.map(({ from, to, shown }) => {
      const labelWidth = shown === null ? 0 : textWidth(shown, 'label') + 8;
      return { from: lastInside.get(from) ?? from, to, labelWidth };
    }),
  };
  const placed = nodes.length > mostForDagre ? placeInLanes(placeable) : placeByDagre(placeable);
  const boxes = sized.map((node): GraphNode & Box => {
    const { x, y } = placed.nodes.get(node.name) ?? { x: 0, y: 0 };
    return { ...node, x: x - node.width / 2, y: y - node.height / 2 };
  });
  const framed = frames.map((frame) => ({ ...frame, ...boundsOf(boxes, insideOf(frame.name, { nodes, frames })) }));
  const laidOut = labeled.map((edge, index) => {
    const points = placed.edges[index] ?? [];
    const frame = framed.find(({ name }) => name === edge.from);
    return placeLabel(edge, frame === undefined ? points : fromFrame(frame, points));
  });
  return fitted({ nodes: boxes, frames: framed, edges: laidOut });
}

/** The last node inside each frame. */
function lastNodes({ nodes, frames }: Pick<DefinitionGraph, 'nodes' | 'frames'>): ReadonlyMap<string, string> {
  const around = new Map(frames.map(({ name, frame }) => [name, frame]));
  const last = new Map<string, string>();
  for (const { name, frame } of nodes) {
    for (let at = frame; at !== null; at = around.get(at) ?? null) last.set(at, name);
  }
  return last;
}

/** The names of the nodes inside a frame, however deep. */
function insideOf(frame: string, { nodes, frames }: Pick<DefinitionGraph, 'nodes' | 'frames'>): Set<string> {
  const within = new Set([frame]);
  for (const each of frames) if (each.frame !== null && within.has(each.frame)) within.add(each.name);
  return new Set(nodes.flatMap((node) => (node.frame !== null && within.has(node.frame) ? [node.name] : [])));
}

function boundsOf(boxes: readonly (GraphNode & Box)[], names: ReadonlySet<string>): Box {
  const inside = boxes.filter(({ name }) => names.has(name));
  if (inside.length === 0) return { x: margin, y: margin, width: 0, height: 0 };
  const x = Math.min(...inside.map((box) => box.x)) - 10;
  const y = Math.min(...inside.map((box) => box.y)) - frameHead;
  const width = Math.max(...inside.map((box) => box.x + box.width)) + 10 - x;
  const height = Math.max(...inside.map((box) => box.y + box.height)) + 10 - y;
  return { x, y, width, height };
}

/** Room for the whole of each line, unless it is very long. */
function sizeOf({ lines }: GraphNode): { width: number; height: number } {
  const longest = Math.max(...lines.map((line, index) => textWidth(line, index === 0 ? 'first' : 'line')));
  return {
    width: Math.max(Math.ceil(Math.min(longest, widestText)) + 2 * inset + 2, 72),
    height: Math.min(lines.length, mostLines) * lineHeight + 16,
  };
}

/** From the lower edge of the frame, above the target if that is possible. */
function fromFrame({ x, y, width, height }: Box, points: Point[]): Point[] {
  const target = points.at(-1);
  if (target === undefined) return points;
  const from = { x: Math.min(Math.max(target.x, x + 12), x + width - 12), y: y + height };
  return [from, ...points.slice(1, -1).filter((point) => point.y > from.y), target];
}

function placeLabel(edge: Omit<PlacedEdge, 'points' | 'middle'>, points: Point[]): PlacedEdge {
  const [start, end] = [points[0], points.at(-1)];
  const half = points[Math.floor(points.length / 2)];
  if (start === undefined || end === undefined || half === undefined)
    return { ...edge, points, middle: { x: 0, y: 0 } };
  const isStraight = points.length === 2;
  return { ...edge, points, middle: isStraight ? { x: (start.x + end.x) / 2, y: (start.y + end.y) / 2 } : half };
}

/** Moves everything so that nothing is left of or above the margin. */
function fitted({ nodes, frames, edges }: Pick<GraphLayout, 'nodes' | 'frames' | 'edges'>): GraphLayout {
  const boxes: Box[] = [...nodes, ...frames];
  const points = edges.flatMap((edge) => edge.points);
  const left = least([...boxes.map(({ x }) => x), ...points.map(({ x }) => x)]) - margin;
  const top = least(boxes.map(({ y }) => y)) - margin;
  const right = -least([...boxes.map(({ x, width }) => -x - width), ...points.map(({ x }) => -x)]);
  const bottom = -least(boxes.map(({ y, height }) => -y - height));
  const move = <Thing extends Point>(thing: Thing): Thing => ({ ...thing, x: thing.x - left, y: thing.y - top });
  return {
    ...{ width: Math.ceil(right - left + margin), height: Math.ceil(bottom - top + margin) },
    nodes: nodes.map(move),
    frames: frames.map(move),
    edges: edges.map((edge) => ({ ...edge, points: edge.points.map(move), middle: move(edge.middle) })),
  };
}

/** There may be too many for `Math.min`. */
function least(values: number[]): number {
  return values.reduce((one, other) => Math.min(one, other), Infinity);
}
