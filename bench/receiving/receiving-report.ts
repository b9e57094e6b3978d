import { peakMemoryMbOf } from '../process-cost.ts';
import { rounded, type Report, type Target } from '../report.ts';
import { median } from '../statistics.ts';
import type { Burst } from './run-round.ts';

export type Subject = 'bare route' | 'PostgreSQL' | 'PGlite';

export const connectionCounts = [16, 64] as const;

export interface Round extends Burst {
  subject: Subject;
  connections: number;
}

export function receivingReport(rounds: Round[], servers: { name: Subject; pids: { server: number } }[]): Report {
  const of = (subject: Subject, connections: number) =>
    rounds.filter((round) => round.subject === subject && round.connections === connections);
  const rows = connectionCounts.flatMap((connections) =>
    servers.map(({ name, pids }) => rowOf(of(name, connections), of('bare route', connections), pids.server)),
  );
  const targets = connectionCounts.flatMap((connections) => {
    const bare = of('bare route', connections);
    return [
      ...targetsOf('PostgreSQL', connections, of('PostgreSQL', connections), bare),
      ...targetsOf('PGlite', connections, of('PGlite', connections), bare),
    ];
  });
  return {
    title: '(a) Accepted webhooks a second',
    notes: [
      'Each webhook has an event id and a signature of its own; Kait parses, stores it with fsync and dispatches it.',
      'No definition handles the events: they pass the whole server and end as "ignored". The bare route verifies the same HMAC only.',
      'Medians over the rounds. The load generator has a process of its own on the same cores. PostgreSQL’s memory is its largest process.',
    ],
    headings: [
      'receiver',
      'connections',
      'webhooks',
      'per second',
      'of bare',
      'by CPU time',
      'p50 ms',
      'p99 ms',
      'CPU ms per webhook',
      'peak MB',
      'drained ms',
    ],
    rows,
    targets,
  };
}

function rowOf(rounds: Round[], bare: Round[], serverPid: number): (string | number)[] {
  const [first] = rounds;
  if (first === undefined) throw new Error('There are no rounds');
  const each = (of: (round: Round) => number) => median(rounds.map(of));
  const server = each((round) => (round.serverCpuSeconds / round.accepted) * 1_000);
  const database = each((round) => (round.databaseCpuSeconds / round.accepted) * 1_000);
  return [
    first.subject,
    first.connections,
    rounds.reduce((sum, { accepted }) => sum + accepted, 0),
    rounded(each(({ perSecond }) => perSecond)),
    rounded(ratioOf(rounds, bare)),
    rounded(cpuMsOf(bare) / cpuMsOf(rounds)),
    rounded(each(({ p50Ms }) => p50Ms)),
    rounded(each(({ p99Ms }) => p99Ms)),
    database === 0 ? rounded(server) : `${rounded(server)} + ${rounded(database)} database`,
    rounded(peakMemoryMbOf(serverPid)),
    rounded(each(({ drainMs }) => drainMs)),
  ];
}

/** Of one webhook, all processes. */
function cpuMsOf(rounds: Round[]): number {
  const costs = rounds.map((round) => (round.serverCpuSeconds + round.databaseCpuSeconds) / round.accepted);
  return median(costs) * 1_000;
}

/** Each round against the bare route's of the same turn. */
function ratioOf(rounds: Round[], bare: Round[]): number {
  return median(rounds.map(({ perSecond }, index) => perSecond / (bare[index]?.perSecond ?? NaN)));
}

const wanted = {
  PostgreSQL: { 16: 0.25, 64: 0.4, p99Ms: 20 },
  PGlite: { 16: 0.1, 64: 0.1, p99Ms: 60 },
} as const;

function targetsOf(subject: 'PostgreSQL' | 'PGlite', connections: 16 | 64, rounds: Round[], bare: Round[]): Target[] {
  const limits = wanted[subject];
  const name = `${subject} at ${connections} connections`;
  return [
    {
      what: `${name}, of the bare route`,
      measured: ratioOf(rounds, bare),
      unit: '',
      atLeast: limits[connections],
    },
    { what: `${name}, p99`, measured: median(rounds.map(({ p99Ms }) => p99Ms)), unit: ' ms', atMost: limits.p99Ms },
  ];
}
