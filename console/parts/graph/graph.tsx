import './graph.css';
import { memo } from 'preact/compat';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { DefinitionGraph, GraphNode } from '../../../authoring/definition-graph.ts';
import { useWords } from '../../words/words.ts';
import { goAlong } from '../go-along.ts';
import { Icon, type IconName } from '../icon.tsx';
import { Loading } from '../loading.tsx';
import type { Tone } from '../tones.ts';
import type { Box, GraphLayout, PlacedEdge } from './layout.ts';
import type { Point } from './places.ts';
import { cutToWidth } from './text-width.ts';

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
  /** The edges along which a run has gone, by their places in the graph. */
  taken?: ReadonlySet<number> | undefined;
  selected: string | null;
  onSelect: (step: string) => void;
}

/**
 * A definition as a picture, or with `states` a run of it: the graph is that of `graphOf` in `authoring/definition-graph.ts`. Its nodes are buttons, in the
 * order of the steps, so that they are a list for those who do not see the picture. The arrow keys go along them.
 */
export function Graph({ graph, label, states, taken, selected, onSelect }: GraphProps) {
  const { graph: words } = useWords();
  const layout = useLayout(graph);
  const view = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState(1);
  const width = layout?.width ?? 0;
  useEffect(() => setZoom(fitting(width, view.current)), [width]);
  useEffect(() => show(view.current, selected), [selected, layout]);
  const latest = useRef(onSelect);
  latest.current = onSelect;
  const select = useMemo(() => (step: string) => latest.current(step), []);
  const edges = useMemo(
    () => layout?.edges.map((edge, index) => [edge, taken?.has(index) ?? false] as const),
    [layout, taken],
  );
  /** The tabulator key leads to one node only: a definition may have hundreds. */
  const entry = layout?.nodes.find(({ step }) => step !== null && step === selected) ?? layout?.nodes.find(hasStep);
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
            {edges?.map(([edge, isTaken], index) => (
              <Edge key={index} edge={edge} isTaken={isTaken} />
            ))}
          </g>
          <g role="list" aria-label={label} onKeyDown={goAlong}>
            {layout.nodes.map((node) => (
              <Node
                key={node.name}
                node={node}
                state={node.step === null || node.kind === 'undo' ? undefined : states?.get(node.step)}
                isOfRun={states !== undefined}
                isSelected={node.step !== null && node.step === selected}
                isEntry={node === entry}
                onSelect={select}
              />
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

function hasStep({ step }: GraphNode): boolean {
  return step !== null;
}

interface NodeProps {
  node: GraphNode & Box;
  state: GraphState | undefined;
  isOfRun: boolean;
  isSelected: boolean;
  /** Whether the tabulator key leads here. */
  isEntry: boolean;
  onSelect: (step: string) => void;
}

/** Drawn again only if it has changed: there may be a thousand. */
const Node = memo(function Node({ node, state, isOfRun, isSelected, isEntry, onSelect }: NodeProps) {
  const { graph: words } = useWords();
  const { x, y, width, height, shape, step, kind, lines } = node;
  const [first = '', ...others] = lines;
  const classes = ['graph-node', shape, kind, state?.tone ?? (isOfRun && step !== null ? 'unreached' : null)];
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
          <div class="graph-text" title={lines.join('\n')}>
            {text}
          </div>
        ) : (
          <button
            type="button"
            class="graph-text"
            tabIndex={isEntry ? 0 : -1}
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
}, isSameNode);

function isSameNode(one: NodeProps, other: NodeProps): boolean {
  return (
    one.node === other.node &&
    one.state?.tone === other.state?.tone &&
    one.state?.label === other.state?.label &&
    one.isOfRun === other.isOfRun &&
    one.isSelected === other.isSelected &&
    one.isEntry === other.isEntry
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
        <title>{title}</title>
        {cutToWidth(title, 'title', width - 20)}
      </text>
    </g>
  );
}

interface EdgeProps {
  edge: PlacedEdge;
  isTaken: boolean;
}

const Edge = memo(function Edge({ edge: { points, label, shown, dotted, middle }, isTaken }: EdgeProps) {
  return (
    <g class={['graph-edge', dotted && 'dotted', isTaken && 'taken'].filter(Boolean).join(' ')}>
      <path d={curve(points)} marker-end={isTaken ? 'url(#graph-arrow-taken)' : 'url(#graph-arrow)'} />
      {label !== null && (
        <text x={middle.x} y={middle.y + 4} text-anchor="middle">
          <title>{label}</title>
          {shown}
        </text>
      )}
    </g>
  );
});

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
  const size = { viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' };
  return (
    <defs>
      <marker id="graph-arrow" {...size}>
        <path class="graph-arrow" d="M0 0L8 4L0 8Z" />
      </marker>
      <marker id="graph-arrow-taken" {...size}>
        <path class="graph-arrow taken" d="M0 0L8 4L0 8Z" />
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
