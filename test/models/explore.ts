/** A protocol as a state machine: JSON states, and every step that any process can take in one. */
export interface Model<State> {
  initial: State;
  steps: (state: State) => Step<State>[];
  /** What is wrong with a state; null: nothing. */
  fault: (state: State) => string | null;
  /** Whether all work is done as it should be. */
  isDone: (state: State) => boolean;
}

export interface Step<State> {
  name: string;
  to: State;
  /** A process dies. That may happen at any time, but nothing may depend on it. */
  crash?: boolean;
}

export interface Exploration {
  states: number;
  /** The shortest way to something wrong: its steps, and what it is. Null: there is none. */
  problem: { trace: string[]; what: string } | null;
}

interface Node<State> {
  state: State;
  /** How it was reached first. */
  from: Node<State> | null;
  by: string;
  /** Those that reach it without a crash. */
  before: Node<State>[];
  reachesEnd: boolean;
}

/**
 * Goes through every reachable state. A problem is a state with a fault, and one from which the work can never be done even if nothing crashes
 * any more: something was lost, or is held forever.
 */
export function explore<State>({ initial, steps, fault, isDone }: Model<State>): Exploration {
  const root: Node<State> = { state: initial, from: null, by: '', before: [], reachesEnd: false };
  const nodes = new Map([[JSON.stringify(initial), root]]);
  const ends: Node<State>[] = [];
  for (const node of nodes.values()) {
    const what = fault(node.state);
    if (what !== null) return { states: nodes.size, problem: { trace: traceOf(node), what } };
    if (isDone(node.state)) ends.push(node);
    for (const { name, to, crash = false } of steps(node.state)) {
      const id = JSON.stringify(to);
      const known = nodes.get(id);
      const next = known ?? { state: to, from: node, by: name, before: [], reachesEnd: false };
      if (known === undefined) nodes.set(id, next);
      if (!crash) next.before.push(node);
    }
  }
  markBefore(ends);
  const stuck = [...nodes.values()].find((node) => !node.reachesEnd);
  const problem = stuck === undefined ? null : { trace: traceOf(stuck), what: 'the work can never be done' };
  return { states: nodes.size, problem };
}

function markBefore<State>(ends: Node<State>[]): void {
  const left = [...ends];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (node.reachesEnd) continue;
    node.reachesEnd = true;
    left.push(...node.before);
  }
}

function traceOf<State>(node: Node<State>): string[] {
  const trace: string[] = [];
  for (let at = node; at.from !== null; at = at.from) trace.unshift(at.by);
  return trace;
}
