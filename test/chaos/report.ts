import { table } from '../../cli/terminal.ts';
import { countRepeats } from './check.ts';
import { countByKey } from './expect-one-each.ts';
import type { ArrivedEffect, Facts } from './facts.ts';
import type { Mode } from './options.ts';

/** The outcome of a run in one mode. */
export interface Outcome {
  mode: Mode;
  facts: Facts;
  violations: string[];
  seconds: number;
  /** Where logs and state lie; kept only where there are violations. */
  folder: string;
}

/** The outcomes as a table, and below it every violation. */
export function reportOf(outcomes: Outcome[], seed: number): string {
  const columns = outcomes.map(rowsOf);
  const rows = (columns[0] ?? []).map(([name], index) => [name, ...columns.map((column) => column[index]?.[1] ?? '')]);
  return [
    table(['', ...outcomes.map(({ mode }) => mode)], rows),
    '',
    ...outcomes.flatMap(violationsOf),
    `seed ${seed}`,
  ].join('\n');
}

function rowsOf({ facts, violations, seconds }: Outcome): [name: string, value: string][] {
  const kills = [...countByKey(facts.kills.map(({ victim }) => victim))];
  const rows: [string, number | string][] = [
    ['events sent', facts.sent.length],
    ['acknowledged', facts.sent.filter(({ acknowledged }) => acknowledged).length],
    ['kills', kills.map(([victim, count]) => `${victim} ${count}`).join(', ')],
    ['inbox rows', facts.inbox.length],
    ['completed runs', facts.executions.filter(({ status }) => status === 'COMPLETED').length],
    ['failed runs', facts.executions.filter(({ status }) => status === 'FAILED').length],
    ['canceled children', facts.executions.filter(({ status }) => status === 'CANCELLED').length],
    ['terminated runs', facts.executions.filter(({ status }) => status === 'TERMINATED').length],
    ['payments that runs waited for', countPayments(facts)],
    ['counts in turn', countOf(facts, 'count')],
    ['answers of people', facts.approvals.length],
    ['commands in the audit', facts.audit.length],
    ['continued as new', facts.executions.filter(({ status }) => status === 'CONTINUED_AS_NEW').length],
    ['poison events failed', facts.inbox.filter(({ state }) => state === 'failed').length],
    ['orders', facts.orders.length],
    ['cashback entries', facts.cashback.length],
    ['mails arrived', facts.arrivedMails.length],
    ['  of them repeats', countRepeats(facts.arrivedMails.map(({ messageId }) => messageId))],
    ['webhooks arrived', facts.arrivedWebhooks.length],
    ['  of them repeats', countRepeats(facts.arrivedWebhooks.map(({ webhookId }) => webhookId))],
    ['effects of http steps', countOf(facts, 'hold') + countOf(facts, 'note') + countOf(facts, 'count')],
    ['undos', countOf(facts, 'release')],
    ['  requests for both', facts.arrivedEffects.length],
    ['seconds', Math.round(seconds)],
    ['violations', violations.length],
  ];
  return rows.map(([name, value]) => [name, String(value)]);
}

function countPayments({ arrivedEffects }: Facts): number {
  const payments = arrivedEffects.filter((each) => each.kind === 'note' && each.what.startsWith('paid '));
  return new Set(payments.map(({ requestKey }) => requestKey)).size;
}

/** Counted by idempotency key. */
function countOf({ arrivedEffects }: Facts, kind: ArrivedEffect['kind']): number {
  return new Set(arrivedEffects.filter((each) => each.kind === kind).map(({ requestKey }) => requestKey)).size;
}

function violationsOf({ mode, violations, folder }: Outcome): string[] {
  if (violations.length === 0) return [];
  return [
    `${mode}: ${violations.length} violations; logs and state in ${folder}`,
    ...violations.map((each) => `  ${each}`),
  ];
}
