import { z } from 'zod';
import { printable } from '../../language/printable.ts';
import type { AdminClient } from '../admin-client.ts';
import { table } from '../terminal.ts';

const answer = z.object({
  by: z.string(),
  approved: z.boolean(),
  reason: z.string().nullable(),
  at: z.string(),
  via: z.string(),
  address: z.string().nullable(),
});
const approval = z.object({
  workflowId: z.string(),
  step: z.string(),
  question: z.string(),
  details: z.array(z.tuple([z.string(), z.string()])),
  rules: z.object({
    min: z.number(),
    roles: z.array(z.string()),
    people: z.array(z.string()),
    notBy: z.string().nullable(),
    needsReason: z.boolean(),
  }),
  requester: z.string().nullable(),
  state: z.string(),
  openedAt: z.string(),
  until: z.string(),
  closedAt: z.string().nullable(),
  answers: z.array(answer),
});
export type ListedApproval = z.output<typeof approval>;

/** `kait approvals`: lists what waits for an answer, or with `all` also what is settled. */
export async function showApprovals(admin: AdminClient, options: { limit: number; all?: boolean }): Promise<string> {
  const found = await listed(admin, { limit: String(options.limit), state: options.all === true ? 'all' : 'open' });
  if (found.length === 0) return options.all === true ? 'Nobody was asked anything.' : 'Nothing waits for an answer.';
  return table(
    ['state', 'until', 'approvals', 'run', 'step', 'question'],
    found.map(({ state, until, answers, rules, workflowId, step, question }) => {
      const approvals = `${answers.filter(({ approved }) => approved).length} of ${rules.min}`;
      return [state, until, approvals, workflowId, step, question];
    }),
  );
}

/** `kait approvals show`: what a run has asked people, and who answered. */
export async function showApproval(admin: AdminClient, run: string, step: string | undefined): Promise<string> {
  const found = await approvalsOf(admin, run, step);
  if (found.length === 0) return `${printable(run)} has asked nobody${step === undefined ? '' : ' in this step'}.`;
  return found.map(describe).join('\n\n');
}

/** What a run has asked, the newest first. */
export function approvalsOf(admin: AdminClient, run: string, step?: string): Promise<ListedApproval[]> {
  return listed(admin, { limit: '100', state: 'all', workflowId: run, ...(step !== undefined && { step }) });
}

const counted = z.object({
  step: z.string(),
  decided: z.boolean().nullable(),
  approvals: z.number(),
  needed: z.number(),
});

/** `kait approve` and `kait reject`: answers for a person. */
export async function answerApproval(
  admin: AdminClient,
  run: string,
  step: string | undefined,
  { by, reason, approved }: { by: string; reason?: string; approved: boolean },
): Promise<string> {
  const body = {
    workflowId: run,
    by,
    approved,
    via: 'cli',
    ...(step !== undefined && { step }),
    ...(reason !== undefined && { reason }),
  };
  const {
    decided,
    approvals,
    needed,
    step: answered,
  } = counted.parse(await admin.post('/api/v1/approvals/answer', body));
  const who = printable(by);
  if (decided === null) return `${who} has approved step "${answered}": ${approvals} of ${needed}. It goes on waiting.`;
  return decided
    ? `${who} has approved step "${answered}". The run goes on.`
    : `${who} has rejected step "${answered}".`;
}

async function listed(admin: AdminClient, query: Record<string, string>): Promise<ListedApproval[]> {
  const answer = await admin.get(`/api/v1/approvals?${new URLSearchParams(query).toString()}`);
  return z.object({ items: z.array(approval) }).parse(answer).items;
}

/** A question with its answers, on several lines. */
export function describe(shown: ListedApproval): string {
  const { question, workflowId, step, state, openedAt, until, closedAt, details, requester, answers } = shown;
  const facts: [string, string][] = [
    ['run', workflowId],
    ['step', step],
    ['state', closedAt === null ? state : `${state} ${closedAt}`],
    ['asked', openedAt],
    ['until', until],
    ['who', whoMay(shown)],
    ...(requester === null ? [] : [['requester', requester] as [string, string]]),
    ...details,
  ];
  return [
    printable(question),
    ...facts.map(([label, value]) => `  ${printable(label)}: ${printable(value)}`),
    ...(answers.length === 0 ? ['  No answer counts so far.'] : answers.map(describeAnswer)),
  ].join('\n');
}

function whoMay({ rules: { min, roles, people, notBy, needsReason } }: ListedApproval): string {
  const who = [...roles.map((role) => `role ${role}`), ...people];
  return [
    min === 1 ? 'one person' : `${min} people`,
    who.length === 0 ? 'anybody' : `of ${who.join(', ')}`,
    ...(notBy === null ? [] : [`not ${notBy}`]),
    ...(needsReason ? ['with a reason'] : []),
  ].join(', ');
}

function describeAnswer({ by, approved, reason, at, via, address }: z.output<typeof answer>): string {
  const where = address === null ? via : `${via} from ${address}`;
  const why = reason === null ? '' : `: ${printable(reason)}`;
  return `  ${at} ${printable(by)} ${approved ? 'approved' : 'rejected'} by ${where}${why}`;
}
