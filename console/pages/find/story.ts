import type { components } from '../../../cli/api-types.ts';
import { balancesOf, type Balance } from './balances.ts';
import { allSteps, type FullRun, type RunStep } from '../runs/run-state.ts';

type Found = components['schemas']['Found'];
type FoundEvent = Found['events'][number];

/** What happened, by its kind, with what the API tells about it. */
export type Chapter =
  | { kind: 'event'; at: string; of: FoundEvent }
  | { kind: 'redelivery'; at: string; of: { event: FoundEvent; number: number } & FoundEvent['redeliveries'][number] }
  | { kind: 'rejection'; at: string; of: { number: number } & Found['rejections'][number] }
  | { kind: 'run'; at: string | null; of: Found['runs'][number] }
  | { kind: 'refund'; at: string; of: { run: string; step: RunStep } }
  | { kind: 'approval'; at: string; of: Found['approvals'][number] }
  | { kind: 'delivery'; at: string; of: Found['deliveries'][number] }
  | { kind: 'mail'; at: string; of: Found['mails'][number] };

/** Of what happened in the same millisecond, causes come before their effects. */
const order: readonly Chapter['kind'][] = [
  ...(['rejection', 'event', 'redelivery', 'run', 'refund', 'approval', 'mail', 'delivery'] as const),
];

/** All that was found in the order in which it happened. What has not started yet comes last. Of the runs in `details`, the refunds are told too. */
export function storyOf(found: Found, details: ReadonlyMap<string, FullRun> = new Map()): Chapter[] {
  const { events, rejections, runs, approvals, deliveries, mails } = found;
  const chapters: Chapter[] = [
    ...events.map((of): Chapter => ({ kind: 'event', at: of.receivedAt, of })),
    ...events.flatMap((event) =>
      event.redeliveries.map((again, number): Chapter => {
        return { kind: 'redelivery', at: again.at, of: { event, number, ...again } };
      }),
    ),
    ...rejections.map((each, number): Chapter => ({ kind: 'rejection', at: each.at, of: { number, ...each } })),
    ...runs.map((of): Chapter => ({ kind: 'run', at: of.startedAt, of })),
    ...[...details.values()].flatMap(refundsOf),
    ...approvals.map((of): Chapter => ({ kind: 'approval', at: of.openedAt, of })),
    ...deliveries.map((of): Chapter => ({ kind: 'delivery', at: of.createdAt, of })),
    ...mails.map((of): Chapter => ({ kind: 'mail', at: of.createdAt, of })),
  ];
  return chapters.sort((one, other) => {
    const difference = timeOf(one) - timeOf(other);
    return difference === 0 || Number.isNaN(difference)
      ? order.indexOf(one.kind) - order.indexOf(other.kind)
      : difference;
  });
}

function timeOf({ at }: Chapter): number {
  return at === null ? Infinity : Date.parse(at);
}

/** Verbs that ask something of another system. */
const asks: readonly string[] = ['call', 'http'];

/** Steps that ask another system for a refund, as far as their names tell. */
function refundsOf({ workflowId, details }: FullRun): Chapter[] {
  return allSteps(details?.steps ?? []).flatMap((step): Chapter[] => {
    const { verb, id, title, what, startedAt } = step;
    const names = [id, title, what ?? ''].join(' ');
    if (startedAt === null || !asks.includes(verb) || !/refund/i.test(names)) return [];
    return [{ kind: 'refund', at: startedAt, of: { run: workflowId, step } }];
  });
}

/** The steps of a run that have begun, in the order of its definition. */
export function begunSteps({ details }: FullRun): RunStep[] {
  return allSteps(details?.steps ?? []).filter(({ startedAt }) => startedAt !== null);
}

/** The days of a story, in the viewer's zone, each with what happened on it. `null`: what has no time yet. */
export function byDay(chapters: readonly Chapter[], dayOf: (at: string) => string): [day: string | null, Chapter[]][] {
  const days: [string | null, Chapter[]][] = [];
  for (const chapter of chapters) {
    const day = chapter.at === null ? null : dayOf(chapter.at);
    const last = days.at(-1);
    if (last?.[0] === day) last[1].push(chapter);
    else days.push([day, [chapter]]);
  }
  return days;
}

/** What all events of a story have in common. */
export interface Subject {
  orderId: string | null;
  currency: string | null;
  /** Of the newest event that has one. Minor units. */
  amount: number | null;
  /** What became of the money. Empty: nothing was paid, or not all events are there, so that a sum would mislead. */
  balances: Balance[];
}

export function subjectOf({ events, more }: Found): Subject | null {
  const [newest] = events;
  if (newest === undefined) return null;
  const orders = new Set(events.map(({ orderId }) => orderId).filter((orderId) => orderId !== null));
  const priced = events.find(({ amount }) => amount !== null);
  const [orderId = null] = orders;
  if (orders.size > 1) return null; // Several payments: a sum of one would mislead.
  const balances = more.includes('events') ? [] : balancesOf(events);
  return { orderId, currency: priced?.currency ?? null, amount: priced?.amount ?? null, balances };
}
