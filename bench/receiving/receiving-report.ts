import { peakMemoryMbOf } from '../process-cost.ts';
import { rounded, type Report, type Target } from '../report.ts';
import { median } from '../rounds.ts';
import { cpuMsOf, rateRatio, type Burst } from './receiver.ts';

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
    title: 'receiving: accepted webhooks a second',
    notes: [
      'Each webhook has its own event id and signature. Kait verifies it, parses it, stores it with fsync and dispatches it.',
      'No definition handles the events, so they pass through the whole server and end as "ignored". The bare route only verifies the same HMAC.',
      'Medians over the rounds. The load generator runs in its own process on the same cores. Memory is that of the server’s largest process.',
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
    rounded(rateRatio(rounds, bare)),
    rounded(cpuMsOf(bare) / cpuMsOf(rounds)),
    rounded(each(({ p50Ms }) => p50Ms)),
    rounded(each(({ p99Ms }) => p99Ms)),
    database === 0 ? rounded(server) : `${rounded(server)} + ${rounded(database)} database`,
    rounded(peakMemoryMbOf(serverPid)),
    rounded(each(({ drainMs }) => drainMs)),
  ];
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
      measured: rateRatio(rounds, bare),
      unit: '',
      atLeast: limits[connections],
    },
    { what: `${name}, p99`, measured: median(rounds.map(({ p99Ms }) => p99Ms)), unit: ' ms', atMost: limits.p99Ms },
  ];
}
