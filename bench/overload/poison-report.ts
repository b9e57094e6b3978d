import { rounded, type Report, type Target } from '../report.ts';
import type { Delays, States } from './kait-under-load.ts';
import type { Offered } from './offer-load.ts';
import type { DatabaseName } from './overload-report.ts';

/** A load, and what became of it. */
export interface PoisonRound {
  seconds: number;
  offered: Offered;
  /** Of the events that are not poison, from their receipt to the record of their run. */
  delays: Delays;
  /** Of all events. */
  states: States;
}

export interface Poisoned {
  database: DatabaseName;
  perSecond: number;
  /** Without poison, and with it. */
  rounds: [PoisonRound, PoisonRound];
}

/** What poison may delay others by. */
const mostDelayMs = 2_000;

export function poisonReport(measured: Poisoned[]): Report {
  const columns = measured.flatMap(({ database, rounds: [without, withPoison] }) => [
    { heading: `${database}, without`, round: without },
    { heading: `${database}, with poison`, round: withPoison },
  ]);
  const row = (what: string, of: (round: PoisonRound) => number) => [
    what,
    ...columns.map(({ round }) => rounded(of(round))),
  ];
  return {
    title: 'poison: a steady load, of which 5 % are events of 4.5 MB',
    notes: [
      '`kait up` with payment-succeeded.json (no endpoint), at 60 % of the runs that Temporal ends. All figures but those of poison are of the other events.',
      'An event is delayed from its receipt to the record of its run.',
    ],
    headings: ['', ...columns.map(({ heading }) => heading)],
    rows: [
      row('seconds', ({ seconds }) => seconds),
      row('webhooks', ({ offered }) => offered.webhooks),
      row('accepted', ({ offered }) => offered.accepted),
      row('poison accepted', ({ offered }) => offered.poison),
      row('failed', ({ states }) => states.failed ?? 0),
      row('lost', ({ offered }) => offered.lost),
      row('acknowledged: p99 ms', ({ offered }) => offered.p99Ms),
      row('most ms', ({ offered }) => offered.mostMs),
      row('started', ({ delays }) => delays.started),
      row('delayed: p50 ms', ({ delays }) => delays.p50Ms),
      row('p99 ms', ({ delays }) => delays.p99Ms),
      row('most ms', ({ delays }) => delays.mostMs),
      row('memory at most, MB', ({ offered }) => offered.memoryMb.peak),
    ],
    targets: measured.flatMap(targetsOf),
  };
}

function targetsOf({ database, rounds: [, { offered, delays }] }: Poisoned): Target[] {
  return [
    { what: `${database}, lost`, measured: offered.lost, unit: '', atMost: 0 },
    { what: `${database}, longest acknowledgement`, measured: offered.mostMs, unit: ' ms', atMost: mostDelayMs },
    { what: `${database}, longest delay of others`, measured: delays.mostMs, unit: ' ms', atMost: mostDelayMs },
  ];
}
