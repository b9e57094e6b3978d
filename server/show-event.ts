import { and, asc, eq } from 'drizzle-orm';
import { ownSource } from '../language/triggers.ts';
import type { Database } from '../storage/database.ts';
import { alias } from 'drizzle-orm/pg-core';
import { audit, bodies, events, handovers, runs, turns } from '../storage/schema.ts';
import type { Presets } from './gateway/presets.ts';
import { envelopeColumns, readEnvelope } from '../storage/stored-envelope.ts';
import { eventColumns } from './records.ts';
import { ownBodies, showBody } from './show-body.ts';

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
      packed: envelopeColumns,
      rowId: events.id,
      stored: { gateway: events.gateway, item: events.item },
      identity: { gateway: events.gateway, nativeType: events.nativeType, occurredAt: events.occurredAt },
      body: { bytes: bodies.bytes, contentType: bodies.contentType },
    })
    .from(events)
    .leftJoin(bodies, eq(bodies.id, events.bodyId))
    .where(and(eq(events.source, key.source), eq(events.eventId, key.eventId)));
  if (row === undefined) return null;
  const { rowId, stored, body, packed, identity, ...shown } = row;
  const envelope = readEnvelope(packed);
  const { type, entity } = row;
  return {
    ...shown,
    /** Without them, the envelope has only what identifies the event. */
    hasDetails: envelope !== null,
    envelope: envelope ?? { ...identity, type, entity, tenant: null },
    ...(await runsOf(database, rowId)),
    ...(body === null
      ? { data: null, body: null }
      : showBody(
          stored.gateway === ownSource ? ownBodies : presets.get(stored.gateway),
          { body: Buffer.from(body.bytes), contentType: body.contentType, item: stored.item },
          { raw },
        )),
  };
}

/** The event because of which another one starts no run. */
const because = alias(events, 'because');

/** Ten thousand runs may wait for the same event. */
const mostHandovers = 100;

/** The event's runs, the runs under way that it was given to, and what operators did for it. A run without a `startedAt` is still to be started, one `inDoubt` may never have been. */
async function runsOf({ orm }: Database, event: number) {
  const known = await orm
    .select({ workflowId: runs.workflowId, startedAt: runs.startedAt, inDoubt: runs.inDoubt })
    .from(runs)
    .where(eq(runs.event, event))
    .orderBy(asc(runs.startedAt), asc(runs.workflowId));
  const done = await orm
    .select({ at: audit.at, actor: audit.actor, action: audit.action, target: audit.target, reason: audit.reason })
    .from(audit)
    .innerJoin(runs, eq(runs.workflowId, audit.target))
    .where(eq(runs.event, event))
    .orderBy(asc(audit.id));
  const given = await orm
    .select({ workflowId: handovers.workflowId, state: handovers.state, step: handovers.step, at: handovers.at })
    .from(handovers)
    .where(eq(handovers.event, event))
    .orderBy(asc(handovers.id))
    .limit(mostHandovers);
  const turnsOf = await orm
    .select({
      workflowId: turns.workflowId,
      key: turns.key,
      state: turns.state,
      because: because.eventId,
      at: turns.at,
    })
    .from(turns)
    .leftJoin(because, eq(because.id, turns.because))
    .where(eq(turns.event, event))
    .orderBy(asc(turns.workflowId));
  return { runs: known, audit: done, handovers: given, turns: turnsOf };
}
