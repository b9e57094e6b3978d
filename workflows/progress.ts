import type { Definition, StepStatus } from '../language/definition.ts';
import { planOf, type PlanNode } from '../language/plan.ts';
import type { RunState } from './run-state.ts';

/** Answer of the query `progress`: one entry a step, in the order in which they are written. */
export interface StepProgress {
  id: string;
  /** What the step does: `orders.create`, `emit order.created`. */
  what: string;
  status: StepStatus;
  /** RFC 3339; null before. */
  startedAt: string | null;
  endedAt: string | null;
  error: string | null;
}

/** Where each step of the run stands. */
export function progressOf(definition: Definition, state: RunState): StepProgress[] {
  return flatten(planOf(definition)).map(({ node }) => ({
    id: node.id,
    what: describe(node),
    status: state.status[node.id] ?? 'pending',
    startedAt: instant(state.startedAt[node.id]),
    endedAt: instant(state.endedAt[node.id]),
    error: state.errors[node.id] ?? null,
  }));
}

const marks: Record<StepStatus, string> = {
  pending: '◻︎',
  running: '▶︎',
  done: '✅',
  skipped: '➖',
  failed: '❌',
  canceled: '⏹',
};

/** The run as a Markdown checklist, for the Web UI's "current details" (at most 20 kB there). */
export function checklist(definition: Definition, state: RunState): string {
  const lines = flatten(planOf(definition)).map(({ node, depth }) => {
    const error = state.errors[node.id];
    const mark = marks[state.status[node.id] ?? 'pending'];
    const line = `${'  '.repeat(depth)}- ${mark} **${node.id}** ${describe(node)}`;
    return error === undefined ? line : `${line}: ${error.slice(0, 300)}`;
  });
  return shorten(lines);
}

const mostCharacters = 15_000;

function shorten(lines: string[]): string {
  let length = 0;
  const fitting = lines.filter((line) => (length += line.length + 1) <= mostCharacters);
  const left = lines.length - fitting.length;
  return left === 0 ? fitting.join('\n') : [...fitting, `- … and ${left} more steps`].join('\n');
}

function describe(node: PlanNode): string {
  if (node.what === null) return node.verb;
  return node.verb === 'call' ? node.what : `${node.verb} ${node.what}`;
}

function flatten(nodes: PlanNode[], depth = 0): { node: PlanNode; depth: number }[] {
  return nodes.flatMap((node) => [
    { node, depth },
    ...node.branches.flatMap((branch) => flatten(branch.steps, depth + 1)),
  ]);
}

function instant(unixMs: number | undefined): string | null {
  return unixMs === undefined ? null : new Date(unixMs).toISOString();
}
