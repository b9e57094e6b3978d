import {
  type ApprovalMail,
  type ApprovalRules,
  type ApprovalState,
  type ApprovalWay,
  personKey,
  type Refusal,
} from '../../language/approval.ts';
import { derivedId } from '../../language/derived-id.ts';
import type { Database } from '../database.ts';

/** What an `approve` step asks. */
export interface NewApproval {
  workflowId: string;
  /** The step's key. */
  step: string;
  definition: string;
  question: string;
  /** Label and text. */
  details: [label: string, text: string][];
  rules: ApprovalRules;
  requester: string | null;
  mail: ApprovalMail | null;
  /** Unix ms. */
  untilMs: number;
}

type ApprovalKey = Pick<NewApproval, 'workflowId' | 'step'>;

/** The same for each attempt, and for the mails of the step. */
export function approvalIdOf({ workflowId, step }: ApprovalKey): string {
  return derivedId('apr', `${workflowId}\n${step}`);
}

/** A step that is retried after it was decided asks again, so answers count by round. */
const openSql = `
  insert into approval_requests (id, workflow_id, step, definition, question, details, rules, requester, mail, until)
  values ($1, $2, $3, $4, $5, $6::json, $7::json, $8, $9::json, $10::timestamptz)
  on conflict (id) do update set state = 'open', round = approval_requests.round + 1, question = excluded.question,
    details = excluded.details, rules = excluded.rules, requester = excluded.requester, mail = excluded.mail, until = excluded.until,
    opened_at = now(), closed_at = null
  where approval_requests.state <> 'open'`;

/** Records what a step asks. Safe to repeat. */
export async function openApproval(database: Database, asked: NewApproval): Promise<void> {
  const { workflowId, step, definition, question, details, rules, requester, mail, untilMs } = asked;
  await database.run('approval-open', openSql, [
    ...[approvalIdOf(asked), workflowId, step, definition, question, JSON.stringify(details), JSON.stringify(rules)],
    ...[requester, mail === null ? null : JSON.stringify(mail), new Date(untilMs).toISOString()],
  ]);
}

const closeSql = `update approval_requests set state = $2, closed_at = now() where id = $1 and state = 'open'`;

/** Records how a step's asking ended. */
export async function closeApproval(database: Database, key: ApprovalKey, state: ApprovalState): Promise<void> {
  await database.run('approval-close', closeSql, [approvalIdOf(key), state]);
}

/** An answer to keep. */
export interface KeptAnswer {
  /** The id of the update that brought it, which tells a repeat from another answer. */
  decision: string;
  by: string;
  approved: boolean;
  reason: string | null;
  via: ApprovalWay;
  /** The address of who used a link. */
  address: string | null;
  /** SHA-256 (hex) of the link's token. */
  link: string | null;
}

const decideSql = `
  insert into approvals (request, round, person, person_key, approved, reason, via, address, link, decision)
  select id, round, $2, $3, $4::text::boolean, $5, $6, $7, $8, $9 from approval_requests where id = $1 and state = 'open'
  on conflict do nothing
  returning id`;

const earlierSql = `
  select approvals.decision from approvals
  join approval_requests on approval_requests.id = approvals.request and approval_requests.round = approvals.round
  where approvals.request = $1 and approvals.person_key = $2`;

const isOpenSql = `select id from approval_requests where id = $1 and state = 'open'`;

/** Keeps an answer: one for each person, and one for each link. Null: kept, now or by an earlier attempt of the same. */
export async function keepAnswer(database: Database, key: ApprovalKey, answer: KeptAnswer): Promise<Refusal | null> {
  const { decision, by, approved, reason, via, address, link } = answer;
  const id = approvalIdOf(key);
  const values = [id, by, personKey(by), String(approved), reason, via, address, link, decision];
  if ((await database.run('approval-decide', decideSql, values)).length > 0) return null;
  const [earlier] = await database.run<{ decision: string }>('approval-earlier', earlierSql, [id, personKey(by)]);
  if (earlier !== undefined) return earlier.decision === decision ? null : 'already-decided';
  return (await database.run('approval-is-open', isOpenSql, [id])).length > 0 ? 'link-used' : 'not-waiting';
}
