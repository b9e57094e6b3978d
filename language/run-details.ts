import type { StepStatus } from './definition.ts';
import type { Json } from './json.ts';

/*
 * What a run answers to the query `details`: all that it knows about itself and a person may want to see, in bounded size. JSON.
 */

export interface RunDetails {
  steps: StepDetails[];
  /** The lists of steps that run only at the deadline of the run or after undoing. */
  others: { label: string; steps: StepDetails[] }[];
  /** Steps that take commands now, by their keys, at most fifty. */
  commandable: { key: string; state: 'parked' | 'calling' | 'waiting' }[];
  /** The keys of steps that wait for people's answers. */
  asking: string[];
  /** The last ones, in their order: at most ten of each step. */
  decisions: ShownDecision[];
  /** Since when decisions and inputs are remembered, if that is not the beginning: the run has continued as new then. */
  remembersSince: string | null;
  paused: { by: string | null; reason: string | null; at: string } | null;
  /** Set if it has failed. */
  failure: { type: string; message: string; step: string | null } | null;
  /** What the run dropped, and why. */
  notes: string[];
  /** The run that this one goes on from. */
  retryOf: string | null;
  /** The hash of the definition that it carries. */
  definitionHash: string;
}

/** A step, or a list of steps below another. */
export interface StepDetails {
  id: string;
  verb: string;
  title: string;
  what: string | null;
  status: StepStatus;
  /** RFC 3339. */
  startedAt: string | null;
  endedAt: string | null;
  /** How long it waits or stays parked at most. */
  until: string | null;
  error: string | null;
  /** Passes of a loop. */
  items: { count: number | null; done: number; failed: number } | null;
  inDoubt: boolean;
  undone: 'done' | 'failed' | 'left' | null;
  /** The id of the run that it has started. */
  child: string | null;
  input: ShownValue | null;
  output: ShownValue | null;
  /** Passes of a loop that are under way, at most ten. */
  open: { key: string; steps: { id: string; status: StepStatus }[] }[];
  branches: { label: string; steps: StepDetails[] }[];
}

/** A value; or, if it is large, the beginning of its JSON and how many bytes that has. */
export type ShownValue = { value: Json } | { beginning: string; bytes: number };

/** Why a condition decided as it did. */
export interface ShownDecision {
  key: string;
  step: string;
  /** Which condition of the step: `if`, `while`, `case 2`, `where`. */
  position: string;
  value: boolean;
  /** The condition with the values that it saw. */
  because: string;
  at: string;
}
