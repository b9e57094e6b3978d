import type { Database } from '../storage/database.ts';
import { claimedUntilSql, columnsSql, type StoredRow } from './new-event.ts';

/**
 * Stores an event in place of one that waits under the same id, and ends the wait. Resolves to null if none waits: its hold is over, or
 * a process has claimed it. One statement, so whoever locks the row first decides: either this webhook's telling of the fact is
 * dispatched or the other one's, never both.
 */
export async function replaceHeld(
  database: Database,
  row: StoredRow,
): Promise<{ rowId: number; claimed: boolean } | null> {
  const [replaced] = await database.run<{ id: string | number }>('inbox-replace-held', replaceSql, [
    JSON.stringify([row]),
  ]);
  return replaced === undefined ? null : { rowId: Number(replaced.id), claimed: row.claimed };
}

const replaceSql = `
  update events set type = row.type, native_type = row.native_type, entity = row.entity, occurred_at = row.occurred_at,
    received_at = row.received_at, envelope = row.envelope, body = decode(row.body, 'base64'),
    content_type = row.content_type, headers = row.headers, item = row.item, claimed_until = ${claimedUntilSql}, held = false
  from json_to_recordset($1::json) as row (${columnsSql})
  where events.source = row.source and events.event_id = row.event_id
    and events.state = 'pending' and events.held and events.claimed_until > now()
  returning events.id`;
