import type { CanonicalEvent } from '../../language/event.ts';
import type { Json } from '../../language/json.ts';
import type { CompiledPreset } from './compile-preset.ts';
import { identifier, isIdentifier, sha256Hex } from './event-text.ts';
import type { InboundRequest } from './inbound-request.ts';
import { readBody, type UnreadableReason } from './read-body.ts';
import { createRequestView, type RequestView } from './request-view.ts';

export interface ReadEvent {
  /** Where the body is unreadable, an envelope of type `<gateway>:unreadable` with the hash of the body as its id. */
  event: CanonicalEvent;
  /** Null: the event is whole. */
  unreadable: UnreadableReason | null;
  /** The position in the batch; 0 where there is none. */
  item: number;
}

/**
 * The events of a request that `verifyRequest` has accepted: at least one. Never throws, since a genuine body that makes no
 * sense must be kept all the same. All texts outside `data` are such that PostgreSQL takes them.
 */
export function readEvents(
  preset: CompiledPreset,
  source: EventSource,
  request: InboundRequest,
  receivedAt: Date,
): ReadEvent[] {
  const arrival = { preset, source: source.name, request, receivedAt: receivedAt.toISOString() };
  const view = { ...createRequestView(request, preset.body, source.settings), receivedAt: arrival.receivedAt };
  const body = view.body();
  if (body.unreadable !== undefined) return [unreadableEvent(arrival, body.unreadable, request.body, 0)];
  const items = preset.items(body.document);
  if (items === undefined) return [unreadableEvent(arrival, 'no-items', request.body, 0)];
  return items.map((item, index) => readItem(arrival, { ...view, item: () => item }, item, index));
}

/**
 * `event.data` of one event, made anew from the stored body. Null where that cannot be read, and where the batch has no such
 * item.
 */
export function readData(preset: CompiledPreset, body: Buffer, contentType: string, item: number): Json {
  const read = readBody(body, contentType, preset.body);
  const found = read.document === undefined ? undefined : preset.items(read.document)?.[item];
  if (found === undefined) return null;
  preset.redact(found);
  return found;
}

/** What events need to know of their source. */
export interface EventSource {
  name: string;
  settings: Readonly<Record<string, string>>;
}

interface Arrival {
  preset: CompiledPreset;
  source: string;
  request: InboundRequest;
  receivedAt: string;
}

function readItem(arrival: Arrival, view: RequestView, item: Json, index: number): ReadEvent {
  const { preset, source, request, receivedAt } = arrival;
  const nativeType = preset.event.nativeType(view);
  // A batch may be cut differently when it is sent again, so that only the item itself stays the same.
  const content = preset.batch ? Buffer.from(JSON.stringify(item)) : request.body;
  if (nativeType === undefined || !isIdentifier(nativeType)) return unreadableEvent(arrival, 'no-type', content, index);
  const canonicalType = preset.event.canonicalType(view);
  const occurredAtMs = preset.event.occurredAtMs(view);
  const event: CanonicalEvent = {
    id: identifier(preset.event.id(view) ?? hashId(content)),
    source,
    gateway: preset.name,
    type: canonicalType ?? `${preset.name}:${nativeType}`,
    nativeType,
    occurredAt: occurredAtMs === undefined ? receivedAt : new Date(occurredAtMs).toISOString(),
    receivedAt,
    entity: identifierOrNull(preset.event.entity(view)),
    tenant: identifierOrNull(preset.event.tenant(view)),
    payment: preset.event.payment(view, canonicalType),
    data: item,
  };
  preset.redact(item); // Only now: what is redacted may still be part of the id.
  return { event, unreadable: null, item: index };
}

function unreadableEvent(arrival: Arrival, unreadable: UnreadableReason, content: Buffer, item: number): ReadEvent {
  const { preset, source, receivedAt } = arrival;
  const event: CanonicalEvent = {
    id: hashId(content),
    source,
    gateway: preset.name,
    type: `${preset.name}:unreadable`,
    nativeType: 'unreadable',
    occurredAt: receivedAt,
    receivedAt,
    entity: null,
    tenant: null,
    payment: null,
    data: null,
  };
  return { event, unreadable, item };
}

function hashId(content: Buffer): string {
  return `sha256:${sha256Hex(content)}`;
}

function identifierOrNull(text: string | undefined): string | null {
  return text === undefined ? null : identifier(text);
}
