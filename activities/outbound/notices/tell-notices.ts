import { and, asc, eq, inArray, isNull } from 'drizzle-orm';
import type { Logger } from 'pino';
import { noticePrefix } from '../../../language/own-event-types.ts';
import { createRepetition, type Repetition } from '../../../repetition.ts';
import type { Queries } from '../../../storage/database.ts';
import { endpointNotices, messages } from '../../../storage/schema.ts';
import type { StartableDelivery } from '../delivery-starter.ts';
import { insertMessage, messageIdOf, type OutboundDeps } from '../store-message.ts';
import { dueNotices } from './due-notices.ts';
import { type EndpointFacts, endpointFacts, noticeData } from './notice-data.ts';
import { lastGeneration, type NoticeAudience, noticeKey } from './notice-key.ts';
import { mailNotices, type NoticeMailDeps } from './mail-notices.ts';

export interface NoticeTelling extends Repetition {
  /** Runs one round; `start` repeats it. */
  tellOnce(): Promise<void>;
}

export interface NoticeTellingDeps extends OutboundDeps {
  log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Null: the operator gets no mails. */
  mail: NoticeMailDeps | null;
  /** Pause between two rounds. */
  intervalMs: number;
}

type Notice = typeof endpointNotices.$inferSelect;

/** The rest follows in the next round. */
const mostEndpoints = 100;

const dueSql = `
  select endpoint from endpoint_notices where told_at is null and tell_at <= $1::timestamptz
  group by endpoint order by min(tell_at) limit ${mostEndpoints}`;

/**
 * Tells what happened to endpoints, by messages to endpoints that subscribe to `kait.endpoint.…`, and by mail to the operator. Each notice is told
 * once: its messages are stored in the transaction that marks it. Several processes may run it.
 */
export function createNoticeTelling(deps: NoticeTellingDeps): NoticeTelling {
  const { database, clock, log } = deps;
  const mail = deps.mail === null ? null : mailNotices({ ...deps.mail, database, clock, log });
  const tellOnce = async () => {
    const due = await database.run<{ endpoint: string }>('find-due-notices', dueSql, [clock().toISOString()]);
    for (const { endpoint } of due) {
      try {
        await tellAbout(deps, endpoint);
      } catch (error) {
        log.warn({ err: error, endpoint }, 'notices about an endpoint were not told, will retry');
      }
    }
    await mail?.();
  };
  const failed = (error: unknown) => log.warn({ err: error }, 'notices about endpoints were not told, will retry');
  return { ...createRepetition({ act: tellOnce, intervalMs: deps.intervalMs, failed }), tellOnce };
}

/** The notices of a removed endpoint are told to nobody. */
async function tellAbout({ database, clock, deliveryStarter, log }: NoticeTellingDeps, endpointId: string) {
  const toldAt = clock();
  const { told, startable } = await database.orm.transaction(async (queries) => {
    const untold = await queries
      .select()
      .from(endpointNotices)
      .where(and(eq(endpointNotices.endpoint, endpointId), isNull(endpointNotices.toldAt)))
      .orderBy(asc(endpointNotices.id))
      .for('update');
    const facts = await endpointFacts(queries, endpointId);
    const { told, overtaken } = facts === null ? { told: [], overtaken: untold } : dueNotices(untold, toldAt);
    const startable: StartableDelivery[] = [];
    for (const notice of told) startable.push(...(await storeMessages(queries, notice, facts, toldAt)));
    await queries
      .update(endpointNotices)
      .set({ toldAt })
      .where(inArray(endpointNotices.id, idsOf(told)));
    await queries.delete(endpointNotices).where(inArray(endpointNotices.id, idsOf(overtaken)));
    return { told, startable };
  });
  deliveryStarter.start(startable);
  for (const { kind, reason } of told)
    log.info({ endpoint: endpointId, kind, reason }, 'notice about an endpoint told');
}

function idsOf(notices: readonly Notice[]): number[] {
  return notices.map(({ id }) => id);
}

async function storeMessages(
  queries: Queries,
  notice: Notice,
  facts: EndpointFacts | null,
  createdAt: Date,
): Promise<StartableDelivery[]> {
  if (facts === null || notice.generation > lastGeneration) return [];
  const ofOperator = await storeMessage(queries, notice, { facts, createdAt, audience: 'operator' });
  if (notice.tenant === null) return ofOperator;
  return [...ofOperator, ...(await storeMessage(queries, notice, { facts, createdAt, audience: 'tenant' }))];
}

/** Kept only if an endpoint wants it. */
async function storeMessage(
  queries: Queries,
  notice: Notice,
  { facts, createdAt, audience }: { facts: EndpointFacts; createdAt: Date; audience: NoticeAudience },
): Promise<StartableDelivery[]> {
  const type = `${noticePrefix}${notice.kind}`;
  const idempotencyKey = noticeKey(notice.id, audience);
  const stored = await insertMessage(queries, {
    ...{ idempotencyKey, type, createdAt },
    body: JSON.stringify({ type, timestamp: createdAt.toISOString(), data: noticeData(notice, facts, audience) }),
    tenant: audience === 'tenant' ? (notice.tenant ?? undefined) : undefined,
  });
  if (stored?.kept === 0) await queries.delete(messages).where(eq(messages.id, messageIdOf(idempotencyKey)));
  return stored?.startable ?? [];
}
