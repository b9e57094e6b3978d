import { rounded, type Report, type Target } from '../report.ts';
import type { Offered } from './offer-load.ts';

export type DatabaseName = 'PGlite' | 'PostgreSQL';

export interface TemporalRates {
  startsPerSecond: number;
  endsPerSecond: number;
}

export interface Overload extends TemporalRates {
  database: DatabaseName;
  /** Accepted webhooks a second while Temporal has nothing to do. */
  receivesPerSecond: number;
  atCapacity: Offered;
  overloaded: Offered;
  /** Rate at which events left the backlog after the overload. */
  drainedPerSecond: number;
}

/** Of Kait's own process, with either database. In an overload the worker caches as many runs as it may, and 1,000 events wait in the dispatcher. */
const mostMemoryMb = 700;
/** The 99th percentile. Gateways wait seconds; what is slower than this shows that something holds acknowledgements up. */
const mostAcknowledgementMs = 100;

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
    title: 'overload: ten times what Temporal can keep up with',
    notes: [
      '`kait up` with payment-succeeded.json (no endpoint) on the benchmark’s Temporal, webhooks at a fixed pace over 64 connections.',
      'Times count from the moment a webhook was due, so they include waiting for a connection and the sender’s own delay.',
      ...overloads.map(noteOf),
    ],
    headings: ['', ...columns.map(({ heading }) => heading)],
    rows: [
      row('webhooks a second', ({ perSecond }) => perSecond),
      row('webhooks', ({ webhooks }) => webhooks),
      row('accepted', ({ accepted }) => accepted),
      row('rejected (503)', ({ rejected }) => rejected),
      row('failed or unanswered', ({ failed }) => failed),
      row('acknowledged: p50 ms', ({ p50Ms }) => p50Ms),
      row('p99 ms', ({ p99Ms }) => p99Ms),
      row('most ms', ({ mostMs }) => mostMs),
      row('sender’s own delay: p99 ms', ({ senderDelayP99Ms }) => senderDelayP99Ms),
      row('other jobs on the machine, cores', ({ otherJobsCores }) => otherJobsCores),
      row('Kait’s main thread waits for a core, % of the time', ({ waitsForCoreShare }) => waitsForCoreShare * 100),
      row('lost', ({ lost }) => lost),
      row('stored, but answered 503 or unanswered', ({ storedUnanswered }) => storedUnanswered),
      row('stored, but answered otherwise', ({ storedThoughRejected }) => storedThoughRejected),
      row('runs started a second', ({ runsPerSecond }) => runsPerSecond),
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
    `${database}: in a burst, Temporal starts ${rounded(startsPerSecond)} runs a second and ends ${rounded(endsPerSecond)};`,
    `the receiver alone accepts ${rounded(receivesPerSecond)} webhooks a second${clamped ? ', which keeps the load below ten times' : ''};`,
    `after the overload, ${rounded(drainedPerSecond)} events a second leave the backlog.`,
  ].join(' ');
}

function targetsOf({ database, overloaded, endsPerSecond }: Overload): Target[] {
  const { lost, storedThoughRejected, p99Ms, memoryMb, runsPerSecond } = overloaded;
  const named = (target: Target): Target => ({ ...target, what: `${database}, ${target.what}` });
  return [
    { what: 'lost', measured: lost, unit: '' as const, atMost: 0 },
    { what: 'stored, but answered otherwise', measured: storedThoughRejected, unit: '' as const, atMost: 0 },
    { what: 'p99 of the acknowledgements', measured: p99Ms, unit: ' ms' as const, atMost: mostAcknowledgementMs },
    { what: 'peak memory', measured: memoryMb.peak, unit: ' MB' as const, atMost: mostMemoryMb },
    {
      what: 'runs started, relative to those that Temporal ends',
      measured: runsPerSecond / endsPerSecond,
      unit: '' as const,
      atLeast: 0.25,
    },
  ].map(named);
}
