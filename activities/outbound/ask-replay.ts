import { randomBytes } from 'node:crypto';
import { and, count, eq, isNull, sql } from 'drizzle-orm';
import type { Database, Queries } from '../../storage/database.ts';
import { endedThat, missingThat, replayedEndpoint, type Replayed } from '../../storage/outbound/replayed.ts';
import { audit, deliveries, messages, type ReplayedWhat, replays } from '../../storage/schema.ts';
import { patternsTake } from './message-types.ts';

/** What would be sent again to an endpoint. */
export interface ReplayGroup {
  endpoint: string;
  type: string;
  count: number;
}

export type AskedReplay =
  | { kind: 'unknown-endpoint' }
  /** A tenant has one under way, and may have no other until it has ended. */
  | { kind: 'under-way'; id: string }
  /** `id`: null if it was a dry run, or there is nothing to send. `groups`: the largest first. */
  | { kind: 'asked'; id: string | null; total: number; groups: ReplayGroup[] };

export interface ReplayRequest {
  what: ReplayedWhat;
  tenant: string | null;
  actor: string;
  reason: string;
  dryRun: boolean;
  at: Date;
}

/**
 * Counts what is to be sent again, and records the wish, with the audit. `server/replays/start-replays.ts` hands it to Temporal.
 */
export async function askReplay({ orm }: Pick<Database, 'orm'>, request: ReplayRequest): Promise<AskedReplay> {
  const { what, tenant, actor, reason, at } = request;
  const replayed: Replayed = { what, tenant, requestedAt: at };
  return orm.transaction(async (queries) => {
    const groups = what.missing ? await missing(queries, replayed) : await ended(queries, replayed);
    if (groups === null) return { kind: 'unknown-endpoint' };
    const total = groups.reduce((sum, group) => sum + group.count, 0);
    if (request.dryRun || total === 0) return { kind: 'asked', id: null, total, groups };
    const underWay = tenant === null ? undefined : await underWayOf(queries, tenant);
    if (underWay !== undefined) return { kind: 'under-way', id: underWay.id };
    const id = `rpl_${randomBytes(16).toString('hex')}`;
    await queries.insert(replays).values({ id, tenant, what, total, requestedBy: actor, reason, requestedAt: at });
    await queries.insert(audit).values({ actor, action: 'retry-deliveries', target: `replay ${id}`, reason });
    return { kind: 'asked', id, total, groups };
  });
}

async function underWayOf(queries: Queries, tenant: string) {
  const isOpen = and(eq(replays.tenant, tenant), isNull(replays.endedAt));
  const [found] = await queries.select({ id: replays.id }).from(replays).where(isOpen).limit(1);
  return found;
}

async function ended(queries: Queries, replayed: Replayed): Promise<ReplayGroup[] | null> {
  const { endpoint } = replayed.what;
  if (endpoint !== null && replayed.tenant !== null && (await replayedEndpoint(queries, replayed)) === undefined)
    return null;
  return queries
    .select({ endpoint: deliveries.endpoint, type: messages.type, count: count() })
    .from(deliveries)
    .innerJoin(messages, eq(messages.id, deliveries.message))
    .where(endedThat(replayed))
    .groupBy(deliveries.endpoint, messages.type)
    .orderBy(sql`count(*) desc`, deliveries.endpoint, messages.type);
}

/** The endpoint's filter may leave some of them out. */
async function missing(queries: Queries, replayed: Replayed): Promise<ReplayGroup[] | null> {
  const endpoint = await replayedEndpoint(queries, replayed);
  if (endpoint === undefined) return null;
  const groups = await queries
    .select({ type: messages.type, count: count() })
    .from(messages)
    .where(missingThat(replayed, endpoint))
    .groupBy(messages.type)
    .orderBy(sql`count(*) desc`, messages.type);
  return groups
    .filter(({ type }) => patternsTake(endpoint.patterns, type))
    .map((group) => ({ endpoint: endpoint.id, ...group }));
}
