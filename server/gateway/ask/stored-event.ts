import { and, eq } from 'drizzle-orm';
import type { Database } from '../../../storage/database.ts';
import { bodies, events } from '../../../storage/schema.ts';
import { envelopeColumns, readEnvelope } from '../../../storage/stored-envelope.ts';
import { createRequestView, type RequestView } from '../request-view.ts';
import type { AskSource } from './ask-source.ts';

/** A stored event as questions see it: its body, without headers. */
export interface StoredEvent {
  view: RequestView;
  receivedAt: Date;
  row: StoredRow;
  /** The row of its body. */
  bodyId: number;
  /** The headers to forward. */
  headers: Record<string, string> | null;
  /** As its request said. A header may have said it. */
  live: boolean | null;
}

export interface StoredRow {
  body: Uint8Array;
  contentType: string;
  item: number;
  receivedAt: Date;
}

/** Null if there is no such event, or its body is gone. */
export async function loadStoredEvent(
  database: Database,
  source: AskSource,
  eventId: string,
): Promise<StoredEvent | null> {
  const [row] = await database.orm
    .select({
      bodyId: events.bodyId,
      body: bodies.bytes,
      contentType: bodies.contentType,
      item: events.item,
      receivedAt: events.receivedAt,
      headers: bodies.headers,
      packed: envelopeColumns,
    })
    .from(events)
    .innerJoin(bodies, eq(bodies.id, events.bodyId))
    .where(and(eq(events.source, source.name), eq(events.eventId, eventId)));
  if (row === undefined) return null;
  const { headers, packed, bodyId, ...stored } = row;
  const live = readEnvelope(packed)?.live ?? null; // Kept as long as the body.
  return { view: storedView(source, stored), receivedAt: row.receivedAt, row: stored, bodyId, headers, live };
}

export function storedView({ preset, settings }: Pick<AskSource, 'preset' | 'settings'>, row: StoredRow): RequestView {
  const { body, contentType, item, receivedAt } = row;
  const request = { method: 'POST', url: '/', headers: { 'content-type': contentType }, body: Buffer.from(body) };
  const view = createRequestView(request, preset.body, settings);
  return {
    ...view,
    receivedAt: receivedAt.toISOString(),
    item: () => {
      const { document } = view.body();
      return document === undefined ? undefined : preset.items(document)?.[item];
    },
  };
}

/** For questions that are not about an event. */
export function emptyView({ preset, settings }: AskSource): RequestView {
  return createRequestView({ method: 'GET', url: '/', headers: {}, body: Buffer.alloc(0) }, preset.body, settings);
}
