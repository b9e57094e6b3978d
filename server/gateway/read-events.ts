import { noFacts, type CanonicalEvent } from '../../language/event.ts';
import type { Json } from '../../language/json.ts';
import { identifier, isIdentifier, sha256Hex } from './event-value.ts';
import type { CompiledPreset } from './presets.ts';
import { readBody, type UnreadableReason } from './read-body.ts';
import type { RequestView } from './request-view.ts';

export interface ReadEvent {
  /** If the body is unreadable: an envelope of type `<gateway>:unreadable`, with a hash of the body as its id. */
  event: CanonicalEvent;
  /** Null if the event could be read. */
  unreadable: UnreadableReason | null;
  /** Why the event starts nothing, although it could be read. */
  ignored?: string;
  /** The index in the batch; 0 if there is no batch. */
  item: number;
  /** How long the event waits for another webhook with more details of the same fact. */
  holdMs: number;
}

/** A request that is being read. */
interface Webhook {
  preset: CompiledPreset;
  /** The source's name. */
  source: string;
  view: RequestView;
  receivedAt: string;
  /** Whether an event of a canonical type must have the id that its preset declares. */
  needsIds: boolean;
}

/** The most events of one request: GoCardless sends up to 250. Each costs a row, a run's input and a line of the log. */
const mostEvents = 1_000;

/**
 * The events of a request that `verifyRequest` accepted: at least one. Never throws, because a genuine body must be kept even
 * if it makes no sense. PostgreSQL accepts all texts outside `data`. With `only`, the event of that item alone is read, or of the first if
 * there is no such item: a batch may have a thousand.
 */
export function readEvents(
  preset: CompiledPreset,
  source: string,
  view: RequestView,
  receivedAt: Date,
  { needsIds = true, only }: { needsIds?: boolean; only?: number } = {},
): ReadEvent[] {
  const at = receivedAt.toISOString();
  const webhook = { preset, source, view: { ...view, receivedAt: at }, receivedAt: at, needsIds };
  const { document, unreadable } = view.body();
  if (unreadable !== undefined) return [unreadableEvent(webhook, unreadable, view.request.body, 0)];
  const items = preset.items(document);
  if (items === undefined) return [unreadableEvent(webhook, 'no-items', view.request.body, 0)];
  if (items.length > mostEvents) return [unreadableEvent(webhook, 'too-many-events', view.request.body, 0)];
  const chosen = only === undefined ? [...items.entries()] : itemAt(items, only);
  return chosen.map(([index, item]) => readItem(webhook, item, index));
}

function itemAt(items: readonly Json[], wanted: number): [number, Json][] {
  const index = wanted < items.length ? wanted : 0;
  const item = items[index];
  return item === undefined ? [] : [[index, item]];
}

function readItem(webhook: Webhook, item: Json, index: number): ReadEvent {
  const { preset, source, receivedAt } = webhook;
  const view = { ...webhook.view, item: () => item };
  const kind = preset.event.kind(view);
  const nativeType = kind.nativeType ?? preset.event.nativeType(view);
  // A gateway may cut a batch differently when it sends it again. Only the item stays the same.
  const content = preset.batch ? Buffer.from(JSON.stringify(item)) : view.request.body;
  if (nativeType === undefined || !isIdentifier(nativeType)) return unreadableEvent(webhook, 'no-type', content, index);
  const { canonicalType, holdMs } = kind;
  const found = kind.id(view);
  // Another webhook may tell the same fact with the missing part: with the hash as its id, it would count twice.
  if ('missing' in found && canonicalType !== null && webhook.needsIds) {
    return unreadableEvent(webhook, `no-id: ${found.missing}`, content, index);
  }
  const occurredAtMs = preset.event.occurredAtMs(view);
  const event: CanonicalEvent = {
    id: identifier('missing' in found ? hashId(content) : found.id),
    source,
    gateway: preset.name,
    type: canonicalType ?? `${preset.name}:${nativeType}`,
    nativeType,
    occurredAt: occurredAtMs === undefined ? receivedAt : new Date(occurredAtMs).toISOString(),
    receivedAt,
    live: preset.event.live(view),
    entity: identifierOrNull(preset.event.entity(view)),
    tenant: identifierOrNull(preset.event.tenant(view)),
    ...preset.event.facts(view, canonicalType),
    data: preset.redact(item),
  };
  return { event, unreadable: null, item: index, holdMs };
}

function unreadableEvent(webhook: Webhook, unreadable: UnreadableReason, content: Buffer, item: number): ReadEvent {
  const { preset, source, receivedAt } = webhook;
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
    ...noFacts,
    data: null,
  };
  return { event, unreadable, item, holdMs: 0 };
}

function hashId(content: Buffer): string {
  return `sha256:${sha256Hex(content)}`;
}

function identifierOrNull(text: string | undefined): string | null {
  return text === undefined ? null : identifier(text);
}

/**
 * Reads a stored body again, once for all of its events. Returns a function from an event's item to its `data`, which is null if the
 * body is unreadable or has no such item.
 */
export function readData(preset: CompiledPreset, body: Buffer, contentType: string): (item: number) => Json {
  const { document } = readBody(body, contentType, preset.body);
  const items = document === undefined ? undefined : preset.items(document);
  return (item) => {
    const found = items?.[item];
    return found === undefined ? null : preset.redact(found);
  };
}
