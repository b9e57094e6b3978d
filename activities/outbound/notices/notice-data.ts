import { and, desc, eq, gt, inArray, sql } from 'drizzle-orm';
import type { EndpointNoticeData } from '../../../language/own-event-types.ts';
import type { Queries } from '../../../storage/database.ts';
import { deliveries, type endpointNotices, endpoints, type EndpointState } from '../../../storage/schema.ts';
import { urlWithoutKeys } from '../keys-in-url.ts';
import type { NoticeAudience } from './notice-key.ts';

/** An endpoint as a notice shows it. */
export interface EndpointFacts {
  id: string;
  url: string;
  description: string;
  tenant: string | null;
  state: EndpointState;
  /** Of the newest deliveries that were tried, the newest first. Null: no answer. */
  lastStatuses: (number | null)[];
  pending: number;
  parked: number;
}

const mostStatuses = 5;

/** Null: the endpoint was removed. */
export async function endpointFacts(queries: Queries, id: string): Promise<EndpointFacts | null> {
  const { url, description, tenant, state } = endpoints;
  const [endpoint] = await queries
    .select({ url, description, tenant, state })
    .from(endpoints)
    .where(eq(endpoints.id, id));
  if (endpoint === undefined) return null;
  const its = eq(deliveries.endpoint, id);
  const [counts] = await queries
    .select({
      pending: sql<number>`count(*) filter (where ${deliveries.state} <> 'parked')::int`,
      parked: sql<number>`count(*) filter (where ${deliveries.state} = 'parked')::int`,
    })
    .from(deliveries)
    .where(and(its, inArray(deliveries.state, ['pending', 'started', 'parked'])));
  const tried = await queries
    .select({ status: deliveries.lastStatus })
    .from(deliveries)
    .where(and(its, gt(deliveries.attempts, 0)))
    .orderBy(desc(deliveries.createdAt), desc(deliveries.id))
    .limit(mostStatuses);
  return {
    ...{ id, ...endpoint, url: urlWithoutKeys(endpoint.url) },
    lastStatuses: tried.map(({ status }) => status),
    ...{ pending: counts?.pending ?? 0, parked: counts?.parked ?? 0 },
  };
}

/** What the message of a notice tells an audience. */
export function noticeData(
  { reason, at, failingSince }: Pick<typeof endpointNotices.$inferSelect, 'reason' | 'at' | 'failingSince'>,
  { lastStatuses, pending, parked, ...endpoint }: EndpointFacts,
  audience: NoticeAudience,
): EndpointNoticeData {
  const resume =
    audience === 'operator' ? `kait endpoints resume ${endpoint.id}` : `POST /api/v1/endpoints/${endpoint.id}/resume`;
  return {
    endpoint,
    reason: reason === '' ? null : reason,
    at: at.toISOString(),
    failingSince: failingSince?.toISOString() ?? null,
    ...{ lastStatuses, deliveries: { pending, parked } },
    resume: endpoint.state === 'disabled' ? resume : null,
  };
}
