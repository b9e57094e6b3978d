import { z } from 'zod';
import { readAddress } from '../../../http/networks.ts';
import type { Refusal } from '../../../language/approval.ts';
import { approvalIdOf } from '../../../storage/approvals/approval-records.ts';
import { findApproval, listApprovals, type ShownApproval } from '../../../storage/approvals/approval-list.ts';
import type { Database } from '../../../storage/database.ts';
import { noSubject, subjectsOf } from '../../search/run-of-key.ts';
import type { ApiDeps } from '../api-deps.ts';
import { readPage } from '../cursors.ts';
import { addRoute, type Api } from '../define-route.ts';
import * as fields from '../fields.ts';
import { ApiProblem, notFound } from '../problem.ts';

const approval = z
  .object({
    id: z.string(),
    workflowId: z.string(),
    step: z.string(),
    definition: z.string(),
    orderId: z.string().nullable().describe('The order that the run is about.'),
    currency: z.string().nullable(),
    amount: z.int().nullable().describe('Minor units.'),
    question: z.string(),
    details: z.array(z.tuple([z.string(), z.string()])),
    rules: z.object({
      min: z.int(),
      roles: z.array(z.string()),
      people: z.array(z.string()),
      notBy: z.string().nullable(),
      needsReason: z.boolean(),
    }),
    requester: z.string().nullable(),
    round: z.int(),
    mail: z.unknown(),
    state: z.enum(['open', 'approved', 'rejected', 'timed-out', 'ended']),
    openedAt: fields.instant,
    until: fields.instant,
    closedAt: fields.instant.nullable(),
    answers: z.array(
      z.object({
        by: z.string(),
        approved: z.boolean(),
        reason: z.string().nullable(),
        at: fields.instant,
        via: z.string(),
        address: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Approval' });

const reason = z
  .string()
  .max(2_000)
  .regex(/^(?:[^\p{Cc}\p{Cs}]|[\t\n\r])*$/u)
  .describe('a text of at most 2,000 characters without control characters');

const answerBody = z.strictObject({
  workflowId: fields.workflowId,
  step: fields.optional(fields.stepKey),
  approved: z.boolean().describe('true or false'),
  by: z
    .string()
    .min(1)
    .max(200)
    .regex(/^(?=.*\S)[^\p{C}\p{Zl}\p{Zp}]+$/u)
    .describe('the id of a person, without control characters'),
  reason: fields.optional(reason),
  via: z.enum(['api', 'cli']).default('api').describe('api or cli'),
});

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

export function addApprovalRoutes(api: Api, deps: Pick<ApiDeps, 'database' | 'installation' | 'decide'>): void {
  addRoute(api, {
    method: 'get',
    path: '/approvals',
    scope: 'read',
    summary: 'What people were asked, and who answered',
    query: fields.pageQuery({
      state: z.enum(['open', 'all']).default('open').describe('open or all'),
      workflowId: fields.optional(fields.workflowId),
      step: fields.optional(fields.stepKey),
    }),
    answer: fields.pageOf(approval),
    problems: [409],
    async handle({ query }) {
      const workflowId = query.workflowId === undefined ? undefined : await api.resolveRun(query.workflowId);
      return readPage(deps.installation, { list: 'approvals', query }, async (page) => {
        const found = await listApprovals(deps.database, { ...query, workflowId, ...page });
        const subjects = await subjectsOf(
          deps.database,
          found.map((each) => each.workflowId),
        );
        return found.map((each) => ({ ...each, ...(subjects.get(each.workflowId) ?? noSubject) }));
      });
    },
  });
  addRoute(api, {
    method: 'post',
    path: '/approvals/answer',
    scope: 'operate',
    summary: 'Answer for a person',
    body: answerBody,
    answer: z.object({
      workflowId: z.string(),
      step: z.string(),
      decided: z.boolean().nullable().describe('Null: others have to answer as well.'),
      approvals: z.int(),
      needed: z.int(),
    }),
    problems: [403, 404, 409, 422, 503],
    async handle({ body, request }) {
      const { by, approved, reason: why = null, via } = body;
      const workflowId = await api.resolveRun(body.workflowId);
      const asked = await findAsked(deps.database, { ...body, workflowId });
      const address = readAddress(request.raw.socket.remoteAddress ?? '');
      const outcome = await deps.decide(asked, { by, approved, reason: why, via, address, link: null });
      if (outcome.kind === 'refused') {
        throw new ApiProblem(statuses[outcome.refusal], outcome.refusal, outcome.message);
      }
      if (outcome.kind === 'unavailable') throw unknownOutcome();
      const { decided, approvals, needed } = outcome;
      return { workflowId: asked.workflowId, step: asked.step, decided, approvals, needed };
    },
  });
}

function unknownOutcome(): ApiProblem {
  const detail =
    'Temporal did not say whether the answer counts. Look at the approval, and answer again if it is not there.';
  return new ApiProblem(503, 'unavailable', detail, { headers: { 'retry-after': '10' } });
}

/** Without a step: the one that waits, or else the only one there was. */
async function findAsked(
  database: Database,
  { workflowId, step }: Pick<z.output<typeof answerBody>, 'workflowId' | 'step'>,
): Promise<ShownApproval> {
  const found =
    step === undefined
      ? await findOnly(database, workflowId)
      : await findApproval(database, approvalIdOf({ workflowId, step }));
  if (found === undefined) throw notFound('This run has asked no such question.');
  return found;
}

async function findOnly(database: Database, workflowId: string): Promise<ShownApproval | undefined> {
  const open = await listApprovals(database, { state: 'open', limit: 2, workflowId });
  if (open.length > 1) {
    const detail = 'Several steps of this run wait for an answer. Name one as "step".';
    throw new ApiProblem(409, 'several-steps', detail);
  }
  return open[0] ?? (await listApprovals(database, { state: 'all', limit: 1, workflowId }))[0];
}
