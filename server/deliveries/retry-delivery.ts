import { sendAgain, type SentAgain } from '../../storage/outbound/send-again.ts';
import type { Database } from '../../storage/database.ts';
import { audit } from '../../storage/schema.ts';

/** Has a delivery sent again, and records who did; see {@link sendAgain}. */
export async function retryDelivery(
  { orm }: Pick<Database, 'orm'>,
  id: string,
  { actor, ...how }: { again: boolean; tenant: string | null; at: Date; actor: string },
): Promise<SentAgain> {
  return orm.transaction(async (queries) => {
    const sent = await sendAgain(queries, id, how);
    if (sent.why === null) {
      await queries.insert(audit).values({ actor, action: 'retry-delivery', target: `delivery ${id}`, reason: '' });
    }
    return sent;
  });
}
