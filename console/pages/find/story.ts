import type { components } from '../../../cli/api-types.ts';

type Found = components['schemas']['Found'];

/** What happened, by its kind, with what the API tells about it. */
export type Chapter =
  | { kind: 'event'; at: string; of: Found['events'][number] }
  | { kind: 'run'; at: string | null; of: Found['runs'][number] }
  | { kind: 'approval'; at: string; of: Found['approvals'][number] }
  | { kind: 'delivery'; at: string; of: Found['deliveries'][number] }
  | { kind: 'mail'; at: string; of: Found['mails'][number] };

/** Of what happened in the same millisecond, causes come before their effects. */
const order: readonly Chapter['kind'][] = ['event', 'run', 'approval', 'mail', 'delivery'];

/** All that was found in the order in which it happened. What has not started yet comes last. */
export function storyOf({ events, runs, approvals, deliveries, mails }: Found): Chapter[] {
  const chapters: Chapter[] = [
    ...events.map((of): Chapter => ({ kind: 'event', at: of.receivedAt, of })),
    ...runs.map((of): Chapter => ({ kind: 'run', at: of.startedAt, of })),
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
}

export function subjectOf({ events }: Found): Subject | null {
  const [newest] = events;
  if (newest === undefined) return null;
  const orders = new Set(events.map(({ orderId }) => orderId).filter((orderId) => orderId !== null));
  const priced = events.find(({ amount }) => amount !== null);
  const [orderId = null] = orders;
  if (orders.size > 1) return null; // Several payments: a sum of one would mislead.
  return { orderId, currency: priced?.currency ?? null, amount: priced?.amount ?? null };
}
