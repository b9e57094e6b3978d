import type { RunInput, Step, StepStatus } from '../language/definition.ts';
import type { Json, JsonObject } from '../language/json.ts';
import type { Scope } from '../language/scope.ts';
import type { Continuation } from './continuation.ts';
import type { Effects } from './effects.ts';
import type { Mailbox } from './mailbox.ts';
import type { RunState } from './run-state.ts';

/** What the whole run shares. */
export interface RunContext {
  input: RunInput;
  /** What it carries out: see `effectiveSteps`. */
  steps: Step[];
  /** The workflow's id. */
  runId: string;
  effects: Effects;
  state: RunState;
  mailbox: Mailbox;
  observer: RunObserver;
  /** How many UUIDs each step has taken, by key. */
  uuids: Map<string, number>;
  continuation: Continuation;
}

/** What steps see around them: that of the whole run, or of one item of a loop, or within a `catch`. */
export interface Frame {
  /** Behind the id of each step: `/3` in the fourth item of a loop, `/3/0` in a loop within. Empty outside of loops. */
  suffix: string;
  outputs: JsonObject;
  status: Record<string, StepStatus>;
  /** `item`, `index`, `error` and what `as` names. */
  locals: JsonObject;
  /** Whether something around handles a failure of that type, so that a step that fails with it does not park the run. */
  handles: (errorType: string) => boolean;
  /** The enclosing branches of `"join": "first"`, `<key>#<position>`, by which what a loser has done is found. */
  races: readonly string[];
}

/** One step in one frame. */
export interface Place {
  run: RunContext;
  frame: Frame;
  stepId: string;
  /** `<step id><suffix>`: unique in the run, the same after a replay and after continuing as new. */
  key: string;
}

/** Told what happens, in order. Must not throw. */
export interface RunObserver {
  /** After each change of a step's status; `output` where it has ended, `error` where it failed. */
  changed?(change: StepChange): void;
  /** After a condition was decided. */
  decided?(decision: Decision): void;
  /** After a step was undone, or could not be. */
  undone?(undo: { key: string; stepId: string; ok: boolean; error?: StepError }): void;
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
  /** Where the condition stands: `if`, `while`, `case 2`, `where`. */
  position: string;
  logic: Json;
  scope: Scope;
  value: boolean;
}

export interface StepError {
  type: string;
  message: string;
}

export function placeOf(step: Step, frame: Frame, run: RunContext): Place {
  return { run, frame, stepId: step.id, key: `${step.id}${frame.suffix}` };
}
