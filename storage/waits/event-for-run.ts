import type { CanonicalEvent } from '../../language/event.ts';
import { runLimits } from '../../language/verbs.ts';

/** An event as a run under way takes it: without its `data` if it is too large with it. The inbox has all of it. */
export function eventForRun(event: CanonicalEvent): CanonicalEvent {
  return JSON.stringify(event).length <= runLimits.awaitedEvent ? event : { ...event, data: null };
}
