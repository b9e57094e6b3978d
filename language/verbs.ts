import type { BranchStep, CallStep, EmitStep, ParallelStep, SetStep, Step, Verb, WaitStep } from './definition.ts';

/** Which step type a verb belongs to. */
export interface StepOf {
  call: CallStep;
  emit: EmitStep;
  wait: WaitStep;
  set: SetStep;
  parallel: ParallelStep;
  if: BranchStep;
}

/** What is common knowledge about a verb: how a plan shows it, and which lists of steps it holds. */
interface VerbDescription<S extends Step> {
  /** The one thing a reader wants to know beside the id: the activity, the event type, the duration. Null: nothing. */
  what(step: S): string | null;
  /** The lists below the step, in the order in which they are written. */
  branches(step: S): Branch[];
}

export interface Branch {
  label: string;
  steps: Step[];
}

const none = (): Branch[] => [];

const verbTable: { [V in Verb]: VerbDescription<StepOf[V]> } = {
  call: { what: (step) => step.call, branches: none },
  emit: { what: (step) => step.emit, branches: none },
  wait: { what: (step) => (typeof step.wait === 'string' ? step.wait : 'until'), branches: none },
  set: { what: (step) => Object.keys(step.set).join(', '), branches: none },
  parallel: { what: () => null, branches: (step) => [{ label: 'parallel', steps: step.parallel }] },
  if: {
    what: () => null,
    branches: (step) => [
      { label: 'then', steps: step.then },
      ...(step.else === undefined ? [] : [{ label: 'else', steps: step.else }]),
    ],
  },
};

/** A step's verb. `if` counts only with `then`: beside another verb it is that step's guard. */
export function verbOf(step: Step): Verb {
  if ('call' in step) return 'call';
  if ('emit' in step) return 'emit';
  if ('wait' in step) return 'wait';
  if ('set' in step) return 'set';
  if ('parallel' in step) return 'parallel';
  return 'if';
}

/** See {@link VerbDescription.what}. */
export function whatOf(step: Step): string | null {
  return descriptionOf(step).what(step);
}

/** See {@link VerbDescription.branches}. */
export function branchesOf(step: Step): Branch[] {
  return descriptionOf(step).branches(step);
}

function descriptionOf(step: Step): VerbDescription<Step> {
  return verbTable[verbOf(step)];
}
