import type { FastifyReply } from 'fastify';
import type { Refusal } from '../../language/approval.ts';
import { approvalIdOf } from '../../storage/approvals/approval-records.ts';
import type { Database } from '../../storage/database.ts';
import { findApproval, listApprovals, type ShownApproval } from '../../storage/approvals/approval-list.ts';
import type { DecisionOutcome, GivenDecision } from './decide.ts';

/** Hands an answer to its run: see `decide.ts`. */
export type Decide = (asked: ShownApproval, given: GivenDecision) => Promise<DecisionOutcome>;

/** An answer as the admin API gets it. */
export interface DecideRequest {
  workflowId: string;
  /** Default: the one step of the run that waits for an answer. */
  step?: string | undefined;
  by: string;
  approved: boolean;
  reason?: string | undefined;
  via: 'api' | 'cli';
}

/** 403 for a person who may not, 409 for what is settled already, 422 for what must be added. */
const statuses: Readonly<Record<Refusal, number>> = {
  'not-waiting': 409,
  'already-decided': 409,
  'link-used': 409,
  'is-requester': 403,
  'not-permitted': 403,
  forged: 403,
  'reason-missing': 422,
};

/** Answers `POST /v1/approvals/decide`. */
export async function answerDecision(
  deps: { database: Database; decide: Decide },
  request: DecideRequest,
  address: string | null,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { by, approved, reason = null, via } = request;
  const asked = await findAsked(deps.database, request);
  if (asked === 'several') {
    return problem(reply, 409, 'several-steps', 'Several steps of this run wait for an answer. Name one as "step".');
  }
  if (asked === undefined) return problem(reply, 404, 'not-found', 'This run has asked nobody in such a step.');
  const outcome = await deps.decide(asked, { by, approved, reason, via, address, link: null });
  if (outcome.kind === 'refused') return problem(reply, statuses[outcome.refusal], outcome.refusal, outcome.message);
  if (outcome.kind === 'counts') {
    const { decided, approvals, needed } = outcome;
    return reply.send({ workflowId: asked.workflowId, step: asked.step, decided, approvals, needed });
  }
  reply.header('retry-after', '10');
  const message =
    'Temporal did not say whether the answer counts. Look at the approval, and answer again if it is not there.';
  return problem(reply, 503, 'unavailable', message);
}

/** Without a step: the one that waits, or else the only one there was. */
async function findAsked(database: Database, { workflowId, step }: DecideRequest) {
  if (step !== undefined) return findApproval(database, approvalIdOf({ workflowId, step }));
  const open = await listApprovals(database, { state: 'open', limit: 2, workflowId });
  if (open.length > 1) return 'several';
  return open[0] ?? (await listApprovals(database, { state: 'all', limit: 1, workflowId }))[0];
}

function problem(reply: FastifyReply, status: number, code: string, message: string): FastifyReply {
  return reply.code(status).send({ error: { code, message } });
}
