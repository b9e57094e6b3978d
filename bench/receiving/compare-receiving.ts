import { join } from 'node:path';
import { createCleanup } from '../../cli/compose/cleanup.ts';
import { packagePath } from '../../package-path.ts';
import { startChildProgram, type ChildProgram } from '../child-program.ts';
import { rounded, type Report } from '../report.ts';
import { meanWithError, median, rotated } from '../rounds.ts';
import type { Services } from '../services.ts';
import { startKaitCheckout } from './kait-checkout.ts';
import type { Load } from './load-generator.ts';
import { cpuMsOf, runRound, type Burst, type Receiver } from './receiver.ts';
import type { LoadResult } from './send-all.ts';

/** Long enough for the compiler of both versions, and for autovacuum to have seen the tables. */
const warmUpRequests = 3_000;
const connections = 64;
/** On a busy machine, a round of a few seconds would be too short for anything but noise. */
const fewestRequests = 2_000;

/**
 * What this version's `kait server` accepts and what that costs, against the checkout in the folder `against`, which is built if its version is. Both have
 * PostgreSQL. Their rounds take turns, and the ratios come with two standard errors. `againstNode` is the Node.js of the other one.
 */
export async function compareReceiving(
  services: Services,
  options: {
    seconds: number;
    repeats: number;
    against: string;
    againstNode?: string | undefined;
    report: (line: string) => void;
  },
): Promise<Report> {
  const cleanup = createCleanup();
  try {
    const generator: ChildProgram<null, Load, LoadResult> = await startChildProgram({
      module: new URL('./load-generator.ts', import.meta.url),
      settings: null,
      outputFile: join(services.folder, 'load-generator.log'),
    });
    cleanup.add(() => generator.stop());
    const now = { name: 'now', folder: packagePath(), node: process.execPath };
    const then = { name: 'then', folder: options.against, node: options.againstNode ?? process.execPath };
    const [own, other] = [
      await startKaitCheckout(now, services, cleanup),
      await startKaitCheckout(then, services, cleanup),
    ];
    const bursts = await runRounds([own, other], (load) => generator.ask(load), options);
    return reportOf(bursts.get(own) ?? [], bursts.get(other) ?? []);
  } finally {
    await cleanup.run();
  }
}

async function runRounds(
  servers: Receiver[],
  send: (load: Load) => Promise<LoadResult>,
  { seconds, repeats, report }: { seconds: number; repeats: number; report: (line: string) => void },
): Promise<Map<Receiver, Burst[]>> {
  const bursts = new Map<Receiver, Burst[]>(servers.map((server) => [server, []]));
  const runOne = (server: Receiver, requests: number, prefix: string) =>
    runRound(server, requests, () => send({ url: server.url, connections, requests, prefix }));
  const rates = new Map<Receiver, number>();
  for (const server of servers) rates.set(server, (await runOne(server, warmUpRequests, 'warm')).perSecond);
  for (let round = 0; round < repeats; round++) {
    for (const server of rotated(servers, round)) {
      const burst = await runOne(
        server,
        Math.max(fewestRequests, Math.round((rates.get(server) ?? 0) * seconds)),
        `round${round}`,
      );
      rates.set(server, burst.perSecond);
      bursts.get(server)?.push(burst);
      const cpu = `${rounded(cpuMsOf([burst]))} ms of CPU each`;
      report(`${server.name}, round ${round + 1}: ${rounded(burst.perSecond)} webhooks/s, ${cpu}`);
    }
  }
  return bursts;
}

const serverMs = (burst: Burst) => (burst.serverCpuSeconds / burst.accepted) * 1_000;
const databaseMs = (burst: Burst) => (burst.databaseCpuSeconds / burst.accepted) * 1_000;

const figures: [string, (burst: Burst) => number][] = [
  ['webhooks a second', ({ perSecond }) => perSecond],
  ['CPU ms per webhook', (burst) => serverMs(burst) + databaseMs(burst)],
  ['CPU ms, server', serverMs],
  ['CPU ms, database', databaseMs],
  ['p50 ms', ({ p50Ms }) => p50Ms],
  ['p99 ms', ({ p99Ms }) => p99Ms],
];

function reportOf(own: readonly Burst[], others: readonly Burst[]): Report {
  const rows = figures.map(([what, of]) => [
    what,
    rounded(median(own.map(of))),
    rounded(median(others.map(of))),
    meanWithError(own.flatMap((burst, round) => (others[round] === undefined ? [] : [of(burst) / of(others[round])]))),
  ]);
  return {
    title: `receiving: against another checkout, ${connections} connections`,
    notes: [
      '`kait server` of both, each with its own database in one PostgreSQL with fsync. No definition handles the events.',
      `Medians of ${own.length} rounds, which take turns; the ratio of each round to its neighbor’s, as mean ± two standard errors.`,
    ],
    headings: ['figure', 'this version', 'the other', 'ratio'],
    rows,
    targets: [],
  };
}
