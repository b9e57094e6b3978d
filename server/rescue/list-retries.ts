import { asc, eq } from 'drizzle-orm';
import type { Database } from '../../storage/database.ts';
import { rescues } from '../../storage/schema.ts';

/** The runs of a family that go on from each other, in the order in which they were asked for. */
export async function listRetries({ orm }: Database, workflowId: string) {
  const [own] = await orm.select({ root: rescues.root }).from(rescues).where(eq(rescues.workflowId, workflowId));
  return orm
    .select({
      run: rescues.workflowId,
      of: rescues.retryOf,
      state: rescues.state,
      requestedAt: rescues.requestedAt,
      detail: rescues.lastError,
    })
    .from(rescues)
    .where(eq(rescues.root, own?.root ?? workflowId))
    .orderBy(asc(rescues.number));
}
