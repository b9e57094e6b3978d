import type { Definition } from '../language/definition.ts';
import type { CanonicalEvent } from '../language/event.ts';
import type { Json, JsonObject } from '../language/json.ts';
import type { NumberedCommand } from '../workflows/commands.ts';
import type { NumberedDecision } from '../workflows/mailbox.ts';
import type { RunError } from '../workflows/run-error.ts';
import type { UndoEntry } from '../workflows/effects.ts';
import type { World } from './world.ts';

/** A run in progress, with the runs that it has started. */
export interface SimulatedRun {
  /** How it ended; undefined while it runs. */
  end(): RunEnd | undefined;
  /** Whether its detached runs have ended too. */
  isOver(): boolean;
  /** The runs that it has started, or starts later, get the event too. */
  receive(event: CanonicalEvent): void;
  /** `step` is a path. Rejects if the answer does not count. */
  decide(decision: NumberedDecision): Promise<void>;
  /** `step` is a path; a command without one is for this run. Rejects if the command is not carried out. */
  command(command: NumberedCommand): Promise<void>;
  cancel(): void;
}

export type RunEnd =
  | { status: 'completed'; output: Json; undo: UndoEntry[] }
  /** See `Interpreter.leavesNothing`. */
  | { status: 'failed'; error: RunError; leavesNothing: boolean }
  | { status: 'canceled' }
  /** A bug, not the definition's fault. */
  | { status: 'broken'; error: Error };

export interface RunOptions {
  world: World;
  definition: Definition;
  /** The workflow's id. */
  runId: string;
  /** See `Recorder.forRun`. */
  prefix: string;
  depth: number;
  vars: JsonObject;
  /** See `RunInput.handsUp`. */
  handsUp?: boolean;
  /** The events that arrived before the run started. */
  events: CanonicalEvent[];
  /** Called once, when the run has ended. */
  ended: (end: RunEnd) => void;
}
