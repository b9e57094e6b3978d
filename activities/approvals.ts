import { z } from 'zod';
import { personKey, refusalByRole, type Refusal } from '../language/approval.ts';
import { closeApproval, keepAnswer, openApproval } from '../storage/approvals/approval-records.ts';
import { decisionSealFits, type SealedDecision } from '../storage/approvals/decision-seal.ts';
import { type ApprovalMailDeps, mailApproval } from './approval-mails.ts';
import { askDatabase } from './ask-database.ts';
import { ownWorkflow } from './own-workflow.ts';
import { parseContext, parseShape } from './parse-input.ts';

export interface ApprovalActivityDeps extends ApprovalMailDeps {
  /** The workflow that asks for the activity, as Temporal says; null if none does. */
  workflowId: () => string | null;
}

const step = z.string().min(1).max(256);
const texts = z.array(z.string());
const rules = z.strictObject({
  min: z.int().min(1),
  roles: texts,
  people: texts,
  notBy: z.string().nullable(),
  needsReason: z.boolean(),
});
const openInput = z.strictObject({
  step,
  question: z.string(),
  details: z.array(z.tuple([z.string(), z.string()])),
  rules,
  requester: z.string().nullable(),
  mail: z
    .strictObject({ to: texts.nullable(), subject: z.string().nullable(), text: z.string().nullable() })
    .nullable(),
  untilMs: z.int(),
});
const origin = z.strictObject({
  via: z.enum(['api', 'cli', 'mail']),
  address: z.string().nullable(),
  link: z.string().nullable(),
  seal: z.string(),
});
const decideInput = z.strictObject({
  step,
  id: z.string(),
  by: z.string().min(1).max(200),
  approved: z.boolean(),
  reason: z.string().max(2_000).nullable(),
  origin: origin.nullable(),
  rules,
});
const closeInput = z.strictObject({ step, outcome: z.enum(['approved', 'rejected', 'timed-out', 'ended']) });
const mailInput = z.strictObject({ step, round: z.int().min(0) });
const own = z.looseObject({ definition: z.string() });

/**
 * The activities behind `approve`. `approvals.open` records what a step asks, `approvals.decide` an answer if its person may give it, and
 * `approvals.close` how the asking ended. `approvals.mail` asks by mail. A run can do that for its own steps only.
 */
export function createApprovalActivities(deps: ApprovalActivityDeps) {
  const { database, installation, people, workflowId } = deps;
  return {
    'approvals.open': async (input: unknown, context: unknown): Promise<null> => {
      const asked = parseShape('approvals.open', openInput, input);
      const { definition } = parseShape('approvals.open', own, context);
      await askDatabase(() => openApproval(database, { ...asked, definition, workflowId: ownWorkflow(workflowId()) }));
      return null;
    },
    'approvals.decide': async (input: unknown): Promise<{ refusal: Refusal | null }> => {
      const answer = parseShape('approvals.decide', decideInput, input);
      const key = { workflowId: ownWorkflow(workflowId()), step: answer.step };
      const { id: decision, by, approved, reason, origin } = answer;
      const { via, address, link } = origin ?? { via: 'temporal' as const, address: null, link: null };
      const sealed: SealedDecision = { ...key, id: decision, by, approved, reason, via, address, link };
      if (origin !== null && !decisionSealFits(installation, sealed, origin.seal)) return { refusal: 'forged' };
      const refusal = refusalByRole(answer.rules, by, (await people()).get(personKey(by)));
      if (refusal !== null) return { refusal };
      const kept = { decision, by, approved, reason, via, address, link };
      return { refusal: await askDatabase(() => keepAnswer(database, key, kept)) };
    },
    'approvals.close': async (input: unknown): Promise<null> => {
      const { step, outcome } = parseShape('approvals.close', closeInput, input);
      await askDatabase(() => closeApproval(database, { workflowId: ownWorkflow(workflowId()), step }, outcome));
      return null;
    },
    'approvals.mail': async (input: unknown, context: unknown): Promise<null> => {
      const asked = { ...parseShape('approvals.mail', mailInput, input), workflowId: ownWorkflow(workflowId()) };
      return mailApproval(deps, asked, parseContext('approvals.mail', context));
    },
  };
}
