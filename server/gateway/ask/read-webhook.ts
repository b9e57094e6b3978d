import { randomUUID } from 'node:crypto';
import { noFacts, type CanonicalEvent } from '../../../language/event.ts';
import { identifier } from '../event-value.ts';
import type { CompiledPreset } from '../presets.ts';
import { readEvents, type ReadEvent } from '../read-events.ts';
import type { RequestView } from '../request-view.ts';

/** Presets give this type to bodies without a status: `"type": ["json:/status", "text:notice"]`. */
export const noticeType = 'notice';

/**
 * The events of a webhook as they are stored: see {@link readEvents}. Nothing that an unsigned request says is believed; it
 * becomes a notice, which tells Kait to ask the gateway.
 */
export function readWebhook(preset: CompiledPreset, source: string, view: RequestView, receivedAt: Date): ReadEvent[] {
  const tellsOnly = preset.isNotice?.(view) ?? null;
  // The answer has the id of what a notice is about.
  const events = readEvents(preset, source, view, receivedAt, { needsIds: tellsOnly !== true });
  if (tellsOnly === null) return events;
  // However many events a notice claims to hold, one question answers it.
  if (tellsOnly) return events.slice(0, 1).map((read) => noticeOf(preset, view, read));
  return events.map(unsignedEventOf);
}

/** Whether a stored event is a notice. Notices are followed, not dispatched: no trigger sees them. */
export function isNotice(event: Pick<CanonicalEvent, 'id' | 'gateway' | 'type'>): boolean {
  return event.type === `${event.gateway}:${noticeType}` && event.id.startsWith('notice:');
}

/**
 * A webhook that only says that something changed. Anybody can send one, so its `id` is new for each request: a forged notice
 * can neither keep a later one out nor take the id of a fetched event. An unreadable one stays unreadable.
 */
function noticeOf(preset: CompiledPreset, view: RequestView, read: ReadEvent): ReadEvent {
  if (read.unreadable !== null) return read;
  const { source, gateway, receivedAt, data } = read.event;
  const event: CanonicalEvent = {
    id: `notice:${randomUUID()}`,
    source,
    gateway,
    type: `${gateway}:${noticeType}`,
    nativeType: noticeType,
    occurredAt: receivedAt,
    receivedAt,
    entity: null,
    tenant: null,
    ...noFacts,
    data,
  };
  const ignored = preset.unasked(view);
  return { ...read, event, holdMs: 0, ...(ignored === null ? {} : { ignored }) };
}

/**
 * Another request of a gateway that sends notices. It never becomes a payment, and its id cannot be that of a fetched event,
 * which it would keep out.
 */
function unsignedEventOf(read: ReadEvent): ReadEvent {
  if (read.unreadable !== null) return read;
  const { id, gateway, nativeType } = read.event;
  const event = { ...read.event, id: identifier(`unsigned:${id}`), type: `${gateway}:${nativeType}`, ...noFacts };
  return { ...read, event, holdMs: 0 };
}
