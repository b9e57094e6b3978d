import type { RunInput, Step, StepStatus } from '../language/definition.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { keyInGeneration } from '../language/rescue.ts';
import type { RunStanding } from '../language/run-standing.ts';
import type { Scope } from '../language/scope.ts';
import { cutText } from '../language/well-formed.ts';
import type { OperatorCommand } from './commands.ts';
import type { Continuation } from './continuation.ts';
import type { Effects, StepError, UndoEntry } from './effects.ts';
import type { Mailbox } from './mailbox.ts';
import type { RunState } from './run-state.ts';
import type { Turn } from './turn.ts';
import type { Workload } from './workload.ts';

/** Shared by all steps of a run. */
export interface RunContext {
  input: RunInput;
  /** The steps to run; see `effectiveSteps`. */
  steps: Step[];
  /** Those and the ones that run only at the deadline or after undoing. */
  everyStep: Step[];
  /** The workflow's id, or that of the first run if this one goes on from it: the keys of all effects derive from it. */
  runId: string;
  effects: Effects;
  state: RunState;
  mailbox: Mailbox;
  observer: RunObserver;
  /** How many UUIDs each step has taken, by key. */
  uuids: Map<string, number>;
  continuation: Continuation;
  workload: Workload;
  turn: Turn;
  /** Keys of steps whose call failed although it may have had its effect, until `runStep` has seen to it. */
  inDoubt: Set<string>;
  /** The undos under way, by the keys of their steps. `by`: see `RunState.undoneBy`. */
  undoing: Map<string, { entry: UndoEntry; by: string | null }>;
  /** How often an undo entry was recorded since the run began or continued as new. */
  undosRecorded: number;
  /** Does what the step's verb says. Passed in, since verbs run steps themselves. */
  perform: (step: Step, context: StepContext) => StepOutput | Promise<StepOutput>;
}

export type StepOutput = Json | typeof timedOut;

/** Replaces the output of a step that timed out. */
export const timedOut: unique symbol = Symbol('timedOut');

/** The surroundings of a list of steps: the whole run, one item of a loop, or a `catch`. */
export interface Frame {
  /** Follows the id of each step: `/3` in the fourth item of a loop, `/3/0` in a nested loop. Empty outside of loops. */
  suffix: string;
  outputs: JsonObject;
  status: Record<string, StepStatus>;
  /** `item`, `index`, `error` and the name that `as` gives. */
  locals: JsonObject;
  /** Whether something around the steps handles a failure of this type. A step that fails with it does not park the run. */
  handles: (errorType: string) => boolean;
  /**
   * The enclosing branches that race, as `<key>#<position>`, and the groups that are undone at their deadline, as `<key>@deadline`. They
   * tell which effects belong to a loser, or to such a group.
   */
  races: readonly string[];
}

/** One step in its frame. */
export interface StepContext {
  run: RunContext;
  frame: Frame;
  stepId: string;
  /** `<step id><suffix>`: unique in the run, the same after a replay and after continuing as new. */
  key: string;
}

/** That a step begins or ends to keep its run waiting. */
export interface Standing {
  state: RunStanding;
  /** The step's key; empty if it is the run as a whole. */
  key: string;
  begins: boolean;
}

/** Follows a run. Called for each change, in order. Must not throw. */
export interface RunObserver {
  /** After each change of a step's status. `output` is set when it has ended, `error` when it failed. */
  changed?(change: StepChange): void;
  /** Before a step's activity is called. `bytes`: of the input as JSON. */
  requested?(call: { key: string; input: JsonObject; bytes: number }): void;
  /** After a condition was evaluated. */
  decided?(decision: Decision): void;
  /** Before the run begins to wait, and after it. Lists tell such runs from those that work. */
  stands?(change: Standing): void;
  /** After the run dropped something: a malformed message, an event that a `where` could not examine. */
  noted?(text: string): void;
  /** After a step failed in doubt that has no `undo` for that, or its run ended without undoing it. */
  left?(step: { key: string; stepId: string; inDoubt: boolean }): void;
  /** After an operator's command was carried out. */
  commanded?(command: OperatorCommand): void;
  /** After a step was undone, or could not be. */
  undone?(undo: { key: string; stepId: string; inDoubt: boolean; ok: boolean; error?: StepError }): void;
}

export interface StepChange {
  key: string;
  stepId: string;
  status: StepStatus;
  output?: Json;
  error?: StepError;
}

export interface Decision {
  key: string;
  stepId: string;
  /** Which condition of the step: `if`, `while`, `case 2`, `where`. */
  position: string;
  logic: Json;
  scope: Scope;
  value: boolean;
}

export function contextOf(step: Step, frame: Frame, run: RunContext): StepContext {
  return { run, frame, stepId: step.id, key: `${step.id}${frame.suffix}` };
}

/** The key by which the step's effect is known outside: the last part of its idempotency key. */
export function sentKeyOf({ key, stepId, run: { state } }: StepContext): string {
  const { generations } = state;
  return generations === undefined ? key : keyInGeneration(key, generations[key] ?? generations[stepId] ?? 1);
}

/**
 * The text beside a step's activity or timer: the id, which is the step's name everywhere else, and the title. At most 120
 * characters, since Temporal accepts 400 bytes.
 */
export function summaryOf(step: Step): string {
  return cutText(step.title === undefined ? step.id : `${step.id}: ${step.title}`, 120);
}
