import './graph.css';
import { layout, Graph as Layout } from '@dagrejs/dagre';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { cutText } from '../../../language/well-formed.ts';
import { stepTones } from '../../parts/tones.ts';
import { useWords } from '../../words/words.ts';
import type { Graph, GraphNode } from './run-graph.ts';

const nodeWidth = 152;
const nodeHeight = 38;
const dotSize = 14;
const framePadding = 8;
/** Smaller, its words could not be read. What does not fit then is scrolled to. */
const leastZoom = 0.75;

interface Placed {
  width: number;
  height: number;
  nodes: (GraphNode & { x: number; y: number; width: number; height: number })[];
  edges: {
    key: string;
    path: string;
    label: string;
    labelX: number;
    labelY: number;
    isTaken: boolean;
    isBack: boolean;
  }[];
}

/** The graph of a run. Its steps are coloured by their state, and lead to what is known of them. */
export default function GraphView({
  graph,
  selected,
  onSelect,
}: {
  graph: Graph;
  selected: string | null;
  onSelect: (step: string) => void;
}) {
  const { runs } = useWords();
  // Where things are depends on the shape only, so a change of states does not move anything.
  const shape = JSON.stringify([graph.nodes.map(({ id }) => id), graph.edges.map(({ from, to }) => [from, to])]);
  const places = useMemo(() => place(graph), [shape]);
  const frame = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(places.width);
  useLayoutEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setRoom(element.clientWidth - 2 * framePadding));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const zoom = Math.min(1, Math.max(leastZoom, room / places.width));
  const taken = new Set(graph.edges.filter(({ isTaken }) => isTaken).map(({ from, to }) => `${from}→${to}`));
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  return (
    <div class="graph" ref={frame} tabIndex={0} role="group" aria-label={runs.graph}>
      <svg width={places.width * zoom} height={places.height * zoom} viewBox={`0 0 ${places.width} ${places.height}`}>
        <defs>
          <marker
            id="arrow"
            viewBox="0 0 8 8"
            refX="7"
            refY="4"
            markerWidth="7"
            markerHeight="7"
            orient="auto-start-reverse"
          >
            <path class="graph-arrow" d="M0 0.5 L7.5 4 L0 7.5 z" />
          </marker>
        </defs>
        {places.edges.map((edge) => (
          <g key={edge.key} class={taken.has(edge.key) ? 'graph-edge taken' : 'graph-edge'}>
            <path d={edge.path} marker-end="url(#arrow)" stroke-dasharray={edge.isBack ? '4 3' : undefined} />
            {edge.label !== '' && (
              <text x={edge.labelX} y={edge.labelY}>
                {short(edge.label, 20)}
              </text>
            )}
          </g>
        ))}
        {places.nodes.map(({ id, x, y, width, height }) => {
          const node = nodes.get(id);
          if (node === undefined || node.status === null)
            return <circle key={id} class="graph-dot" cx={x} cy={y} r={dotSize / 2} />;
          const word = runs.stepStates[node.status];
          return (
            <g
              key={id}
              class={`graph-node ${stepTones[node.status]} ${node.status}${selected === id ? ' selected' : ''}`}
              role="button"
              tabIndex={0}
              aria-description={word}
              aria-pressed={selected === id}
              onClick={() => onSelect(id)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' && event.key !== ' ') return;
                event.preventDefault();
                onSelect(id);
              }}
            >
              <rect x={x - width / 2} y={y - height / 2} width={width} height={height} rx={8} />
              <circle cx={x - width / 2 + 14} cy={y} r={4} />
              <text class="graph-title" x={x - width / 2 + 26} y={y - 3}>
                {short(node.title, 17)}
              </text>
              <text class="graph-verb" x={x - width / 2 + 26} y={y + 12}>
                {node.verb}
              </text>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

function place(graph: Graph): Placed {
  const layouted = new Layout({ multigraph: true });
  layouted.setGraph({ rankdir: 'TB', nodesep: 14, ranksep: 28, marginx: 12, marginy: 12 });
  for (const { id, status } of graph.nodes) {
    layouted.setNode(
      id,
      status === null ? { width: dotSize, height: dotSize } : { width: nodeWidth, height: nodeHeight },
    );
  }
  for (const [index, { from, to, label }] of graph.edges.entries()) {
    const room = label === '' ? {} : { width: Math.min(label.length, 20) * 6.5, height: 14, labelpos: 'c' };
    layouted.setEdge({ v: from, w: to, name: String(index) }, room);
  }
  layout(layouted);
  const { width = 0, height = 0 } = layouted.graph() as { width?: number; height?: number };
  return {
    width: Math.ceil(width),
    height: Math.ceil(height),
    nodes: graph.nodes.map((node) => ({
      ...node,
      ...(layouted.node(node.id) as Omit<Placed['nodes'][number], keyof GraphNode>),
    })),
    edges: graph.edges.map(({ from, to, label, isBack, isTaken }, index) => {
      const {
        points,
        x = 0,
        y = 0,
      } = layouted.edge({ v: from, w: to, name: String(index) }) as {
        points: { x: number; y: number }[];
        x?: number;
        y?: number;
      };
      return { key: `${from}→${to}`, path: curve(points), label, labelX: x, labelY: y + 4, isTaken, isBack };
    }),
  };
}

/** A smooth line through the middles between the points. */
function curve(points: readonly { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  const last = rest.at(-1);
  if (first === undefined || last === undefined) return '';
  const between = rest.slice(0, -1).map(({ x, y }, index) => {
    const next = rest[index + 1] ?? last;
    return `Q${x} ${y} ${(x + next.x) / 2} ${(y + next.y) / 2}`;
  });
  return `M${first.x} ${first.y} ${between.join(' ')} L${last.x} ${last.y}`;
}

function short(text: string, most: number): string {
  return text.length <= most ? text : `${cutText(text, most - 1)}…`;
}
