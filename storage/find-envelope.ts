import type { Database } from './database.ts';
import { type Envelope, envelopeColumnsSql, type EnvelopeRow, readEnvelope } from './stored-envelope.ts';

const sql = `select ${envelopeColumnsSql('events')} from events where source = $1 and event_id = $2`;

/** An event of the inbox without its `data`. Null if its details are no longer kept, undefined if there is no such event. */
export async function findEnvelope(
  database: Pick<Database, 'run'>,
  { source, eventId }: { source: string; eventId: string },
): Promise<Envelope | null | undefined> {
  const [row] = await database.run<EnvelopeRow>('find-envelope', sql, [source, eventId]);
  return row && readEnvelope(row);
}
