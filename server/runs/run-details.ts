import { desc, eq } from 'drizzle-orm';
import type { Database } from '../../storage/database.ts';
import { deliveriesThat } from '../../storage/outbound/delivery-filter.ts';
import { approvalRequests, audit, deliveries, messages, rescues } from '../../storage/schema.ts';
import { listRetries } from '../rescue/list-retries.ts';
import { findRun, type RunRow } from '../search/list-runs.ts';
import { runOfKey } from '../search/run-of-key.ts';
import type { RunReading } from './read-run.ts';

/** Of each kind, the newest. */
const mostRows = 50;

/**
 * Everything that an operator looks at: what the run, Temporal and Kait's tables know. Lacks what the first two do not tell, and says so in `missing`.
 * Resolves to undefined if Kait has started no such run.
 */
export async function findFullRun(
  database: Database,
  workflowId: string,
  readRun: (workflowId: string) => Promise<RunReading>,
) {
  const row = await findRow(database, workflowId);
  if (row === undefined) return undefined;
  const isChild = row.workflowId !== workflowId;
  const reading = await readRun(workflowId);
  if (isChild && reading.temporal === 'gone') return undefined;
  const [given, retries, said, asked] = await Promise.all([
    deliveriesOf(database, workflowId),
    listRetries(database, workflowId),
    auditOf(database, workflowId),
    approvalsOf(database, workflowId),
  ]);
  const { details, status, definition, startedAt, ...told } = reading;
  return {
    ...row,
    workflowId,
    definition: isChild ? (definition ?? row.definition) : row.definition,
    definitionHash: details?.definitionHash ?? row.definitionHash,
    startedAt: startedAt ?? row.startedAt?.toISOString() ?? new Date(0).toISOString(),
    status: status ?? 'Unknown',
    ...told,
    parent: isChild ? row.workflowId : null,
    details,
    deliveries: given,
    retries,
    audit: said,
    approvals: asked,
  };
}

/** That of the run itself, or of the run above a child run. */
async function findRow(database: Database, workflowId: string): Promise<RunRow | undefined> {
  return (await findRun(database, workflowId)) ?? findRun(database, runOfKey(workflowId));
}

/** Whether Kait has started it, or the run above it. */
export async function isKnownRun(database: Database, workflowId: string): Promise<boolean> {
  return (await findRow(database, workflowId)) !== undefined;
}

/** A retry emits under the keys of the first run, so both show the deliveries of all. */
async function deliveriesOf({ orm }: Database, workflowId: string) {
  const [own] = await orm.select({ root: rescues.root }).from(rescues).where(eq(rescues.workflowId, workflowId));
  const rows = await orm
    .select({
      id: deliveries.id,
      messageId: messages.id,
      type: messages.type,
      url: deliveries.url,
      state: deliveries.state,
      attempts: deliveries.attempts,
      lastStatus: deliveries.lastStatus,
      lastError: deliveries.lastError,
      createdAt: deliveries.createdAt,
      key: messages.idempotencyKey,
    })
    .from(deliveries)
    .innerJoin(messages, eq(messages.id, deliveries.message))
    .where(deliveriesThat({ run: workflowId, tenant: null }))
    .orderBy(desc(deliveries.createdAt), desc(deliveries.id))
    .limit(mostRows);
  const keyLength = (own?.root ?? workflowId).length + 1;
  return rows.map(({ key, ...row }) => ({ ...row, step: key.slice(keyLength) }));
}

function auditOf({ orm }: Database, workflowId: string) {
  const { at, actor, action, step, reason, via } = audit;
  return orm
    .select({ at, actor, action, step, reason, via })
    .from(audit)
    .where(eq(audit.target, workflowId))
    .orderBy(desc(audit.id))
    .limit(mostRows);
}

function approvalsOf({ orm }: Database, workflowId: string) {
  const { step, question, state, openedAt, until } = approvalRequests;
  return orm
    .select({ step, question, state, openedAt, until })
    .from(approvalRequests)
    .where(eq(approvalRequests.workflowId, workflowId))
    .orderBy(desc(approvalRequests.openedAt))
    .limit(mostRows);
}
