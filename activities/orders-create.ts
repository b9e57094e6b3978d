import type { CallContext } from '../language/definition.ts';
import type { Database } from '../storage/database.ts';
import { orders } from '../storage/schema.ts';
import { askDatabase } from './ask-database.ts';
import type { ActivityInput, ActivityOutput } from './catalogue.ts';
import { derivedId } from './derived-id.ts';

/** Creates the order of this key, or answers with the one that an earlier attempt created. */
export async function createOrderOnce(
  deps: { database: Database; clock: () => Date },
  input: ActivityInput<'orders.create'>,
  { idempotencyKey }: CallContext,
): Promise<ActivityOutput<'orders.create'>> {
  const rows = await askDatabase(() =>
    deps.database.orm
      .insert(orders)
      .values({ ...input, id: derivedId('ord', idempotencyKey), idempotencyKey, createdAt: deps.clock() })
      // Changes nothing; without it, a row that is there already would not be returned.
      .onConflictDoUpdate({ target: orders.idempotencyKey, set: { idempotencyKey } })
      .returning({ id: orders.id, reference: orders.reference }),
  );
  const [order] = rows;
  if (order === undefined) throw new TypeError('An upsert returned no row');
  return { ...order, created: true };
}
