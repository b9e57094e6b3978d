import type { CanonicalEvent } from '../language/event.ts';
import { isIgnoredTest, isNotice } from './gateway/ask/read-webhook.ts';
import type { CompiledPreset } from './gateway/presets.ts';
import type { ReadEvent } from './gateway/read-events.ts';
import { ignoredBecause } from './ignored-because.ts';
import type { NewEvent } from './new-event.ts';

/** What decides whether an event is dispatched, besides the event. */
export interface StateDeps {
  source: { preset: CompiledPreset; test: boolean };
  /** Whether a definition wants events of this type. */
  isWanted: (event: CanonicalEvent) => boolean;
}

/** The state in which an event enters the inbox, however it came: as a webhook, by asking the gateway, or by reading a body again. */
export function stateOf(
  { event, unreadable, ignored, holdMs }: ReadEvent,
  { source, isWanted }: StateDeps,
): Pick<NewEvent, 'state' | 'lastError' | 'holdMs' | 'endsHold'> {
  const endsHold = holdMs === 0 && source.preset.holds;
  const notHeld = { holdMs: 0, endsHold };
  if (unreadable !== null) return { state: 'unreadable', lastError: unreadable, ...notHeld };
  if (ignored !== undefined) return { state: 'ignored', lastError: ignored, ...notHeld };
  if (isIgnoredTest(event, source)) return { state: 'ignored', lastError: ignoredBecause.testEvent, ...notHeld };
  // A held event is stored for the next webhook too, whose own type may be the one that is wanted.
  if (holdMs > 0 || isNotice(event) || isWanted(event)) return { state: 'pending', lastError: null, holdMs, endsHold };
  return { state: 'ignored', lastError: ignoredBecause.type, ...notHeld };
}
