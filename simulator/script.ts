import type { Json, JsonObject } from '../language/json.ts';
import type { PartialEvent } from './complete-event.ts';

/**
 * Something that happens to a run later. `at` counts from its start: `+2h`, `+1d 30m`. An event may also have come before, `-3s`: a
 * `waitFor` with a `lookBack` finds it.
 */
export type ScriptEntry = { at: string } & (
  { event: PartialEvent } | { decide: ScriptedDecision } | { steer: ScriptedSteering } | { cancel: true }
);

/** An answer to the `approve` step at a path. */
export interface ScriptedDecision {
  step: string;
  approved: boolean;
  by: string;
  reason?: string;
  /** The roles that the person has, as `people.json` would say. */
  roles?: string[];
}

/** An operator's command for the step at a path, or for the run. `result` becomes the step's output. */
export type ScriptedSteering =
  | { retry: string }
  | { skip: string }
  | { setResult: string; result: Json }
  | { editInput: string; input: JsonObject }
  | { pause: true }
  | { resume: true };

/** An entry that could not be carried out, and why: no step waits for it, or the run has ended. */
export interface RefusedEntry {
  at: string;
  /** `decide ok`, `cancel`. */
  what: string;
  reason: string;
}

/** The entry's name for readers. */
export function nameOf(entry: ScriptEntry): string {
  if ('event' in entry) return `event ${entry.event.type ?? ''}`.trimEnd();
  if ('decide' in entry) return `decide ${entry.decide.step}`;
  if ('steer' in entry) return `steer ${targetOf(entry.steer)}`;
  return 'cancel';
}

function targetOf(steering: ScriptedSteering): string {
  if ('pause' in steering) return 'pause';
  if ('resume' in steering) return 'resume';
  if ('retry' in steering) return steering.retry;
  if ('skip' in steering) return steering.skip;
  return 'editInput' in steering ? steering.editInput : steering.setResult;
}
