import { and, asc, desc, eq, gt, inArray, sql } from 'drizzle-orm';
import type { ApprovalState } from '../../language/approval.ts';
import type { Database } from '../database.ts';
import { approvalRequests, approvals } from '../schema.ts';

/** A question with the answers that count. */
export type ShownApproval = Awaited<ReturnType<typeof findApprovals>>[number];

const columns = {
  ...{ id: approvalRequests.id, workflowId: approvalRequests.workflowId, step: approvalRequests.step },
  ...{
    definition: approvalRequests.definition,
    question: approvalRequests.question,
    details: approvalRequests.details,
  },
  ...{ rules: approvalRequests.rules, requester: approvalRequests.requester, round: approvalRequests.round },
  mail: approvalRequests.mail,
  ...{ openedAt: approvalRequests.openedAt, until: approvalRequests.until, closedAt: approvalRequests.closedAt },
  /** A run that was terminated leaves its questions open. */
  state: sql<ApprovalState>`case when ${approvalRequests.state} = 'open' and ${approvalRequests.until} < now() - interval '1 minute'
    then 'ended' else ${approvalRequests.state} end`,
};

export interface ApprovalQuery {
  /** The `place` of the last row of the page before. */
  after?: readonly (string | number)[] | null;
  limit: number;
  /** `open`: those that wait, those first that give up first. `all`: the newest. */
  state: 'open' | 'all';
  workflowId?: string | undefined;
  step?: string | undefined;
}

/** Lists what people were asked. */
export async function listApprovals(database: Database, query: ApprovalQuery) {
  const { workflowId, step, state, limit, after = null } = query;
  const sortedBy = state === 'open' ? approvalRequests.until : approvalRequests.openedAt;
  const isOpen = and(eq(approvalRequests.state, 'open'), gt(approvalRequests.until, sql`now() - interval '1 minute'`));
  const where = and(
    workflowId === undefined ? undefined : eq(approvalRequests.workflowId, workflowId),
    step === undefined ? undefined : eq(approvalRequests.step, step),
    state === 'open' ? isOpen : undefined,
    after === null ? undefined : comesAfter(after),
  );
  const order = state === 'open' ? asc : desc;
  const rows = await database.orm
    .select({ ...columns, exactly: sql<string>`${sortedBy}::text` })
    .from(approvalRequests)
    .where(where)
    .orderBy(order(sortedBy), order(approvalRequests.id))
    .limit(limit);
  const found = await withAnswers(database, rows);
  return found.map(({ exactly, ...row }) => ({ ...row, place: [exactly, row.id] }));

  function comesAfter([at, id]: readonly (string | number)[]) {
    const place = sql`(${String(at)}::timestamptz, ${String(id)}::text)`;
    const own = sql`(${sortedBy}, ${approvalRequests.id})`;
    return state === 'open' ? sql`${own} > ${place}` : sql`${own} < ${place}`;
  }
}

/** Finds a question by its id. */
export async function findApproval(database: Database, id: string): Promise<ShownApproval | undefined> {
  const [found] = await findApprovals(database, id);
  return found;
}

async function findApprovals(database: Database, id: string) {
  return withAnswers(
    database,
    await database.orm.select(columns).from(approvalRequests).where(eq(approvalRequests.id, id)),
  );
}

/** Those of the question's last round. */
async function withAnswers<Row extends { id: string; round: number }>(database: Database, rows: Row[]) {
  const given = await database.orm
    .select({
      ...{ request: approvals.request, round: approvals.round, by: approvals.person, approved: approvals.approved },
      ...{ reason: approvals.reason, at: approvals.at, via: approvals.via, address: approvals.address },
    })
    .from(approvals)
    .where(
      inArray(
        approvals.request,
        rows.map(({ id }) => id),
      ),
    )
    .orderBy(asc(approvals.id));
  return rows.map((row) => ({
    ...row,
    answers: given
      .filter(({ request, round }) => request === row.id && round === row.round)
      .map(({ by, approved, reason, at, via, address }) => ({ by, approved, reason, at, via, address })),
  }));
}
