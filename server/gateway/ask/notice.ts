import type { CanonicalEvent } from '../../../language/event.ts';
import { identifier } from '../event-text.ts';
import type { ReadEvent } from '../read-events.ts';

/** Presets give it to what holds no state: `"type": ["json:/status", "text:notice"]`. */
export const noticeType = 'notice';

/**
 * What a webhook becomes whose gateway signs nothing and means it as a notice: whatever it says is not believed, and no trigger
 * sees it. `id` is new for each arrival, since anybody can send a notice: one must not keep a later one out, nor take the id of an
 * event that is fetched. An unreadable one stays what it is.
 */
export function noticeOf(read: ReadEvent, id: string): ReadEvent {
  if (read.unreadable !== null) return read;
  const { source, gateway, receivedAt, data } = read.event;
  const event: CanonicalEvent = {
    id: `notice:${id}`,
    source,
    gateway,
    type: `${gateway}:${noticeType}`,
    nativeType: noticeType,
    occurredAt: receivedAt,
    receivedAt,
    entity: null,
    tenant: null,
    payment: null,
    data,
  };
  return { ...read, event };
}

/**
 * What another request of such a gateway becomes: nothing that it says is taken for a payment, and its id cannot be that of an
 * event that is fetched, or it would keep that one out.
 */
export function unsignedEventOf(read: ReadEvent): ReadEvent {
  if (read.unreadable !== null) return read;
  const { id, gateway, nativeType } = read.event;
  const event = { ...read.event, id: identifier(`unsigned:${id}`), type: `${gateway}:${nativeType}`, payment: null };
  return { ...read, event };
}

/** Whether what is stored is a notice, which is followed and not dispatched. */
export function isNotice(event: Pick<CanonicalEvent, 'id' | 'gateway' | 'type'>): boolean {
  return event.type === `${event.gateway}:${noticeType}` && event.id.startsWith('notice:');
}
