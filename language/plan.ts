import type { Definition, Step, Verb } from './definition.ts';
import { branchesOf, verbOf, whatOf } from './verbs.ts';

/** One step as a reader of the plan sees it. JSON, since it answers the workflow's `plan` query. */
export interface PlanNode {
  id: string;
  verb: Verb;
  /** The id where the author gave no title. */
  title: string;
  /** The activity, the event type, the duration; null where the verb has none. */
  what: string | null;
  /** Whether a guard decides if the step runs. */
  guarded: boolean;
  branches: PlanBranch[];
}

export interface PlanBranch {
  /** `then`, `else`, `parallel`. */
  label: string;
  steps: PlanNode[];
}

/** The definition's steps as a tree, in the order in which they are written. */
export function planOf(definition: Pick<Definition, 'steps'>): PlanNode[] {
  return definition.steps.map(nodeOf);
}

/** The steps directly below a step, of all its branches. */
export function childSteps(step: Step): Step[] {
  return branchesOf(step).flatMap((branch) => branch.steps);
}

function nodeOf(step: Step): PlanNode {
  const verb = verbOf(step);
  return {
    id: step.id,
    verb,
    title: step.title ?? step.id,
    what: whatOf(step),
    guarded: verb !== 'if' && step.if !== undefined,
    branches: branchesOf(step).map(({ label, steps }) => ({ label, steps: steps.map(nodeOf) })),
  };
}
