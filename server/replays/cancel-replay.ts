import { and, eq, isNull } from 'drizzle-orm';
import type { Database } from '../../storage/database.ts';
import { audit, replays } from '../../storage/schema.ts';

/** Marks a replay as canceled, unless it has ended: no further batch is sent again. What was sent again stays so. */
export async function markCanceled({ orm }: Pick<Database, 'orm'>, id: string, at: Date): Promise<boolean> {
  const marked = await orm
    .update(replays)
    .set({ state: 'canceled', endedAt: at })
    .where(and(eq(replays.id, id), isNull(replays.endedAt)))
    .returning({ id: replays.id });
  return marked.length > 0;
}

/** Cancels one that Temporal does not have. Resolves to false if it has ended, or if Temporal has it by now. */
export async function cancelPending(
  { orm }: Pick<Database, 'orm'>,
  id: string,
  { actor, reason, at }: { actor: string; reason: string; at: Date },
): Promise<boolean> {
  return orm.transaction(async (queries) => {
    const marked = await queries
      .update(replays)
      .set({ state: 'canceled', endedAt: at })
      .where(and(eq(replays.id, id), eq(replays.state, 'pending')))
      .returning({ id: replays.id });
    if (marked.length === 0) return false;
    await queries.insert(audit).values({ actor, action: 'cancel', target: `replay ${id}`, reason });
    return true;
  });
}
