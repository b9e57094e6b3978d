import type { DefinitionGraph, GraphEdge, GraphFrame, GraphNode } from '../../../authoring/definition-graph.ts';
import { allSteps, type FullRun, type RunStep } from './run-state.ts';

/** What of a definition a run has gone through, as far as its steps and the conditions that it remembers tell. */
interface RunPath {
  /** By their ids, the steps that have begun or were passed over. */
  steps: ReadonlyMap<string, RunStep>;
  /** The edges that it has gone along, by their places in the graph. */
  edges: ReadonlySet<number>;
}

type Told = Pick<FullRun, 'details' | 'status'>;

/** The steps of a run that its definition names. */
export function stepsOf({ details }: Pick<FullRun, 'details'>): RunStep[] {
  return details === null ? [] : allSteps([...details.steps, ...details.others.flatMap(({ steps }) => steps)]);
}

/** Finds the way of a run through the graph of its definition. Of a loop, the way of all of its passages. */
export function pathOf(run: Told, graph: DefinitionGraph): RunPath {
  const steps = new Map(stepsOf(run).map((step) => [step.id, step]));
  const said = new Map<string, Set<boolean>>();
  for (const { step, position, value } of run.details?.decisions ?? []) {
    if (position === 'if' || position === 'while') said.set(step, (said.get(step) ?? new Set()).add(value));
  }
  const places = new Map<string, GraphNode | GraphFrame>([...graph.nodes, ...graph.frames].map((at) => [at.name, at]));
  const status = run.status.toUpperCase();

  function isReached(name: string): boolean {
    const at = places.get(name);
    if (at === undefined) return false;
    // Every run has reached the beginning. The ends are those of runs that have completed, or have failed and were undone.
    if (at.step === null && at === graph.nodes[0]) return true;
    if (at.step === null) return 'kind' in at && at.kind === 'failure' ? status !== 'RUNNING' : status === 'COMPLETED';
    const step = steps.get(at.step);
    if ('kind' in at && at.kind === 'undo') return step?.undone === 'done' || step?.undone === 'failed';
    return isBegun(step) || ('shape' in at && at.shape === 'diamond' && said.has(at.step));
  }

  function isTaken({ from, to, label }: GraphEdge): boolean {
    if (!isReached(from) || !isReached(to)) return false;
    const answers = said.get(places.get(from)?.step ?? '');
    if (answers === undefined || (label !== 'yes' && label !== 'no')) return true;
    return answers.has(label === 'yes');
  }

  return {
    steps: new Map([...steps].filter(([, { status }]) => status !== 'pending')),
    edges: new Set(graph.edges.flatMap((edge, index) => (isTaken(edge) ? [index] : []))),
  };
}

function isBegun(step: RunStep | undefined): boolean {
  return step !== undefined && step.status !== 'pending' && step.status !== 'skipped';
}
