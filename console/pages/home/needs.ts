import type { components } from '../../../cli/api-types.ts';
import { endpointLink, listLink, sourceLink } from '../../app/links.ts';

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
    | 'disabledEndpoint'
    | 'failingEndpoint'
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
  /** What can be done about it right here. Null: it needs a look first. */
  remedy: Remedy | null;
}

export type Remedy =
  | { kind: 'retry-parked' | 'retry-failed' | 'offer-again' }
  | { kind: 'send-again'; state: 'exhausted' | 'refused'; since: string | null }
  | { kind: 'resume-endpoint'; id: string };

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
    pile('parkedRuns', 'bad', runs.parked, listLink('/runs', { state: 'parked' }), { kind: 'retry-parked' }),
    pile('failedRuns', 'bad', runs.failed, listLink('/runs', { state: 'failed' }), { kind: 'retry-failed' }),
    pile('pausedRuns', 'warn', runs.paused, listLink('/runs', { state: 'paused' })),
    pile('approvals', 'warn', stuck.approvals, '/approvals'),
    pile('failedEvents', 'bad', stuck.events.failed, listLink('/events', { state: 'failed' }), { kind: 'offer-again' }),
    pile('unreadableEvents', 'bad', stuck.events.unreadable, listLink('/events', { state: 'unreadable' })),
    pile('waitingEvents', 'bad', stuck.events.waiting, listLink('/events', { state: 'waiting' })),
    isLate(stuck.events.pending.oldest, nowMs)
      ? pile('latePending', 'bad', stuck.events.pending, listLink('/events', { state: 'pending' }))
      : null,
    undelivered('refusedDeliveries', 'refused', stuck.deliveries.refused),
    undelivered('exhaustedDeliveries', 'exhausted', stuck.deliveries.exhausted),
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
    ...stuck.endpoints.map((endpoint) => troubled(endpoint)),
    ...stuck.rejected.map(({ source, reason, count, last }): Given => {
      const shown = { subject: source, detail: reason, count, since: last, href: rejectionsLink(source, reason) };
      return { what: 'rejected', tone: 'warn', ...shown };
    }),
    ...stuck.silent.map(({ source, last }): Given => {
      return { what: 'silent', tone: 'warn', subject: source, since: last, href: sourceLink(source) };
    }),
  ];
  const needs = found
    .filter((need) => need !== null)
    .map((need): Need => ({ count: 1, since: null, subject: null, detail: null, href: null, remedy: null, ...need }));
  return needs.sort((one, other) => rank(one) - rank(other) || sinceMs(one) - sinceMs(other));
}

function pile(
  what: Need['what'],
  tone: Need['tone'],
  of: { count: number; oldest: string | null } | null,
  href: string,
  remedy: Remedy | null = null,
): Given | null {
  return of === null || of.count === 0 ? null : { what, tone, count: of.count, since: of.oldest, href, remedy };
}

function undelivered(
  what: 'refusedDeliveries' | 'exhaustedDeliveries',
  state: 'refused' | 'exhausted',
  of: { count: number; oldest: string | null },
): Given | null {
  const remedy = { kind: 'send-again', state, since: of.oldest } as const;
  return pile(what, 'bad', of, listLink('/deliveries', { state }), remedy);
}

/** One that fails needs its receiver to be corrected. Tenants look after their own. */
function troubled({ id, url, tenant, condition, reason, since }: Status['stuck']['endpoints'][number]): Given {
  const shown = { subject: url, detail: reason, since, href: endpointLink(id) };
  const tone = tenant === null ? 'bad' : 'warn';
  if (condition !== 'disabled') return { what: 'failingEndpoint', tone, ...shown };
  return { what: 'disabledEndpoint', tone, ...shown, remedy: { kind: 'resume-endpoint', id } };
}

/** Requests to no source at all are counted under this name. */
function rejectionsLink(source: string, reason: string): string {
  if (source === 'unknown') return listLink('/rejections', { source, reason });
  return listLink(sourceLink(source), { reason });
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
