import './graph.css';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { DefinitionGraph, GraphNode } from '../../../authoring/definition-graph.ts';
import { useWords } from '../../words/words.ts';
import { Icon, type IconName } from '../icon.tsx';
import { Loading } from '../loading.tsx';
import type { Tone } from '../tones.ts';
import type { Box, GraphLayout, PlacedEdge } from './layout.ts';
import type { Point } from './places.ts';

/** How a step of a run stands. */
export interface GraphState {
  tone: Tone;
  /** The word for it. */
  label: string;
}

interface GraphProps {
  graph: DefinitionGraph;
  /** What the graph shows, for those who do not see it. */
  label: string;
  /** How each step stands, by its id. If it is given, steps without a state are shown as not reached. A step in a loop has one state here. */
  states?: ReadonlyMap<string, GraphState> | undefined;
  selected: string | null;
  onSelect: (step: string) => void;
}

/**
 * A definition as a picture. Its nodes are buttons, in the order of the steps, so that they can be chosen with the keyboard and are a list for those who do
 * not see the picture. The page of a run passes `states`, and `graphOf(definition, …)` of `authoring/definition-graph.ts` as the graph.
 */
export function Graph({ graph, label, states, selected, onSelect }: GraphProps) {
  const { graph: words } = useWords();
  const layout = useLayout(graph);
  const view = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState(1);
  const width = layout?.width ?? 0;
  useEffect(() => setZoom(fitting(width, view.current)), [width]);
  useEffect(() => show(view.current, selected), [selected, layout]);
  if (layout === null) return <Loading />;
  return (
    <div class="graph">
      <div class="graph-view" ref={view} role="group" aria-label={words.picture} tabIndex={0}>
        <svg
          width={layout.width * zoom}
          height={layout.height * zoom}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          class={states === undefined ? undefined : 'with-states'}
        >
          <Arrowheads />
          <g aria-hidden="true">
            {layout.frames.map((frame) => (
              <Frame key={frame.name} {...frame} />
            ))}
            {layout.edges.map((edge, index) => (
              <Edge key={index} edge={edge} />
            ))}
          </g>
          <g role="list" aria-label={label}>
            {layout.nodes.map((node) => (
              <Node key={node.name} node={node} {...{ states, selected, onSelect }} />
            ))}
          </g>
        </svg>
      </div>
      <div class="graph-tools" role="group" aria-label={words.zoom}>
        <Tool icon="plus" label={words.larger} onClick={() => setZoom(Math.min(zoom * 1.25, 3))} />
        <Tool icon="minus" label={words.smaller} onClick={() => setZoom(Math.max(zoom / 1.25, 0.1))} />
        <Tool icon="fit" label={words.fit} onClick={() => setZoom(whole(layout, view.current))} />
      </div>
    </div>
  );
}

/** Null while the layout is loaded. The last one stays until there is a new one. */
function useLayout(graph: DefinitionGraph): GraphLayout | null {
  const [layOut, setLayOut] = useState<{ layOut: (graph: DefinitionGraph) => GraphLayout } | null>(null);
  useEffect(() => {
    void import('./layout.ts').then(setLayOut);
  }, []);
  return useMemo(() => layOut?.layOut(graph) ?? null, [layOut, graph]);
}

/** The whole width, unless the texts would be too small to read. */
function fitting(width: number, view: HTMLElement | null): number {
  if (view === null || width === 0) return 1;
  return Math.min(1, Math.max(view.clientWidth / width, 0.6));
}

function whole({ width, height }: GraphLayout, view: HTMLElement | null): number {
  if (view === null) return 1;
  return Math.min(1, Math.max(Math.min(view.clientWidth / width, view.clientHeight / height), 0.05));
}

/** Scrolls the graph, not the page, to a step that is not in view. */
function show(view: HTMLElement | null, step: string | null): void {
  const node = view?.querySelector('.graph-node.selected');
  if (view === null || node === null || node === undefined || step === null) return;
  const [outer, inner] = [view.getBoundingClientRect(), node.getBoundingClientRect()];
  const isSeen =
    inner.top >= outer.top && inner.bottom <= outer.bottom && inner.left >= outer.left && inner.right <= outer.right;
  if (isSeen) return;
  view.scrollBy({
    top: inner.top - outer.top - (outer.height - inner.height) / 2,
    left: inner.left - outer.left - (outer.width - inner.width) / 2,
  });
}

function Node({
  node,
  states,
  selected,
  onSelect,
}: { node: GraphNode & Box } & Pick<GraphProps, 'states' | 'selected' | 'onSelect'>) {
  const { graph: words } = useWords();
  const { x, y, width, height, shape, step, kind, lines } = node;
  const state = step === null || kind === 'undo' ? undefined : states?.get(step);
  const isSelected = step !== null && step === selected;
  const [first = '', ...others] = lines;
  const classes = [
    'graph-node',
    shape,
    kind,
    state?.tone ?? (states === undefined || step === null ? null : 'unreached'),
  ];
  const text = (
    <>
      <span class="graph-first">{first}</span>
      {others.map((line, index) => (
        <span key={index}>{line}</span>
      ))}
    </>
  );
  return (
    <g class={[...classes, isSelected && 'selected'].filter(Boolean).join(' ')}>
      <path class="graph-shape" d={outline(node)} aria-hidden="true" />
      <foreignObject {...{ x, y, width, height }} role="listitem">
        {step === null ? (
          <div class="graph-text">{text}</div>
        ) : (
          <button
            type="button"
            class="graph-text"
            aria-pressed={isSelected}
            title={lines.join('\n')}
            onClick={() => onSelect(step)}
          >
            {kind === 'undo' && <span class="visually-hidden">{words.undoes(step)}</span>}
            {text}
            {state !== undefined && <span class="visually-hidden">{state.label}</span>}
          </button>
        )}
      </foreignObject>
    </g>
  );
}

/** A branch is pointed at both sides, waiting is slanted, the beginning and the ends are round. */
function outline({ x, y, width, height, shape }: GraphNode & Box): string {
  const [right, bottom, middle] = [x + width, y + height, y + height / 2];
  if (shape === 'diamond' || shape === 'hexagon') {
    const tip = shape === 'diamond' ? 14 : 8;
    return `M${x + tip} ${y}H${right - tip}L${right} ${middle}L${right - tip} ${bottom}H${x + tip}L${x} ${middle}Z`;
  }
  if (shape === 'slanted' || shape === 'trapezoid') return `M${x + 8} ${y}H${right}L${right - 8} ${bottom}H${x}Z`;
  const radius = shape === 'stadium' || shape === 'circle' ? height / 2 : shape === 'round' ? 12 : 5;
  const arc = (dx: number, dy: number) => `a${radius} ${radius} 0 0 1 ${dx} ${dy}`;
  const top = `M${x + radius} ${y}H${right - radius}${arc(radius, radius)}`;
  const side = `V${bottom - radius}${arc(-radius, radius)}H${x + radius}${arc(-radius, -radius)}`;
  return `${top}${side}V${y + radius}${arc(radius, -radius)}Z`;
}

function Frame({ x, y, width, height, title }: Box & { title: string }) {
  return (
    <g class="graph-frame">
      <rect {...{ x, y, width, height }} rx={8} />
      <text x={x + 10} y={y + 15}>
        {title.length * 6.2 > width ? `${title.slice(0, Math.max(3, Math.floor(width / 6.2) - 3))}…` : title}
      </text>
    </g>
  );
}

function Edge({ edge: { points, label, dotted, middle } }: { edge: PlacedEdge }) {
  return (
    <g class={dotted ? 'graph-edge dotted' : 'graph-edge'}>
      <path d={curve(points)} marker-end="url(#graph-arrow)" />
      {label !== null && (
        <text x={middle.x} y={middle.y + 4} text-anchor="middle">
          {label.length > 36 ? `${label.slice(0, 35)}…` : label}
        </text>
      )}
    </g>
  );
}

/** Through the middles between the points, rounded at the points. */
function curve(points: readonly Point[]): string {
  const [first, ...others] = points;
  const last = others.at(-1);
  if (first === undefined || last === undefined) return '';
  const bends = others.slice(0, -1).map((point, index) => {
    const next = others[index + 1] ?? last;
    const isLast = index === others.length - 2;
    const end = isLast ? next : { x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 };
    return `Q${round(point.x)} ${round(point.y)} ${round(end.x)} ${round(end.y)}`;
  });
  const start = `M${round(first.x)} ${round(first.y)}`;
  return bends.length === 0 ? `${start}L${round(last.x)} ${round(last.y)}` : start + bends.join('');
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function Arrowheads() {
  return (
    <defs>
      <marker id="graph-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
        <path class="graph-arrow" d="M0 0L8 4L0 8Z" />
      </marker>
    </defs>
  );
}

function Tool({ icon, label, onClick }: { icon: IconName; label: string; onClick: () => void }) {
  return (
    <button type="button" class="quiet" aria-label={label} title={label} onClick={onClick}>
      <Icon name={icon} size={16} />
    </button>
  );
}
