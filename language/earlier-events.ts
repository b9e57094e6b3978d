import type { CanonicalEvent } from './event.ts';

/** Stored events that a `waitFor` step may take, the oldest first: the answer of the activity `waits.open`. */
export interface EarlierEvents {
  events: CanonicalEvent[];
  /** The row of the inbox from which to look on. */
  after: number;
  /** Whether there may be others. If there are no events here, the next one needs more room. */
  more: boolean;
  /** Set if the step took the event before its worker died, and the run does not know of that: it is the step's in any case. */
  own?: true;
}

/** What became of an attempt to take an event: the answer of the activity `waits.claim`. */
export interface EventClaim {
  /** False if another step of the run has it. */
  taken: boolean;
  /** Whether the gateway must be asked before it counts. */
  confirm: boolean;
}
