import type { StepStatus } from '../../language/definition.ts';
import type { Json, JsonObject } from '../../language/json.ts';
import type { PartialEvent } from '../complete-event.ts';
import type { Mocks } from '../mocks.ts';
import type { ScriptEntry } from '../script.ts';
import type { Simulation } from '../simulation.ts';

/** One test in the file `<name>.test.json` beside the definition `<name>.json`. */
export interface DefinitionTest {
  /** A sentence; unique in the file. */
  name: string;
  /** Missing members are filled in: see `completeEvent`. */
  event?: PartialEvent;
  /** Settings with other values than their defaults. */
  settings?: JsonObject;
  /** Variables as a `run` step passes them. */
  vars?: JsonObject;
  mocks?: Mocks;
  /** What happens to the run later. */
  events?: ScriptEntry[];
  expect: Expectation;
}

/** Only the given members of an object are compared, but every member of a list. */
export interface Expectation {
  /** Whether the event starts a run. Default true. If false, nothing else can be expected. */
  triggered?: boolean;
  /** Default: `failed` if an error is expected, otherwise `completed`. */
  status?: Simulation['status'];
  output?: Json;
  error?: { type?: string; step?: string | null; message?: string };
  /** All steps in the order in which they began: `<path> <status>`, or `<path> <status> <when it ended>`. */
  trace?: string[];
  /** More about single steps, by path. */
  steps?: Record<string, StepExpectation>;
  /** The paths of the undone steps, in that order; `<path> failed` if undoing failed. */
  undo?: string[];
}

export interface StepExpectation {
  status?: StepStatus;
  /** Time since the run began: `+24h`. */
  endedAt?: string;
  input?: Json;
  output?: Json;
  /** The number of attempts. */
  attempts?: number;
  error?: { type?: string; message?: string };
}
