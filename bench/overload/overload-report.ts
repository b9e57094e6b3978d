import { rounded, type Report, type Target } from '../report.ts';
import type { Offered } from './offer-load.ts';

export type DatabaseName = 'PGlite' | 'PostgreSQL';

export interface Overload {
  database: DatabaseName;
  startsPerSecond: number;
  takesPerSecond: number;
  atCapacity: Offered;
  overloaded: Offered;
  drainedPerSecond: number;
}

export function overloadReport(overloads: Overload[]): Report {
  const columns = overloads.flatMap(({ database, atCapacity, overloaded, startsPerSecond }) => [
    { heading: `${database}, as many as Temporal starts`, offered: atCapacity },
    { heading: `${database}, ${rounded(overloaded.perSecond / startsPerSecond)} times as many`, offered: overloaded },
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
      row('lost', ({ lost }) => lost),
      row('stored though refused', ({ storedThoughRefused }) => storedThoughRefused),
      row('runs started a second meanwhile', ({ runsPerSecond }) => runsPerSecond),
      row('waiting for Temporal at the end', ({ pendingAfter }) => pendingAfter),
      row('memory before, MB', ({ memoryMb }) => memoryMb.before),
      row('at most, MB', ({ memoryMb }) => memoryMb.peak),
      row('at the end, MB', ({ memoryMb }) => memoryMb.after),
    ],
    targets: overloads.flatMap(targetsOf),
  };
}

function noteOf({ database, startsPerSecond, takesPerSecond, drainedPerSecond }: Overload): string {
  return `${database}: Temporal starts ${rounded(startsPerSecond)} a second, the receiver takes ${rounded(takesPerSecond)}; afterwards ${rounded(drainedPerSecond)} a second leave the backlog.`;
}

function targetsOf({ database, atCapacity, overloaded, startsPerSecond }: Overload): Target[] {
  const { lost, storedThoughRefused, p99Ms, memoryMb, runsPerSecond } = overloaded;
  return [
    { what: `${database}, lost`, measured: lost, unit: '', atMost: 0 },
    { what: `${database}, stored though refused`, measured: storedThoughRefused, unit: '', atMost: 0 },
    { what: `${database}, p99 of the acknowledgement`, measured: p99Ms, unit: ' ms', atMost: 50 },
    {
      what: `${database}, most memory, of that at capacity`,
      measured: memoryMb.peak / atCapacity.memoryMb.peak,
      unit: '',
      atMost: 1.5,
    },
    {
      what: `${database}, runs started meanwhile, of what Temporal starts`,
      measured: runsPerSecond / startsPerSecond,
      unit: '',
      atLeast: 0.25,
    },
  ];
}
