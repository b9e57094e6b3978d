import { and, eq, inArray } from 'drizzle-orm';
import type { Json } from '../../../language/json.ts';
import type { Database } from '../../../storage/database.ts';
import { events } from '../../../storage/schema.ts';
import { stateOf } from '../../event-state.ts';
import type { Inbox } from '../../inbox.ts';
import type { NewBody, NewEvent } from '../../new-event.ts';
import { readEvents } from '../read-events.ts';
import { createRequestView } from '../request-view.ts';
import type { AskSource } from './ask-source.ts';
import { noticeType } from './read-webhook.ts';

export interface StoreMissingDeps {
  database: Database;
  /** The inbox's `store`, without a claim: the server's dispatcher finds pending events when it polls. */
  store: Inbox['store'];
  nowMs: () => number;
}

/** An event from the gateway's answer, in the form of a webhook. */
export interface FoundBody {
  body: Json;
  headers: Record<string, string>;
}

export interface Stored {
  /** Events in the bodies. */
  found: number;
  /** Found events that happened before `sinceMs`. */
  old: number;
  /** Found events that the inbox did not have. */
  missing: number;
  /** Missing events that were stored; the webhook may have arrived in the meantime. */
  stored: number;
}

/**
 * Stores the events in a gateway's answers under the ids that its webhooks have, as if they arrived now. Events that the inbox
 * has are left alone and do not count as redeliveries. So are events of the last `settleMs`, whose webhooks may still be on
 * their way, and events before `sinceMs`, which would start the workflows of old payments. Bodies that the preset cannot read,
 * or that have no status, are skipped.
 */
export async function storeMissing(
  deps: StoreMissingDeps,
  source: AskSource,
  { bodies, settleMs, sinceMs }: { bodies: readonly FoundBody[]; settleMs: number; sinceMs: number },
): Promise<Stored> {
  const now = new Date(deps.nowMs());
  const found = bodies.flatMap((each) => entriesOf(source, each, now));
  const recent = found.filter(({ event }) => Date.parse(event.occurredAt) >= sinceMs);
  const settled = recent.filter(({ event: { occurredAt, receivedAt } }) => {
    return occurredAt === receivedAt || Date.parse(occurredAt) <= now.getTime() - settleMs;
  });
  const known = await knownIds(deps.database, source, settled);
  const missing = settled.filter(({ event }) => !known.has(event.id));
  const results = await Promise.all(missing.map((entry) => deps.store(entry)));
  const stored = results.filter(({ duplicate }) => !duplicate).length;
  return { found: found.length, old: found.length - recent.length, missing: missing.length, stored };
}

/** An event that was in a gateway's answer. */
export interface FoundEvent {
  eventId: string;
  type: string;
  /** False: the inbox had it already. */
  stored: boolean;
}

/** Stores those events of a gateway's answers that `isWanted`, whatever their age, under the ids that their webhooks have. */
export async function storeFound(
  deps: StoreMissingDeps,
  source: AskSource,
  bodies: readonly FoundBody[],
  isWanted: (event: NewEvent['event'], item: Json | undefined) => boolean,
): Promise<FoundEvent[]> {
  const now = new Date(deps.nowMs());
  const found = bodies.flatMap((each) => {
    const items = source.preset.items(each.body) ?? [];
    return entriesOf(source, each, now).filter(({ event, item }) => isWanted(event, items[item]));
  });
  const known = await knownIds(deps.database, source, found);
  return Promise.all(
    found.map(async (entry) => {
      const { id: eventId, type } = entry.event;
      const stored = !known.has(eventId) && !(await deps.store(entry)).duplicate;
      return { eventId, type, stored };
    }),
  );
}

function entriesOf(source: AskSource, { body, headers }: FoundBody, now: Date): NewEvent[] {
  const contentType = 'application/json';
  const bytes = Buffer.from(JSON.stringify(body));
  const request = { method: 'POST', url: '/', headers: { ...headers, 'content-type': contentType }, body: bytes };
  const view = createRequestView(request, source.preset.body, source.settings);
  const stored: NewBody = { bytes, contentType, headers: null };
  return readEvents(source.preset, source.name, view, now)
    .filter(({ unreadable, event }) => unreadable === null && event.nativeType !== noticeType)
    .map((read) => ({
      event: read.event,
      // The worker does not know the definitions. The dispatcher does.
      ...stateOf(read, { source, isWanted: () => true }),
      body: stored,
      item: read.item,
    }));
}

/** One page of a list at a time, so that the statement stays small. */
async function knownIds(database: Database, source: AskSource, entries: readonly NewEvent[]): Promise<Set<string>> {
  if (entries.length === 0) return new Set();
  const ids = entries.map(({ event }) => event.id);
  const rows = await database.orm
    .select({ eventId: events.eventId })
    .from(events)
    .where(and(eq(events.source, source.name), inArray(events.eventId, ids)));
  return new Set(rows.map(({ eventId }) => eventId));
}
