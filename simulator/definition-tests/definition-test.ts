import type { StepStatus } from '../../language/definition.ts';
import type { Json, JsonObject } from '../../language/json.ts';
import type { PartialEvent } from '../complete-event.ts';
import type { Mocks } from '../mocks.ts';
import type { ScriptEntry } from '../script.ts';
import type { Simulation } from '../simulation.ts';

/** One test of a `<name>.test.json`, which stands beside the definition `<name>.json`. */
export interface DefinitionTest {
  /** A sentence; unique in the file. */
  name: string;
  /** What is not given is filled in: see `completeEvent`. */
  event?: PartialEvent;
  /** As a `run` step passes them; for definitions that only those start. */
  vars?: JsonObject;
  mocks?: Mocks;
  /** What reaches the run later. */
  events?: ScriptEntry[];
  expect: Expectation;
}

/** Of objects only the members that are given are compared, of lists every member. */
export interface Expectation {
  /** Whether the event starts a run. Default true. Where false, nothing else can be expected. */
  triggered?: boolean;
  /** Default: `failed` where an error is expected, `completed` otherwise. */
  status?: Simulation['status'];
  output?: Json;
  error?: { type?: string; step?: string | null; message?: string };
  /** Every step in the order in which they began: `<path> <status>`, or `<path> <status> <when it ended>`. */
  trace?: string[];
  /** More about single steps, by path. */
  steps?: Record<string, StepExpectation>;
  /** The paths of what is undone, in that order; `<path> failed` where undoing fails. */
  undo?: string[];
}

export interface StepExpectation {
  status?: StepStatus;
  /** Since the run began: `+24h`. */
  endedAt?: string;
  input?: Json;
  output?: Json;
  /** How many there were. */
  attempts?: number;
  error?: { type?: string; message?: string };
}
