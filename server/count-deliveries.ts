import type { Database } from '../storage/database.ts';

/** Deliveries that need somebody's attention, or soon may. */
export interface DeliveryCounts {
  /** Temporal has not taken them yet. */
  pending: number;
  /** They ended without success and are not tried again: `lastError` says why. */
  refused: number;
}

const sql = `
  select (select count(*) from (select from deliveries where state = 'pending' limit $1) as counted) as pending,
    (select count(*) from (select from deliveries where state = 'refused' limit $1) as counted) as refused`;

/** Counts up to `atMost` of each. */
export async function countDeliveries(database: Database, atMost: number): Promise<DeliveryCounts> {
  const [row] = await database.run<Record<keyof DeliveryCounts, string | number>>('count-deliveries', sql, [atMost]);
  return { pending: Number(row?.pending ?? 0), refused: Number(row?.refused ?? 0) };
}
