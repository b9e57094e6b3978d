import { rounded, type Report, type Target } from '../report.ts';
import type { Offered } from './offer-load.ts';

export type DatabaseName = 'PGlite' | 'PostgreSQL';

/** Of one burst. */
export interface TemporalRates {
  startsPerSecond: number;
  endsPerSecond: number;
}

export interface Overload extends TemporalRates {
  database: DatabaseName;
  /** Of webhooks that Temporal has nothing to do with. */
  receivesPerSecond: number;
  atCapacity: Offered;
  overloaded: Offered;
  /** Events that left the backlog after the overload. */
  drainedPerSecond: number;
}

/**
 * For the worker's 1,000 cached runs, all of which are open in an overload, and a dispatcher's queue of 1,000 events. PGlite
 * itself takes most of the rest.
 */
const mostMemoryMb = { PGlite: 1_600, PostgreSQL: 1_200 } as const;

export function overloadReport(overloads: Overload[]): Report {
  const columns = overloads.flatMap(({ database, atCapacity, overloaded, endsPerSecond }) => [
    { heading: `${database}, as many as Temporal ends`, offered: atCapacity },
    { heading: `${database}, ${rounded(overloaded.perSecond / endsPerSecond)} times as many`, offered: overloaded },
  ]);
  const row = (what: string, of: (offered: Offered) => number) => [
    what,
    ...columns.map(({ offered }) => rounded(of(offered))),
  ];
  return {
    title: '(f) Overload',
    notes: [
      '`kait up` with payment-succeeded.json (no endpoint) on the benchmark’s Temporal, webhooks at a fixed pace over 64 connections.',
      'Times count from when a webhook was due, so that waiting for a connection and the sender’s own delay are part of them.',
      ...overloads.map(noteOf),
    ],
    headings: ['', ...columns.map(({ heading }) => heading)],
    rows: [
      row('webhooks a second', ({ perSecond }) => perSecond),
      row('webhooks', ({ webhooks }) => webhooks),
      row('accepted', ({ accepted }) => accepted),
      row('refused (503)', ({ refused }) => refused),
      row('failed, or without answer', ({ failed }) => failed),
      row('acknowledged: p50 ms', ({ p50Ms }) => p50Ms),
      row('p99 ms', ({ p99Ms }) => p99Ms),
      row('most ms', ({ mostMs }) => mostMs),
      row('sender late: p99 ms', ({ senderDelayP99Ms }) => senderDelayP99Ms),
      row('other jobs on the machine, cores', ({ otherJobsCores }) => otherJobsCores),
      row('Kait’s main thread waits for a core, % of the time', ({ waitsForCoreShare }) => waitsForCoreShare * 100),
      row('lost', ({ lost }) => lost),
      row('stored, but answered 503 or not at all', ({ storedUnanswered }) => storedUnanswered),
      row('stored, but answered otherwise', ({ storedThoughRefused }) => storedThoughRefused),
      row('runs started a second meanwhile', ({ runsPerSecond }) => runsPerSecond),
      row('waiting for Temporal at the end', ({ pendingAfter }) => pendingAfter),
      row('memory before, MB', ({ memoryMb }) => memoryMb.before),
      row('at most, MB', ({ memoryMb }) => memoryMb.peak),
      row('at the end, MB', ({ memoryMb }) => memoryMb.after),
    ],
    targets: overloads.flatMap(targetsOf),
  };
}

function noteOf(overload: Overload): string {
  const { database, startsPerSecond, endsPerSecond, receivesPerSecond, overloaded, drainedPerSecond } = overload;
  const clamped = overloaded.perSecond < endsPerSecond * 9.99;
  return [
    `${database}: of a burst Temporal starts ${rounded(startsPerSecond)} runs a second and ends ${rounded(endsPerSecond)};`,
    `the receiver alone takes ${rounded(receivesPerSecond)} webhooks a second${clamped ? ', which keeps the load below ten times' : ''};`,
    `after the overload ${rounded(drainedPerSecond)} a second leave the backlog.`,
  ].join(' ');
}

function targetsOf({ database, overloaded, endsPerSecond }: Overload): Target[] {
  const { lost, storedThoughRefused, p99Ms, memoryMb, runsPerSecond } = overloaded;
  const named = (target: Target): Target => ({ ...target, what: `${database}, ${target.what}` });
  return [
    { what: 'lost', measured: lost, unit: '' as const, atMost: 0 },
    { what: 'stored, but answered otherwise', measured: storedThoughRefused, unit: '' as const, atMost: 0 },
    { what: 'p99 of the acknowledgement', measured: p99Ms, unit: ' ms' as const, atMost: 50 },
    { what: 'most memory', measured: memoryMb.peak, unit: ' MB' as const, atMost: mostMemoryMb[database] },
    {
      what: 'runs started meanwhile, of those that Temporal ends',
      measured: runsPerSecond / endsPerSecond,
      unit: '' as const,
      atLeast: 0.25,
    },
  ].map(named);
}
