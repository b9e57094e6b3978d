import type { Definition, RunInput, Step, Verb } from './definition.ts';
import { branchesOf, guardOf, joinText, listsOf, undoStepOf, verbOf, whatOf } from './verbs.ts';

/** One step as a reader of the plan sees it. JSON, since it answers the workflow's `plan` query. */
export interface PlanNode {
  id: string;
  verb: Verb;
  /** The title, or else the id. */
  title: string;
  /** The activity, the event type or the duration. Null if the verb has none of them. */
  what: string | null;
  /** Whether a guard decides if the step runs. */
  guarded: boolean;
  /** The action that undoes the step, or null. */
  undo: Pick<PlanNode, 'verb' | 'what'> | null;
  /** How branches or items run at the same time: `all`, `2 of 3`. Null for other steps. */
  join: string | null;
  /** Only for loops. */
  loop: PlanLoop | null;
  branches: PlanBranch[];
}

export interface PlanLoop {
  /** How many items run at once; 1 for a `while`. */
  concurrency: number;
  /** After how many iterations a `while` fails; null for a `forEach`, which ends with its list. */
  max: number | null;
}

export interface PlanBranch {
  /** `then`, `case 2`, `catch CardDeclined`: see `branchesOf`. */
  label: string;
  steps: PlanNode[];
}

/** Steps as a tree, in the order in which they are written. */
export function planOf({ steps }: { steps: Step[] }): PlanNode[] {
  return steps.map(nodeOf);
}

/** The steps directly below a step, of all its branches. */
export function childSteps(step: Step): Step[] {
  return branchesOf(step).flatMap((branch) => branch.steps);
}

/** The steps and every step below them, in the order in which they are written. */
export function allSteps(steps: Step[]): Step[] {
  return steps.flatMap((step) => [step, ...allSteps(childSteps(step))]);
}

/** Every step of a definition, those for its deadline and after undoing included. */
export function stepsOf(definition: Pick<Definition, 'steps' | 'onTimeout' | 'afterUndo'>): Step[] {
  return listsOf(definition).flatMap(({ steps }) => allSteps(steps));
}

/** The steps of a run, in order: those that Kait added first, then those of the definition. */
export function effectiveSteps({ first = [], definition }: Pick<RunInput, 'first' | 'definition'>): Step[] {
  return [...first, ...definition.steps];
}

/** Those and the definition's other lists of steps. */
export function everyList({ first = [], definition }: Pick<RunInput, 'first' | 'definition'>): Step[] {
  return [...first, ...listsOf(definition).flatMap(({ steps }) => steps)];
}

function nodeOf(step: Step): PlanNode {
  return {
    id: step.id,
    verb: verbOf(step),
    title: step.title ?? step.id,
    what: whatOf(step),
    guarded: guardOf(step) !== undefined,
    undo: undoNode(step),
    join: joinOf(step),
    loop: loopOf(step),
    branches: branchesOf(step).map(({ label, steps }) => ({ label, steps: steps.map(nodeOf) })),
  };
}

function undoNode(step: Step): PlanNode['undo'] {
  const undo = undoStepOf(step);
  return undo === undefined ? null : { verb: verbOf(undo), what: whatOf(undo) };
}

function joinOf(step: Step): string | null {
  if ('parallel' in step) return joinText(step);
  return 'forEach' in step ? (step.forEach.join ?? 'all') : null;
}

function loopOf(step: Step): PlanLoop | null {
  if ('forEach' in step) return { concurrency: step.forEach.concurrency ?? 1, max: null };
  return 'while' in step ? { concurrency: 1, max: step.max } : null;
}
