import { randomUUID } from 'node:crypto';
import { noFacts, type CanonicalEvent } from '../../../language/event.ts';
import { identifier } from '../event-value.ts';
import type { CompiledPreset } from '../presets.ts';
import { readEvents, type ReadEvent } from '../read-events.ts';
import type { RequestView } from '../request-view.ts';
import type { Source } from '../sources.ts';

/** Presets give this type to bodies without a status: `"type": ["json:/status", "text:notice"]`. */
export const noticeType = 'notice';

/** The native type of a genuine event that waits for an answer to be added: see {@link incompleteOf}. */
const incompleteType = 'incomplete';

/**
 * The events of a webhook as they are stored: see {@link readEvents}. Nothing that an unsigned request says is believed; it
 * becomes a notice, which tells Kait to ask the gateway. So does a genuine event that lacks something.
 */
export function readWebhook(
  source: Pick<Source, 'name' | 'preset' | 'completes' | 'test'>,
  view: RequestView,
  receivedAt: Date,
): ReadEvent[] {
  const { name, preset, completes } = source;
  if (typeof preset.fetch?.into === 'string') {
    const events = readEvents(preset, name, view, receivedAt);
    return completes ? events.map((read) => incompleteOf(source, view, read)) : events;
  }
  const tellsOnly = preset.fetch?.asksAbout(view) ?? null;
  // The answer has the id of what a notice is about.
  const events = readEvents(preset, name, view, receivedAt, { needsIds: tellsOnly !== true });
  if (tellsOnly === null) return events;
  // However many events a notice claims to hold, one question answers it.
  if (tellsOnly) return events.slice(0, 1).map((read) => unsignedNoticeOf(preset, view, read));
  return events.map(unsignedEventOf);
}

/** Whether a stored event is a notice. Notices are followed, not dispatched: no trigger sees them. */
export function isNotice(event: Pick<CanonicalEvent, 'id' | 'gateway' | 'type'>): boolean {
  return event.type === `${event.gateway}:${noticeType}` && event.id.startsWith('notice:');
}

/** Whether a stored event is a notice of a genuine event. It must not be lost, whatever the gateway answers. */
export function isIncomplete(event: Pick<CanonicalEvent, 'id' | 'gateway' | 'type' | 'nativeType'>): boolean {
  return isNotice(event) && event.nativeType === incompleteType;
}

/** Whether its source ignores an event as a test. */
export function isIgnoredTest({ live }: Pick<CanonicalEvent, 'live'>, { test }: Pick<Source, 'test'>): boolean {
  return live === false && !test;
}

/**
 * A webhook that only says that something changed. Anybody can send one, so its `id` is new for each request: a forged notice
 * can neither keep a later one out nor take the id of a fetched event. An unreadable one stays unreadable.
 */
function unsignedNoticeOf(preset: CompiledPreset, view: RequestView, read: ReadEvent): ReadEvent {
  if (read.unreadable !== null) return read;
  const ignored = preset.unasked(view);
  return { ...noticeOf(read, randomUUID()), ...(ignored === null ? {} : { ignored }) };
}

/**
 * A notice of a genuine event, if Kait asks about it. The event is stored once the gateway has answered. The notice's `id` makes a
 * redelivery a duplicate.
 */
function incompleteOf(
  { preset, test }: Pick<Source, 'preset' | 'test'>,
  view: RequestView,
  read: ReadEvent,
): ReadEvent {
  if (read.unreadable !== null || read.ignored !== undefined) return read;
  // The live key cannot answer about a test, and nothing is started for it.
  if (isIgnoredTest(read.event, { test })) return read;
  const { document } = view.body();
  const items = document === undefined ? undefined : preset.items(document);
  const own = { ...view, item: () => items?.[read.item] };
  if (preset.fetch?.asksAbout(own) !== true || preset.unasked(own) !== null) return read;
  const { id, occurredAt, live } = read.event;
  const notice = noticeOf(read, id);
  return { ...notice, event: { ...notice.event, nativeType: incompleteType, occurredAt, live } };
}

function noticeOf(read: ReadEvent, id: string): ReadEvent {
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
    ...noFacts,
    data,
  };
  return { ...read, event, holdMs: 0 };
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
