import type { CanonicalEvent } from '../../language/event.ts';
import type { Database } from '../../storage/database.ts';
import { insertEventsSql, parametersOf } from '../new-event.ts';
import { ownEntry } from './own-body.ts';

/** Who had Kait make an event, and why. */
export interface AskedBy {
  actor: string;
  reason: string;
  /** The id of the run to come. */
  workflowId: string;
}

const storeSql = `
  with ${insertEventsSql()}, audited as (
    insert into audit (actor, action, target, reason) select $4, 'start', $5, $6 from inserted)
  select id from inserted`;

/** Stores an event and its row of the audit together. Resolves to false if the inbox has the event; then nothing is written. */
export async function storeOwnEvent(
  database: Database,
  event: CanonicalEvent,
  { actor, workflowId, reason }: AskedBy,
): Promise<boolean> {
  const { values } = parametersOf([ownEntry(event)], () => false);
  const rows = await database.run<{ id: string | number }>('own-event-store', storeSql, [
    ...values,
    ...[actor, workflowId, reason],
  ]);
  return rows.length > 0;
}
