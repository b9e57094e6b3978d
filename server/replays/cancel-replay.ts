import { and, eq, inArray } from 'drizzle-orm';
import type { Database, Queries } from '../../storage/database.ts';
import { audit, replays, type ReplayState } from '../../storage/schema.ts';

/** Marks a replay as canceled that has not ended: no further batch is sent again. Webhooks already resent stay sent. */
export function markCanceled({ orm }: Pick<Database, 'orm'>, id: string, at: Date): Promise<boolean> {
  return mark(orm, id, { from: ['pending', 'started'], at });
}

/** Cancels one that Temporal does not have. Resolves to false if it has ended, or if Temporal has it by now. */
export async function cancelPending(
  { orm }: Pick<Database, 'orm'>,
  id: string,
  { actor, reason, at }: { actor: string; reason: string; at: Date },
): Promise<boolean> {
  return orm.transaction(async (queries) => {
    if (!(await mark(queries, id, { from: ['pending'], at }))) return false;
    await queries.insert(audit).values({ actor, action: 'cancel', target: `replay ${id}`, reason });
    return true;
  });
}

async function mark(queries: Queries, id: string, { from, at }: { from: ReplayState[]; at: Date }): Promise<boolean> {
  const marked = await queries
    .update(replays)
    .set({ state: 'canceled', endedAt: at })
    .where(and(eq(replays.id, id), inArray(replays.state, from)))
    .returning({ id: replays.id });
  return marked.length > 0;
}
