import { and, eq, gte, isNotNull, isNull, lt, ne, or, sql, type SQL } from 'drizzle-orm';
import type { Queries } from '../database.ts';
import { deliveries, endpoints, messages, type ReplayedWhat, type replays } from '../schema.ts';
import { deliveriesThat, ofType } from './delivery-filter.ts';

/** Kait's own definition. Its name is also the workflow type in Temporal. */
export const replayDefinition = 'kait-replay';

/** What is replayed, and for whom. Nothing that was emitted later than it was asked for. */
export interface Replayed extends Pick<typeof replays.$inferSelect, 'tenant' | 'requestedAt'> {
  what: ReplayedWhat;
}

/** The condition on `deliveries` joined with `messages`, for deliveries that have ended. */
export function endedThat({ what, tenant, requestedAt }: Replayed): SQL | undefined {
  const { states, endpoint, type, since } = what;
  return deliveriesThat({
    ...{ states, tenant, until: untilOf(what, requestedAt) },
    ...{ endpoint: endpoint ?? undefined, type: type ?? undefined, since: since ?? undefined },
  });
}

/**
 * The condition on `messages` that an endpoint has no delivery of. Whether its patterns and its filter take them is for the caller to find out.
 * Without a `since`: from the moment on in which the endpoint was created. What is no longer kept cannot be sent.
 */
export function missingThat(
  { what, requestedAt }: Replayed,
  endpoint: Pick<typeof endpoints.$inferSelect, 'id' | 'tenant' | 'createdAt'>,
): SQL | undefined {
  const since = what.since === null ? endpoint.createdAt : new Date(what.since);
  const has = sql`exists (select from ${deliveries} where ${deliveries.message} = ${messages.id} and ${deliveries.endpoint} = ${endpoint.id})`;
  return and(
    gte(messages.createdAt, since),
    lt(messages.createdAt, new Date(untilOf(what, requestedAt))),
    endpoint.tenant === null ? isNull(messages.tenant) : eq(messages.tenant, endpoint.tenant),
    what.type === null ? undefined : ofType(what.type),
    or(ne(messages.body, ''), isNotNull(messages.raw)),
    sql`not ${has}`,
  );
}

/** The endpoint that is named. Undefined: there is none, or it is another tenant's. */
export async function replayedEndpoint(queries: Queries, { what, tenant }: Replayed) {
  const isIt = eq(endpoints.id, what.endpoint ?? '');
  const [found] = await queries
    .select()
    .from(endpoints)
    .where(tenant === null ? isIt : and(isIt, eq(endpoints.tenant, tenant)));
  return found;
}

function untilOf({ until }: ReplayedWhat, requestedAt: Date): string {
  const latest = requestedAt.toISOString();
  return until !== null && until < latest ? until : latest; // Both in UTC with milliseconds.
}
