import type { StepStatus } from '../../parts/tones.ts';
import type { RunStep } from './run-state.ts';

/** A step in the graph. */
export interface GraphNode {
  id: string;
  title: string;
  /** `call`, `if`; or `start` and `end` of the whole. */
  verb: string;
  /** Null of the start and the end. */
  status: StepStatus | null;
}

export interface GraphEdge {
  from: string;
  to: string;
  label: string;
  /** Whether it leads back to the head of a loop. */
  isBack: boolean;
  /** Whether the run has gone along it, as far as the steps at both ends tell. */
  isTaken: boolean;
}

export interface Graph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}

interface LooseEnd {
  from: string;
  label: string;
}

const loops: readonly string[] = ['forEach', 'while'];
/** Verbs that go on only through their branches. */
const forks: readonly string[] = ['parallel', 'try', 'do'];
const enders: readonly string[] = ['stop', 'fail'];
/** Branches whose name says nothing that the verb does not. */
const nameless: readonly string[] = ['parallel', 'try', 'do'];

/**
 * The steps of a run as a graph. If it had more nodes than `most`, what is inside the deepest steps is left out, level by level; null if even the
 * outermost steps are more.
 */
export function graphOf(steps: readonly RunStep[], most = 250): Graph | null {
  for (let depth = 12; depth >= 0; depth -= 1) {
    const graph = draw(steps, depth);
    if (graph.nodes.length <= most) return graph;
  }
  return null;
}

function draw(steps: readonly RunStep[], depth: number): Graph {
  const start: GraphNode = { id: 'kait:start', title: '', verb: 'start', status: null };
  const end: GraphNode = { id: 'kait:end', title: '', verb: 'end', status: null };
  const graph: Graph = { nodes: [start], edges: [] };
  const ends = drawList(steps, [{ from: start.id, label: '' }], graph, depth);
  graph.nodes.push(end);
  connect(graph, ends, end.id);
  const statuses = new Map(graph.nodes.map(({ id, status }) => [id, status]));
  for (const edge of graph.edges)
    edge.isTaken = wasReached(statuses.get(edge.from)) && wasReached(statuses.get(edge.to));
  return graph;
}

/** The start always was. Whether the end was cannot be seen from steps. */
function wasReached(status: StepStatus | null | undefined): boolean {
  return status !== 'pending' && status !== 'skipped' && status !== undefined;
}

function drawList(steps: readonly RunStep[], incoming: LooseEnd[], graph: Graph, depth: number): LooseEnd[] {
  return steps.reduce((ends, step, index) => {
    const own = drawStep(step, ends, graph, depth);
    // What comes after a step that ends the run is reached if the step has a condition.
    const goesOn = enders.includes(step.verb) && index < steps.length - 1;
    return goesOn ? [...own, { from: step.id, label: '' }] : own;
  }, incoming);
}

function drawStep(step: RunStep, incoming: LooseEnd[], graph: Graph, depth: number): LooseEnd[] {
  const { id, title, verb, status } = step;
  graph.nodes.push({ id, title, verb, status });
  connect(graph, incoming, id);
  const branches = depth > 0 ? step.branches.filter((branch) => branch.steps.length > 0) : [];
  const own: LooseEnd = { from: id, label: '' };
  if (enders.includes(verb)) return [];
  if (branches.length === 0) return [own];
  if (loops.includes(verb)) {
    const [body, ...reactions] = branches;
    const inside = body === undefined ? [] : drawList(body.steps, [own], graph, depth - 1);
    connect(graph, inside, id, true);
    return [own, ...reactions.flatMap((branch) => drawBranch(branch, id, graph, depth))];
  }
  if (verb === 'parallel') {
    // Each step of it is a branch of its own.
    const [side, ...reactions] = branches;
    const ends = (side?.steps ?? []).flatMap((each) => drawStep(each, [own], graph, depth - 1));
    return [...ends, ...reactions.flatMap((branch) => drawBranch(branch, id, graph, depth))];
  }
  const ends = branches.flatMap((branch) => drawBranch(branch, id, graph, depth));
  const isComplete =
    forks.includes(verb) ||
    (verb === 'if' && branches.length > 1) ||
    (verb === 'switch' && branches.some(({ label }) => label === 'default'));
  return isComplete ? ends : [own, ...ends];
}

function drawBranch(branch: RunStep['branches'][number], from: string, graph: Graph, depth: number): LooseEnd[] {
  const label = nameless.includes(branch.label) ? '' : branch.label;
  return drawList(branch.steps, [{ from, label }], graph, depth - 1);
}

function connect(graph: Graph, ends: readonly LooseEnd[], to: string, isBack = false): void {
  for (const { from, label } of ends) graph.edges.push({ from, to, label, isBack, isTaken: false });
}
