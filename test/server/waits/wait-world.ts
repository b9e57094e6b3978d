import { createInbox } from '../../../server/inbox.ts';
import { mayBeAwaited } from '../../../server/ignored-because.ts';
import { createCorrelate } from '../../../server/waits/correlate-events.ts';
import type { CanonicalEvent } from '../../../language/event.ts';
import type { Json } from '../../../language/json.ts';
import type { Database } from '../../../storage/database.ts';
import { findStored } from '../../../storage/waits/find-stored.ts';
import { openWait, type NewWait } from '../../../storage/waits/open-waits.ts';
import { newEvent } from '../sample-event.ts';

/** A wait of the run of the event `own` for the settlement of the payment `pi_1`. */
export function waitOf(changes: Partial<NewWait> = {}): NewWait {
  return {
    workflowId: 'kait-test/expiry-reminder/stripe/own',
    step: 'settled',
    types: ['payment.succeeded'],
    sources: ['stripe'],
    match: { 'event.payment.id': 'pi_1' },
    lookBackMs: 0,
    untilMs: Date.now() + 3_600_000,
    own: { source: 'stripe', eventId: 'own', live: null },
    ...changes,
  };
}

/** What the receiver and then the dispatcher do about an event. Resolves to the number of runs that it was handed to. */
export async function arrive(database: Database, changes: Partial<CanonicalEvent> = {}): Promise<number> {
  return correlated(database, await stored(database, changes));
}

export async function stored(database: Database, changes: Partial<CanonicalEvent> = {}) {
  const inbox = createInbox({ database, wantsClaim: () => false, onStored: () => undefined });
  const entry = newEvent(changes);
  const result = await inbox.store(entry);
  if (result.duplicate) throw new Error(`${entry.event.id} is stored already`);
  return { rowId: result.rowId, event: entry.event };
}

export function correlated(database: Database, event: { rowId: number; event: CanonicalEvent }): Promise<number> {
  return createCorrelate({ database, handed: () => undefined })(event);
}

/** What a step does that begins to wait. Resolves to the ids of the stored events that it finds. */
export async function begin(database: Database, wait: NewWait = waitOf()): Promise<string[]> {
  await openWait(database, wait);
  return found(database, wait);
}

async function found(database: Database, wait: NewWait = waitOf()): Promise<string[]> {
  const ids: string[] = [];
  const options = { harmless: mayBeAwaited, readData: () => (): Json => null };
  let page = await findStored(database, wait, { ...options, after: 0 });
  for (;;) {
    ids.push(...page.events.map(({ envelope }) => envelope.id));
    if (!page.more) return ids;
    page = await findStored(database, wait, { ...options, after: page.after });
  }
}

/** The ids of the events that are to be sent to a run, or were. */
export async function handed(database: Database, { workflowId }: Pick<NewWait, 'workflowId'> = waitOf()) {
  const sql = `select event_id from handovers join events on events.id = handovers.event where workflow_id = $1 order by handovers.event`;
  const rows = await database.run<{ event_id: string }>('test-handed', sql, [workflowId]);
  return rows.map(({ event_id: id }) => id);
}
