import type { StepStatus, Verb } from '../language/definition.ts';
import type { Json } from '../language/json.ts';
import type { StepError } from '../workflows/effects.ts';
import type { RefusedEntry } from './script.ts';

/** What a simulated run did. JSON. Times count from its start: `+2h`. */
export interface Simulation {
  /** `stuck`: the run would wait forever, or it exceeds a limit of the simulator. */
  status: 'completed' | 'failed' | 'canceled' | 'stuck';
  /** Null unless it completed. */
  output: Json;
  /** Null unless it failed. `step` is null if no step is to blame. */
  error: (StepError & { step: string | null }) | null;
  /** What the run waits for, or the limit that it exceeds. Empty unless it is stuck. */
  stuckAt: string[];
  /** Whether a limit of the simulator has ended it, which says nothing about what the run would do. */
  isCutOff: boolean;
  endedAt: string;
  /** How often it, or a run that it started, continued as a new run. */
  continuations: number;
  /** In the order in which the steps began. Steps below one that was skipped are left out. */
  trace: TraceEntry[];
  /** The steps that were undone, in that order. */
  undone: UndoneEntry[];
  /** Entries of the script that could not be carried out. */
  refused: RefusedEntry[];
}

export interface TraceEntry {
  at: string;
  /** Null if it has not ended. */
  endedAt: string | null;
  /**
   * `<step id>`, followed by the index of each loop around it (`pay/3`). In another definition's run, preceded by the path of the
   * step that started it (`ship/pay/3`).
   */
  path: string;
  step: string;
  /** The name of the definition that contains the step. */
  definition: string;
  verb: Verb;
  /** The activity, the event type, the duration; null if the verb has none. */
  what: string | null;
  /** How deep the step is nested, from 0. */
  depth: number;
  status: StepStatus;
  /** The input of an activity, or the variables of another definition's run. */
  input?: Json;
  /** The step's output, once it has ended. */
  output?: Json;
  /** Set if no mock gave the output. */
  madeUp?: true;
  error?: StepError;
  /** Set if nothing undoes the step's effect, although the run failed; or although the step, which may have had its effect, did. */
  left?: { inDoubt: boolean };
  /** The attempts of an activity. */
  attempts: AttemptEntry[];
  decisions: DecisionEntry[];
}

export interface AttemptEntry {
  at: string;
  endedAt: string;
  /** `done`, `timedOut`, or `<error type>: <message>`. */
  outcome: string;
}

/** A condition, its result and the reason. */
export interface DecisionEntry {
  /** `if`, `while`, `case 2`, `where`. */
  position: string;
  value: boolean;
  /** The condition with the values that it saw: `event.payment.amount (2500000) >= 1000000`. */
  because: string;
}

export interface UndoneEntry {
  at: string;
  /** The path of the undone step. */
  path: string;
  step: string;
  definition: string;
  /** The activity that undid it. */
  what: string;
  /** Null if a template of the undo failed. */
  input: Json;
  /** Whether the step may have had its effect, or may not. */
  inDoubt: boolean;
  ok: boolean;
  error?: StepError;
  attempts: AttemptEntry[];
}
