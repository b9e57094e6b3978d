import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createCleanup, type Cleanup } from '../../cli/compose/cleanup.ts';
import { startChildProgram, type ChildProgram } from '../child-program.ts';
import { cpuSecondsOf } from '../process-cost.ts';
import { rounded, type Report } from '../report.ts';
import type { Services } from '../services.ts';
import { stripeSecret } from '../stripe-webhooks.ts';
import type { Load, LoadResult } from './load-generator.ts';
import { connectionCounts, receivingReport, type Round, type Subject } from './receiving-report.ts';

/** Something that takes webhooks. */
interface Server {
  subject: Subject;
  url: string;
  /** Processes whose CPU time its webhooks cost. */
  pids: { server: number; database: number | null };
  counts: (() => Promise<{ stored: number; waiting: number }>) | null;
}

const warmUpRequests = 3_000;

/** (a) Accepted webhooks a second. Rounds of all three take turns, so that noise on the machine hits each of them. */
export async function measureReceiving(
  services: Services,
  options: { seconds: number; repeats: number; report: (line: string) => void },
): Promise<Report> {
  const cleanup = createCleanup();
  try {
    const outputFile = join(services.folder, 'load-generator.log');
    const generator: Generator = await startChildProgram({
      module: moduleOf('load-generator'),
      settings: null,
      outputFile,
    });
    cleanup.add(() => generator.stop());
    const servers = await startServers(services, cleanup);
    const rounds = await runRounds(servers, generator, options);
    return receivingReport(rounds, servers);
  } finally {
    await cleanup.run();
  }
}

type Generator = ChildProgram<null, Load, LoadResult>;

const moduleOf = (name: string) => new URL(`./${name}.ts`, import.meta.url);

async function startServers(services: Services, cleanup: Cleanup): Promise<Server[]> {
  const { folder, postgres } = services;
  const bare = await startChildProgram<{ url: string }>({
    module: moduleOf('bare-route'),
    settings: null,
    outputFile: join(folder, 'bare-route.log'),
  });
  cleanup.add(() => bare.stop());
  const url = await postgres.createDatabase('bench_receiving');
  const withPostgres = await startKait(services, cleanup, 'postgres', { DATABASE_URL: url });
  const withPGlite = await startKait(services, cleanup, 'pglite', {});
  const database = postgres.pid;
  return [
    { subject: 'bare route', url: bare.ready.url, pids: { server: bare.pid, database: null }, counts: null },
    serverOf('PostgreSQL', withPostgres, database),
    serverOf('PGlite', withPGlite, null),
  ];
}

type KaitServer = ChildProgram<{ url: string }, null, { stored: number; waiting: number }>;

function serverOf(subject: Subject, kait: KaitServer, database: number | null): Server {
  return { subject, url: kait.ready.url, pids: { server: kait.pid, database }, counts: () => kait.ask(null) };
}

async function startKait(
  { folder, temporal }: Services,
  cleanup: Cleanup,
  name: string,
  environment: NodeJS.ProcessEnv,
): Promise<KaitServer> {
  const home = join(folder, name);
  await mkdir(home);
  const kait: KaitServer = await startChildProgram({
    module: moduleOf('kait-server'),
    settings: null,
    outputFile: join(home, 'kait.log'),
    environment: {
      KAIT_HOME: home,
      KAIT_PORT: '0',
      KAIT_ADMIN_PORT: '0',
      TEMPORAL_ADDRESS: temporal.address,
      STRIPE_WEBHOOK_SECRET: stripeSecret,
      MIDTRANS_SERVER_KEY: 'unused',
      XENDIT_CALLBACK_TOKEN: 'unused',
      ...environment,
    },
  });
  cleanup.add(() => kait.stop());
  return kait;
}

async function runRounds(
  servers: Server[],
  generator: Generator,
  { seconds, repeats, report }: { seconds: number; repeats: number; report: (line: string) => void },
): Promise<Round[]> {
  const rounds: Round[] = [];
  for (const connections of connectionCounts) {
    const rates = new Map<Subject, number>();
    for (const server of servers) {
      const warmUp = await runRound(server, generator, connections, warmUpRequests);
      rates.set(server.subject, warmUp.perSecond);
    }
    for (let repeat = 0; repeat < repeats; repeat++) {
      const turn = repeat % servers.length;
      for (const server of [...servers.slice(turn), ...servers.slice(0, turn)]) {
        const requests = Math.round((rates.get(server.subject) ?? 0) * seconds);
        const round = await runRound(server, generator, connections, requests);
        rates.set(server.subject, round.perSecond);
        rounds.push(round);
        report(`${server.subject}, ${connections} connections: ${rounded(round.perSecond)} webhooks/s`);
      }
    }
  }
  return rounds;
}

let roundsSoFar = 0;

async function runRound(server: Server, generator: Generator, connections: number, requests: number): Promise<Round> {
  const { url, pids, subject } = server;
  const before = await server.counts?.();
  const cpuBefore = costOf(pids);
  const result = await generator.ask({ url, connections, requests, prefix: `round${++roundsSoFar}` });
  const drainMs = await drain(server);
  const cpuAfter = costOf(pids);
  const after = await server.counts?.();
  if (result.failed > 0) throw new Error(`${subject}: ${result.failed} of ${requests} webhooks were not accepted`);
  if (before !== undefined && after !== undefined && after.stored - before.stored !== requests) {
    throw new Error(`${subject}: ${requests} webhooks were accepted and ${after.stored - before.stored} are stored`);
  }
  return {
    ...result,
    subject,
    connections,
    perSecond: (result.accepted / result.elapsedMs) * 1_000,
    drainMs,
    serverCpuSeconds: cpuAfter.server - cpuBefore.server,
    databaseCpuSeconds: cpuAfter.database - cpuBefore.database,
  };
}

function costOf({ server, database }: Server['pids']): { server: number; database: number } {
  return { server: cpuSecondsOf(server), database: database === null ? 0 : cpuSecondsOf(database) };
}

/** What a round leaves to the dispatcher belongs to that round, not to the next one. */
async function drain({ counts }: Server): Promise<number> {
  const startedAt = performance.now();
  while (counts !== null && (await counts()).waiting > 0) await pause(100);
  return performance.now() - startedAt;
}
