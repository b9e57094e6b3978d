import type { Step, StepStatus } from '../language/definition.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { allSteps } from '../language/plan.ts';
import type { StepError, UndoEntry, Undone } from './effects.ts';

/**
 * The state of a run. It is JSON, since a run that continues as new carries it along. Its objects have no prototype, since the
 * author chooses their keys.
 */
export interface RunState {
  /** Outputs outside of loops. Steps in loops keep theirs in `items`. */
  outputs: JsonObject;
  /** By step id. For a step in a loop: in the item that changed last. */
  status: Record<string, StepStatus>;
  vars: JsonObject;
  /** Unix ms by step id. */
  startedAt: Record<string, number>;
  endedAt: Record<string, number>;
  /** Error messages by step id. */
  errors: Record<string, string>;
  /** Progress within steps that contain others or wait, by key. Removed when the step ends. */
  cursors: JsonObject;
  /** Open items of loops, by the loop step's key and the item's index: `lines/3`. */
  items: Record<string, { outputs: JsonObject; status: Record<string, StepStatus> }>;
  /** Progress of loops, by step id. */
  loops: Record<string, LoopCount>;
  /** How to undo the run's effects, in the order in which they happened. */
  undo: UndoEntry[];
  /** How many entries of `undo` are in doubt. */
  doubts: number;
  /** Set once an operator has retried a parked step, or given its result: steps may be recorded in `undo` a second time. */
  retried?: true;
  /** By key. */
  undone: Record<string, Undone>;
  /** The ids of the steps that are in doubt and have no `undo` for that, if there are any. */
  leftInDoubt?: Record<string, true>;
  /** In which generation a step's effect is, by key, if that is not the first: see `keyInGeneration`. */
  generations?: Record<string, number>;
  /**
   * Why a step was undone, or would have been if its undo had not failed, by its key. Null: because the run ended. Otherwise the race that its
   * branch has lost, or the group that was late: see `undoneWith` in `rescue.ts`.
   */
  undoneBy?: Record<string, string | null>;
  /** The entries of `undo` that failed. */
  undoFailed?: UndoEntry[];
  /** Progress of steps that failed or were canceled, for a run that goes on from this one. Removed when a step around them ends well. */
  wreck?: Wreck;
  /** Items that are done and can be undone, as long as they do not take too much. */
  kept?: { items: RunState['items']; bytes: number };
  /** The workflow ids of child runs that may have to go on, by the key of their step. */
  childRuns?: Record<string, string>;
  /** The inputs that an operator has edited, by key, until the step has ended. */
  inputs?: Record<string, JsonObject>;
  /** Set while the run is paused. */
  paused?: Paused;
  /** Set once the run has given its turn back. */
  turnEnded?: true;
  /** Set if the run has failed and is being undone. */
  failure?: StepError & { stepId: string | null };
}

/** See `wreck.ts`. By key. */
export interface Wreck {
  cursors: JsonObject;
  items: RunState['items'];
  /** Steps that were skipped because of a failure, a cancellation or a deadline, and not by a decision. */
  skipped: Record<string, true>;
}

/** Who paused the run, and why. `at` is Unix ms. */
export interface Paused {
  by: string | null;
  reason: string | null;
  at: number;
}

export interface LoopCount {
  /** Undefined for `while`. */
  count?: number;
  done: number;
  failed: number;
}

/** A state with all steps `pending`. Outputs appear as steps end, so a reference to a step that has not run is an error. */
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
    doubts: 0,
    undone: bare(),
  };
  for (const step of allSteps(steps)) state.status[step.id] = 'pending';
  return state;
}

/** The state of a run that continued as new, from its JSON. */
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
    doubts: carried.doubts,
    undone: bare(carried.undone),
    ...(carried.retried === undefined ? {} : { retried: carried.retried }),
    ...(carried.leftInDoubt === undefined ? {} : { leftInDoubt: bare(carried.leftInDoubt) }),
    ...(carried.generations === undefined ? {} : { generations: bare(carried.generations) }),
    ...(carried.undoneBy === undefined ? {} : { undoneBy: bare(carried.undoneBy) }),
    ...(carried.undoFailed === undefined ? {} : { undoFailed: carried.undoFailed }),
    ...(carried.wreck === undefined
      ? {}
      : {
          wreck: {
            ...{ cursors: bare(carried.wreck.cursors), items: bare(carried.wreck.items) },
            skipped: bare(carried.wreck.skipped),
          },
        }),
    ...(carried.kept === undefined ? {} : { kept: { ...carried.kept, items: bare(carried.kept.items) } }),
    ...(carried.childRuns === undefined ? {} : { childRuns: bare(carried.childRuns) }),
    ...(carried.turnEnded === undefined ? {} : { turnEnded: carried.turnEnded }),
    ...(carried.inputs === undefined ? {} : { inputs: bare(carried.inputs) }),
    ...(carried.paused === undefined ? {} : { paused: carried.paused }),
    ...(carried.failure === undefined ? {} : { failure: carried.failure }),
  };
}

/** An object without a prototype that has the members of another. */
export function bare<Value>(members: Record<string, Value> = {}): Record<string, Value> {
  return Object.assign(Object.create(null) as Record<string, Value>, members);
}

/** A step's cursor: the one that it had when the run continued as new, or else a new one. */
export function cursorOf<Cursor extends object>(state: RunState, key: string, begin: () => Cursor): Cursor {
  const kept = state.cursors[key];
  if (kept !== undefined) return kept as Cursor; // Written below, for the same verb.
  const cursor = begin();
  state.cursors[key] = cursor as Json; // Cursors are JSON by their types.
  return cursor;
}
