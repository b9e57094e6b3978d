import type { Step, StepStatus } from '../language/definition.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { allSteps } from '../language/plan.ts';
import type { CallRequest } from './effects.ts';
import type { StepError } from './run-context.ts';

/**
 * What a run knows while it is going on. JSON, since a run that continues as new carries it along. Objects have no
 * prototype: step ids and names are the author's.
 */
export interface RunState {
  /** Of the run's own level. The steps of loops have theirs in `items`. */
  outputs: JsonObject;
  /** By step id; of a step in a loop, that of the item that changed last. */
  status: Record<string, StepStatus>;
  vars: JsonObject;
  /** Unix ms by step id. */
  startedAt: Record<string, number>;
  endedAt: Record<string, number>;
  /** What went wrong, by step id. */
  errors: Record<string, string>;
  /** How far a step with others inside, or one that waits, has come, by key. Gone when the step ends. */
  cursors: JsonObject;
  /** The items of loops that are under way, by the loop step's key and the item's index: `lines/3`. */
  items: Record<string, { outputs: JsonObject; status: Record<string, StepStatus> }>;
  /** How loops stand, by step id. */
  loops: Record<string, LoopCount>;
  /** What takes back what the run has done, in the order in which it was done. */
  undo: UndoEntry[];
  /** What became of undoing, by key. */
  undone: Record<string, 'done' | 'failed'>;
  /** Set where the run has failed and is being undone. */
  failure?: StepError & { stepId: string | null };
}

export interface LoopCount {
  /** Undefined for `while`. */
  count?: number;
  done: number;
  failed: number;
}

export interface UndoEntry {
  /** Of the step that is taken back. */
  key: string;
  stepId: string;
  request: CallRequest;
  /** See `Frame.races`. */
  races: readonly string[];
}

/** All steps `pending`. Outputs appear as steps end, so that a reference to one that has not run is an error. */
export function newRunState(steps: Step[]): RunState {
  const state: RunState = {
    outputs: bare(),
    status: bare(),
    vars: bare(),
    startedAt: bare(),
    endedAt: bare(),
    errors: bare(),
    cursors: bare(),
    items: bare(),
    loops: bare(),
    undo: [],
    undone: bare(),
  };
  for (const step of allSteps(steps)) state.status[step.id] = 'pending';
  return state;
}

/** The state of a run that continued as new, from what JSON has kept of it. */
export function restoredState(carried: RunState): RunState {
  return {
    outputs: bare(carried.outputs),
    status: bare(carried.status),
    vars: bare(carried.vars),
    startedAt: bare(carried.startedAt),
    endedAt: bare(carried.endedAt),
    errors: bare(carried.errors),
    cursors: bare(carried.cursors),
    items: bare(carried.items),
    loops: bare(carried.loops),
    undo: carried.undo,
    undone: bare(carried.undone),
    ...(carried.failure === undefined ? {} : { failure: carried.failure }),
  };
}

/** An object without a prototype, holding the members of another. */
export function bare<Value>(members: Record<string, Value> = {}): Record<string, Value> {
  return Object.assign(Object.create(null) as Record<string, Value>, members);
}

/** The cursor of a step that was under way when its run continued as new, or else the one with which it begins. */
export function cursorOf<Cursor extends object>(state: RunState, key: string, begin: () => Cursor): Cursor {
  const kept = state.cursors[key];
  if (kept !== undefined) return kept as Cursor; // Written below, for the same verb.
  const cursor = begin();
  state.cursors[key] = cursor as Json; // Cursors are JSON by their types.
  return cursor;
}
