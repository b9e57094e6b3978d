import { printable } from '../../language/printable.ts';
import { shownMoney } from '../../language/shown-money.ts';
import { answerOf, type ApiClient } from '../api-client.ts';
import type { components, operations } from '../api-types.ts';
import { table } from '../terminal.ts';

export type ListedApproval = components['schemas']['Approval'];

/** `kait approvals`: lists what waits for an answer, or with `all` also what is settled. */
export async function showApprovals(api: ApiClient, options: { limit: number; all?: boolean }): Promise<string> {
  const found = await listed(api, { limit: options.limit, state: options.all === true ? 'all' : 'open' });
  if (found.length === 0) return options.all === true ? 'No approvals yet.' : 'Nothing waits for an answer.';
  return table(
    ['state', 'until', 'approvals', 'order', 'amount', 'run', 'step', 'question'],
    found.map(({ state, until, answers, rules, workflowId, step, question, ...subject }) => {
      const approvals = `${answers.filter(({ approved }) => approved).length} of ${rules.min}`;
      return [state, until, approvals, subject.orderId ?? '', shownMoney(subject), workflowId, step, question];
    }),
  );
}

/** `kait approvals show`: what a run has asked people, and who answered. */
export async function showApproval(api: ApiClient, run: string, step: string | undefined): Promise<string> {
  const found = await approvalsOf(api, run, step);
  if (found.length === 0) return `${printable(run)} has asked no question${step === undefined ? '' : ' in this step'}.`;
  return found.map(describe).join('\n\n');
}

/** What a run has asked, the newest first. */
export function approvalsOf(api: ApiClient, run: string, step?: string): Promise<ListedApproval[]> {
  return listed(api, { limit: 100, state: 'all', workflowId: run, ...(step !== undefined && { step }) });
}

/** `kait approve` and `kait reject`: answers for a person. */
export async function answerApproval(
  api: ApiClient,
  run: string,
  step: string | undefined,
  { by, reason, approved }: { by: string; reason?: string; approved: boolean },
): Promise<string> {
  const body = {
    workflowId: run,
    by,
    approved,
    via: 'cli' as const,
    ...(step !== undefined && { step }),
    ...(reason !== undefined && { reason }),
  };
  const asked = api.POST('/approvals/answer', { body });
  const { decided, approvals, needed, step: answered } = await answerOf(asked);
  const who = printable(by);
  if (decided === null) return `${who} has approved step "${answered}": ${approvals} of ${needed}. It goes on waiting.`;
  return decided
    ? `${who} has approved step "${answered}". The run goes on.`
    : `${who} has rejected step "${answered}".`;
}

type Query = NonNullable<operations['get_approvals']['parameters']['query']>;

async function listed(api: ApiClient, query: Query): Promise<ListedApproval[]> {
  const { items } = await answerOf(api.GET('/approvals', { params: { query } }));
  return items as ListedApproval[]; // The client's types forget how long a tuple is.
}

/** A question with its answers, on several lines. */
export function describe(shown: ListedApproval): string {
  const { question, workflowId, step, state, openedAt, until, closedAt, details, requester, answers } = shown;
  const facts: [string, string][] = [
    ...orderOf(shown),
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

function orderOf(shown: ListedApproval): [string, string][] {
  return shown.orderId === null ? [] : [['order', `${shown.orderId}  ${shownMoney(shown)}`.trimEnd()]];
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

function describeAnswer({ by, approved, reason, at, via, address }: ListedApproval['answers'][number]): string {
  const where = address === null ? via : `${via} from ${address}`;
  const why = reason === null ? '' : `: ${printable(reason)}`;
  return `  ${at} ${printable(by)} ${approved ? 'approved' : 'rejected'} by ${where}${why}`;
}
