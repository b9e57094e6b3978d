import { eq, inArray } from 'drizzle-orm';
import type { Database } from '../../storage/database.ts';
import { events, runs } from '../../storage/schema.ts';

/**
 * The id of the run that is above all others in an idempotency key or in the id of a child run:
 * `<installation>/<definition>/<source>/<event id>`, and what makes it another run of the same event. No step's id has a colon.
 */
export function runOfKey(key: string): string {
  const parts = key.split('/');
  return parts.slice(0, /^kait:(?:again|retry)-[0-9]+$/.test(parts[4] ?? '') ? 5 : 4).join('/');
}

/** The run that emitted a message, by the message's key. Null: Kait sent it itself, as a test or a notice. */
export function runOfMessage(key: string): string | null {
  return key.split('/').length < 5 ? null : runOfKey(key);
}

/** What a list shows of the event that a run is about. */
export interface Subject {
  orderId: string | null;
  currency: string | null;
  /** Minor units. */
  amount: number | null;
}

/** What is known of a run of which nothing is stored. */
export const noSubject: Subject = { orderId: null, currency: null, amount: null };

export const subjectColumns = { orderId: events.orderId, currency: events.currency, amount: events.amount };

/** What runs are about, by their workflow ids or those of their child runs. Runs of which nothing is stored are missing. */
export async function subjectsOf(
  database: Pick<Database, 'orm'>,
  keys: readonly string[],
): Promise<Map<string, Subject>> {
  const ids = [...new Set(keys.map(runOfKey))];
  if (ids.length === 0) return new Map();
  const rows = await database.orm
    .select({ workflowId: runs.workflowId, ...subjectColumns })
    .from(runs)
    .innerJoin(events, eq(events.id, runs.event))
    .where(inArray(runs.workflowId, ids));
  const subjects = new Map(rows.map(({ workflowId, ...subject }) => [workflowId, subject]));
  return new Map(
    keys.flatMap((key) => {
      const subject = subjects.get(runOfKey(key));
      return subject === undefined ? [] : [[key, subject] as const];
    }),
  );
}
