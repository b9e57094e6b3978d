import type { StepStatus, Verb } from '../language/definition.ts';
import type { Json } from '../language/json.ts';
import type { StepError } from '../workflows/effects.ts';
import type { RefusedEntry } from './script.ts';

/** What a simulated run did. JSON. Times count from its start: `+2h`. */
export interface Simulation {
  /** `stuck`: it would wait for ever, or exceeds a limit of the simulator. */
  status: 'completed' | 'failed' | 'canceled' | 'stuck';
  /** Null unless it completed. */
  output: Json;
  /** Null unless it failed. `step` is null where it is no step's failure. */
  error: (StepError & { step: string | null }) | null;
  /** What it waits for, or which limit it exceeds; empty unless it is stuck. */
  stuckAt: string[];
  endedAt: string;
  /** How often it, or a run that it started, went on as a new one. */
  continuations: number;
  /** In the order in which the steps began. Steps below one that was skipped are left out. */
  trace: TraceEntry[];
  /** What was undone, in that order. */
  undone: UndoneEntry[];
  /** Entries of the script that could not be carried out. */
  refused: RefusedEntry[];
}

export interface TraceEntry {
  at: string;
  /** Null where it has not ended. */
  endedAt: string | null;
  /**
   * `<step id>`, with the index of each loop around it (`pay/3`); of a step in another definition's run behind the path of the
   * step that started that (`ship/pay/3`).
   */
  path: string;
  step: string;
  /** The name of the definition that the step is part of. */
  definition: string;
  verb: Verb;
  /** The activity, the event type, the duration; null where the verb has none. */
  what: string | null;
  /** How deep the step stands within others, from 0. */
  depth: number;
  status: StepStatus;
  /** What an activity, or another definition as its variables, was given. */
  input?: Json;
  /** Where the step has ended. */
  output?: Json;
  /** Where no mock says what the output is. */
  madeUp?: true;
  error?: StepError;
  /** Of an activity. */
  attempts: AttemptEntry[];
  decisions: DecisionEntry[];
}

export interface AttemptEntry {
  at: string;
  endedAt: string;
  /** `done`, `timedOut`, `canceled`, or `<error type>: <message>`. */
  outcome: string;
}

/** A condition and why it came out so. */
export interface DecisionEntry {
  /** `if`, `while`, `case 2`, `where`. */
  position: string;
  value: boolean;
  /** The condition with the values that it saw: `event.payment.amount (2500000) >= 1000000`. */
  because: string;
}

export interface UndoneEntry {
  at: string;
  /** Of the step that was taken back. */
  path: string;
  step: string;
  definition: string;
  /** The activity. */
  what: string;
  input: Json;
  ok: boolean;
  error?: StepError;
  attempts: AttemptEntry[];
}
