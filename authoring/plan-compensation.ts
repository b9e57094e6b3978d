import type { Definition, FailurePolicy, Step, StepOf, Verb } from '../language/definition.ts';
import { branchesOf, undoOf, undoWhenOf, verbOf } from '../language/verbs.ts';
import type { RunRules } from './run-rules.ts';

/** What happens after a failure that nothing handles. */
export interface CompensationPlan {
  policy: FailurePolicy;
  /** Whether a canceled run is undone. */
  undoesOnCancel: boolean;
  /** One plan for each step whose failure nothing in the definition handles, in the order in which they are written. */
  failures: FailurePlan[];
}

export interface FailurePlan {
  /** Null: the whole run, at its deadline. */
  step: string | null;
  /** Whether the step itself is undone first if it is in doubt: it failed, although it may have had its effect. */
  inDoubt: boolean;
  /** Ids of the steps that are undone if they have run, in that order. Empty unless the policy is `undo`. */
  undone: string[];
  /** Ids of the steps whose effects stay, because nothing undoes them: neither an `undo` nor, of a `run` step, those of its run. */
  stays: string[];
}

/**
 * Walks the steps as a run does, and notes for each step that can fail what may have been done by then. That includes the other
 * branches of a parallel step and earlier items of a loop.
 */
export function planCompensation(definition: Definition, rules: RunRules): CompensationPlan {
  const policy = rules.failurePolicyOf(definition);
  const failures: FailurePlan[] = [];
  const note = (step: Step | null, done: Step[]): void => {
    const undone = policy === 'undo' ? done.filter((each) => isUndone(each, rules)) : [];
    const stays = done.filter((each) => !undone.includes(each));
    const inDoubt =
      policy === 'undo' &&
      step !== null &&
      undoOf(step) !== undefined &&
      undoWhenOf(step, rules.localActivities) === 'maybe';
    const idsOf = (steps: Step[]) => steps.map(({ id }) => id);
    failures.push({ step: step?.id ?? null, inDoubt, undone: idsOf(undone).reverse(), stays: idsOf(stays) });
  };
  const walk = { done: [], handled: false, note };
  const own = walkList(definition.steps, walk);
  if (failsAtDeadline(definition)) note(null, own);
  walkLate(definition, own, walk);
  return { policy, undoesOnCancel: rules.undoesOnCancel(definition), failures };
}

function isUndone(step: Step, rules: RunRules): boolean {
  if (undoOf(step) !== undefined) return true;
  return 'run' in step && step.detach !== true && rules.handsUp(step.run);
}

interface Walk {
  /** Steps with effects that may have been done, in order. */
  done: Step[];
  /** Whether a surrounding step handles any failure. */
  handled: boolean;
  note: (step: Step, done: Step[]) => void;
}

/** Returns the steps with effects among them. */
function walkList(steps: Step[], walk: Walk): Step[] {
  const own: Step[] = [];
  for (const step of steps) own.push(...walkStep(step, { ...walk, done: [...walk.done, ...own] }));
  return own;
}

function walkStep(step: Step, walk: Walk): Step[] {
  const wander = walks[verbOf(step)] as Wander<Step>; // The verb says of which type the step is.
  return wander(step, walk);
}

type Wander<S extends Step> = (step: S, walk: Walk) => Step[];

const walks: { [V in Verb]: Wander<StepOf[V]> } = {
  call: walkEffect,
  http: walkEffect,
  emit: (step, walk) => [...walkEffect(step, walk), ...walkBranches(step, { ...walk, done: [...walk.done, step] })],
  run: walkEffect,
  wait: () => [],
  set: () => [],
  stop: () => [],
  fail: (step, walk) => {
    noteFailure(step, walk);
    return [];
  },
  waitFor: (step, walk) => {
    if ((step.onTimeout ?? 'fail') === 'fail') noteFailure(step, walk);
    return walkBranches(step, walk);
  },
  approve: (step, walk) => {
    if ((step.onTimeout ?? 'fail') === 'fail' || (step.onReject ?? 'fail') === 'fail') noteFailure(step, walk);
    return walkBranches(step, walk);
  },
  parallel: (step, walk) => {
    const handled = walk.handled || (step.join ?? 'all') !== 'all';
    if (step.join === 'first') noteFailure(step, walk);
    if (typeof step.join === 'object' || failsAtDeadline(step)) {
      noteFailure(step, { ...walk, done: [...walk.done, ...effectsIn(step)] });
    }
    const branches = step.parallel.flatMap((branch) => {
      const others = step.parallel.filter((each) => each !== branch).flatMap(effectsIn);
      return walkStep(branch, { ...walk, done: [...walk.done, ...others], handled });
    });
    return [...branches, ...walkLate(step, branches, walk)];
  },
  forEach: (step, walk) => {
    const { join = 'all', onItemError = 'fail' } = step.forEach;
    if (join === 'first') noteFailure(step, walk);
    const done = [...walk.done, ...effectsIn(step)];
    const own = walkList(step.do, { ...walk, done, handled: walk.handled || join !== 'all' || onItemError !== 'fail' });
    if (!Array.isArray(onItemError)) return own;
    return [...own, ...walkList(onItemError, { ...walk, done, handled: walk.handled || join !== 'all' })];
  },
  while: (step, walk) => {
    noteFailure(step, { ...walk, done: [...walk.done, ...effectsIn(step)] });
    return walkList(step.do, { ...walk, done: [...walk.done, ...effectsIn(step)] });
  },
  if: walkBranches,
  switch: walkBranches,
  do: (step, walk) => {
    const own = walkList(step.do, walk);
    if (failsAtDeadline(step)) noteFailure(step, { ...walk, done: [...walk.done, ...own] });
    return [...own, ...walkLate(step, own, walk)];
  },
  try: (step, walk) => {
    const handled = walk.handled || (step.catch ?? []).some(({ errors }) => errors === undefined);
    const tried = walkList(step.try, { ...walk, handled });
    const after = { ...walk, done: [...walk.done, ...tried] };
    const caught = (step.catch ?? []).flatMap((each) => walkList(each.do, after));
    const last = walkList(step.finally ?? [], { ...walk, done: [...after.done, ...caught] });
    return [...tried, ...caught, ...last];
  },
};

function failsAtDeadline({ deadline, onTimeout = 'fail' }: Pick<Definition, 'deadline' | 'onTimeout'>): boolean {
  return deadline !== undefined && onTimeout === 'fail';
}

/** The steps of `onTimeout` run after part of the group, which may have been undone. */
function walkLate({ onTimeout }: Pick<Definition, 'onTimeout'>, own: Step[], walk: Walk): Step[] {
  return Array.isArray(onTimeout) ? walkList(onTimeout, { ...walk, done: [...walk.done, ...own] }) : [];
}

function walkEffect(step: Step, walk: Walk): Step[] {
  noteFailure(step, walk);
  return [step];
}

/** Only one branch runs, so none adds to what another has done. */
function walkBranches(step: Step, walk: Walk): Step[] {
  return branchesOf(step).flatMap((branch) => walkList(branch.steps, walk));
}

function noteFailure(step: Step, { done, handled, note }: Walk): void {
  if (!handled) note(step, [...new Set(done)]);
}

/** The steps with effects in this step and below it, in the order in which they are written. */
function effectsIn(step: Step): Step[] {
  const verb = verbOf(step);
  const own = verb === 'call' || verb === 'http' || verb === 'emit' || verb === 'run' ? [step] : [];
  return [...own, ...branchesOf(step).flatMap((branch) => branch.steps.flatMap(effectsIn))];
}
