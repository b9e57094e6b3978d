import { and, eq } from 'drizzle-orm';
import type { Database } from '../storage/database.ts';
import { bodies, events, runs } from '../storage/schema.ts';
import type { Presets } from './gateway/presets.ts';
import { eventColumns } from './records.ts';
import { showBody } from './show-body.ts';

/**
 * One event with its canonical envelope, its runs, and what the gateway sent as far as it may be seen. `raw` asks for the first bytes of
 * a body from which nothing can be redacted. Null if there is no such event.
 */
export async function showEvent(
  { database, presets }: { database: Database; presets: Presets },
  key: { source: string; eventId: string },
  { raw }: { raw: boolean },
) {
  const [row] = await database.orm
    .select({
      ...eventColumns,
      rereadAs: events.rereadAs,
      envelope: events.envelope,
      rowId: events.id,
      stored: { gateway: events.gateway, item: events.item },
      body: { bytes: bodies.bytes, contentType: bodies.contentType },
    })
    .from(events)
    .leftJoin(bodies, eq(bodies.id, events.bodyId))
    .where(and(eq(events.source, key.source), eq(events.eventId, key.eventId)));
  if (row === undefined) return null;
  const { rowId, stored, body, ...shown } = row;
  const started = await database.orm.select({ workflowId: runs.workflowId }).from(runs).where(eq(runs.event, rowId));
  return {
    ...shown,
    runs: started.map(({ workflowId }) => workflowId),
    ...(body === null
      ? { data: null, body: null }
      : showBody(
          presets.get(stored.gateway),
          { body: Buffer.from(body.bytes), contentType: body.contentType, item: stored.item },
          { raw },
        )),
  };
}
