import type { components } from '../../../cli/api-types.ts';
import { listLink, sourceLink } from '../../app/links.ts';

export type Status = components['schemas']['Status'];

/** Something that waits for a person, and where they can do something about it. */
export interface Need {
  /** The key of its words. */
  what:
    | 'parkedRuns'
    | 'failedRuns'
    | 'pausedRuns'
    | 'approvals'
    | 'failedEvents'
    | 'unreadableEvents'
    | 'waitingEvents'
    | 'latePending'
    | 'parkedDeliveries'
    | 'refusedDeliveries'
    | 'exhaustedDeliveries'
    | 'silent'
    | 'rejected'
    | 'unserved'
    | 'fault'
    | 'temporal'
    | 'published';
  /** `bad`: money or webhooks may be held up. `warn`: somebody was asked, or it may be meant so. */
  tone: 'bad' | 'warn';
  count: number;
  /** Since when the oldest is there. Null: it has no such time. */
  since: string | null;
  /** What it is about: a source, a queue, a file. */
  subject: string | null;
  /** More about it, as the API says it. */
  detail: string | null;
  /** The page with the remedy. Null: there is none in the console. */
  href: string | null;
}

type Given = Pick<Need, 'what' | 'tone'> & Partial<Need>;

/** An event should start its runs at once. */
const latePendingMs = 60_000;

/** All that waits for a person: what is broken first, and of that what is there for longest. Runs are left out if Temporal does not answer. */
export function needsOf(status: Status, nowMs: number): Need[] {
  const { stuck, runs } = status;
  const found: (Given | null)[] = [
    status.temporal.problem === null
      ? null
      : { what: 'temporal', tone: 'bad', detail: status.temporal.problem, href: '/system' },
    status.definitionsFrom.problem === null
      ? null
      : { what: 'published', tone: 'bad', detail: status.definitionsFrom.problem, href: '/definitions' },
    pile('parkedRuns', 'bad', runs.parked, listLink('/runs', { state: 'parked' })),
    pile('failedRuns', 'bad', runs.failed, listLink('/runs', { state: 'failed' })),
    pile('pausedRuns', 'warn', runs.paused, listLink('/runs', { state: 'paused' })),
    pile('approvals', 'warn', stuck.approvals, '/approvals'),
    pile('failedEvents', 'bad', stuck.events.failed, listLink('/events', { state: 'failed' })),
    pile('unreadableEvents', 'bad', stuck.events.unreadable, listLink('/events', { state: 'unreadable' })),
    pile('waitingEvents', 'bad', stuck.events.waiting, listLink('/events', { state: 'waiting' })),
    isLate(stuck.events.pending.oldest, nowMs)
      ? pile('latePending', 'bad', stuck.events.pending, listLink('/events', { state: 'pending' }))
      : null,
    pile('refusedDeliveries', 'bad', stuck.deliveries.refused, listLink('/deliveries', { state: 'refused' })),
    pile('exhaustedDeliveries', 'bad', stuck.deliveries.exhausted, listLink('/deliveries', { state: 'exhausted' })),
    pile('parkedDeliveries', 'warn', stuck.deliveries.parked, listLink('/deliveries', { state: 'parked' })),
    ...status.taskQueues
      .filter(({ state }) => state === 'unserved')
      .map(({ name, serves, lastAskedAt }): Given => {
        const shown = { subject: name, detail: serves, since: lastAskedAt, href: '/system' };
        return { what: 'unserved', tone: 'bad', ...shown };
      }),
    ...status.faults.map(({ what, problem }): Given => {
      return { what: 'fault', tone: 'bad', subject: what, detail: problem, href: '/definitions' };
    }),
    ...stuck.rejected.map(({ source, reason, count, last }): Given => {
      const shown = { subject: source, detail: reason, count, since: last, href: sourceLink(source) };
      return { what: 'rejected', tone: 'warn', ...shown };
    }),
    ...stuck.silent.map(({ source, last }): Given => {
      return { what: 'silent', tone: 'warn', subject: source, since: last, href: sourceLink(source) };
    }),
  ];
  const needs = found
    .filter((need) => need !== null)
    .map((need): Need => ({ count: 1, since: null, subject: null, detail: null, href: null, ...need }));
  return needs.sort((one, other) => rank(one) - rank(other) || sinceMs(one) - sinceMs(other));
}

function pile(
  what: Need['what'],
  tone: Need['tone'],
  of: { count: number; oldest: string | null } | null,
  href: string,
): Given | null {
  return of === null || of.count === 0 ? null : { what, tone, count: of.count, since: of.oldest, href };
}

function isLate(oldest: string | null, nowMs: number): boolean {
  return oldest !== null && nowMs - Date.parse(oldest) > latePendingMs;
}

function rank({ tone }: Need): number {
  return tone === 'bad' ? 0 : 1;
}

function sinceMs({ since }: Need): number {
  return since === null ? 0 : Date.parse(since);
}
