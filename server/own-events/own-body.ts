import type { CanonicalEvent } from '../../language/event.ts';
import type { Json } from '../../language/json.ts';
import type { NewEvent } from '../new-event.ts';

/** How long the details of Kait's own events are kept: as long as Temporal lets a run be under way. */
export const keepOwnEventsMs = 400 * 24 * 60 * 60 * 1_000;

const contentType = 'application/json';

/** An event that Kait itself makes, ready for the inbox. Its body is its data. */
export function ownEntry(event: CanonicalEvent): NewEvent {
  const body = { bytes: Buffer.from(JSON.stringify(event.data)), contentType, headers: null };
  return { event, state: 'pending', lastError: null, holdMs: 0, endsHold: false, body, item: 0 };
}

/** The data of such an event. Nothing is redacted from it: it holds only what the definition asks for. */
export function readOwnData(body: Buffer): () => Json {
  const data = JSON.parse(body.toString('utf8')) as Json; // As `ownEntry` wrote it.
  return () => data;
}
