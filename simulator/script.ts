import type { Json } from '../language/json.ts';
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

/** An operator's command for the parked step at a path. `value` becomes the step's output. */
export type ScriptedSteering = { retry: string } | { skip: string } | { result: string; value: Json };

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
  if ('steer' in entry) return `steer ${steeredStep(entry.steer)}`;
  return 'cancel';
}

export function steeredStep(steering: ScriptedSteering): string {
  if ('retry' in steering) return steering.retry;
  return 'skip' in steering ? steering.skip : steering.result;
}
