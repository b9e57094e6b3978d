import type { Step, StepStatus } from '../language/definition.ts';
import { planOf, type PlanNode } from '../language/plan.ts';
import { shortened } from '../language/printable.ts';
import type { Branch } from '../language/verbs.ts';
import type { LoopCount, RunState } from './run-state.ts';
import { undoneOf } from './undo.ts';
import type { Undone } from './effects.ts';

/** An entry in the answer to the query `progress`: one for each step, in the order of the definition. */
export interface StepProgress {
  id: string;
  /** What the step does: `orders.create`, `emit order.created`. */
  what: string;
  status: StepStatus;
  /** RFC 3339; null if it has not happened yet. */
  startedAt: string | null;
  endedAt: string | null;
  error: string | null;
  /** How many passes of a loop have ended; null for other steps. */
  items: LoopCount | null;
  /** Whether the step may have had its effect, or may not; for a step in a loop, in any item that failed for good. */
  inDoubt: boolean;
  /** What became of its effect: outside of loops only, unless it is in doubt. Null: nothing yet. */
  undone: Undone | null;
}

/** Views of a run's state. Created once for each run, since the plan does not change. */
export interface ProgressView {
  /** The progress of each step. */
  steps: (state: RunState) => StepProgress[];
  /** A Markdown checklist for the "current details" in the Web UI, which hold at most 20 kB. */
  checklist: (state: RunState, notes?: readonly string[]) => string;
}

/** `others`: the lists that run only at the deadline of the run or after undoing. */
export function createProgressView(ofRun: Step[], others: Branch[] = []): ProgressView {
  const rows = [{ label: 'steps', steps: ofRun }, ...others].flatMap(({ label, steps }) => rowsOf(steps, label));
  return {
    steps: (state) =>
      rows.map(({ node: { id }, what }) => ({
        id,
        what,
        status: state.status[id] ?? 'pending',
        startedAt: instant(state.startedAt[id]),
        endedAt: instant(state.endedAt[id]),
        error: state.errors[id] ?? null,
        items: state.loops[id] ?? null,
        inDoubt: isInDoubt(id, state),
        undone: undoneOf(id, state) ?? null,
      })),
    checklist: (state, notes = []) =>
      shorten([
        ...notes.map((note) => `> ⚠️ ${note}\n`),
        ...rows.map(({ node: { id }, depth, what }) => checklistLine({ id, depth, what }, state)),
      ]),
  };
}

interface Row {
  node: PlanNode;
  depth: number;
  what: string;
}

const whenOthersRun: Record<string, string> = { onTimeout: 'at the deadline: ', afterUndo: 'after undoing: ' };

function rowsOf(steps: Step[], label: string): Row[] {
  return flatten(planOf({ steps })).map(({ node, depth }) => {
    return { node, depth, what: `${depth === 0 ? (whenOthersRun[label] ?? '') : ''}${describe(node)}` };
  });
}

const marks: Record<StepStatus, string> = {
  pending: '◻︎',
  running: '▶︎',
  parked: '⏸',
  done: '✅',
  skipped: '➖',
  failed: '❌',
  timedOut: '⏰',
  canceled: '⏹',
};

const undoneMarks = { done: ' ↩︎ undone', failed: ' ⚠️ not undone', left: ' ⚠️ left' };

function checklistLine({ id, depth, what }: { id: string; depth: number; what: string }, state: RunState): string {
  const mark = marks[state.status[id] ?? 'pending'];
  const items = state.loops[id];
  const undone = undoneOf(id, state);
  const error = state.errors[id];
  return [
    `${'  '.repeat(depth)}- ${mark} **${id}** ${what}`,
    items === undefined ? '' : ` (${passes(items)})`,
    undone === undefined ? '' : undoneMarks[undone.outcome] + (undone.inDoubt ? ', in doubt' : ''),
    error === undefined ? '' : `: ${shortened(error, 300)}`,
  ].join('');
}

function isInDoubt(id: string, { undo, doubts, undone, leftInDoubt }: RunState): boolean {
  if (leftInDoubt?.[id] === true || undone[id]?.inDoubt === true) return true;
  return doubts > 0 && undo.some(({ key, inDoubt }) => inDoubt && key === id);
}

function passes({ count, done, failed }: LoopCount): string {
  return `${done}${count === undefined ? '' : ` of ${count}`}${failed === 0 ? '' : `, ${failed} failed`}`;
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
