import { join } from 'node:path';
import { createCleanup, type Cleanup } from '../../cli/compose/cleanup.ts';
import { startChildProgram, type ChildProgram } from '../child-program.ts';
import { rounded, type Report } from '../report.ts';
import { rotated } from '../rounds.ts';
import type { Services } from '../services.ts';
import type { Load } from './load-generator.ts';
import { runRound, type Receiver, startKaitServer, type KaitServer } from './receiver.ts';
import { connectionCounts, receivingReport, type Round, type Subject } from './receiving-report.ts';
import type { LoadResult } from './send-all.ts';

interface Server extends Receiver {
  name: Subject;
}

const warmUpRequests = 3_000;

/** Accepted webhooks a second. The rounds of the three servers take turns, so that noise on the machine hits all of them. */
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
  const withPostgres = await startKaitServer(services, cleanup, 'postgres', { DATABASE_URL: url });
  const withPGlite = await startKaitServer(services, cleanup, 'pglite', {});
  return [
    { name: 'bare route', url: bare.ready.url, pids: { server: bare.pid, database: null }, counts: null },
    serverOf('PostgreSQL', withPostgres, postgres.pid),
    serverOf('PGlite', withPGlite, null),
  ];
}

function serverOf(name: Subject, kait: KaitServer, database: number | null): Server {
  return { name, url: kait.ready.url, pids: { server: kait.pid, database }, counts: () => kait.ask(null) };
}

async function runRounds(
  servers: Server[],
  generator: Generator,
  { seconds, repeats, report }: { seconds: number; repeats: number; report: (line: string) => void },
): Promise<Round[]> {
  const rounds: Round[] = [];
  for (const connections of connectionCounts) {
    const rates = new Map<Subject, number>();
    const runOne = async (server: Server, requests: number, mark: string): Promise<Round> => {
      const load = { url: server.url, connections, requests, prefix: `${mark}_${connections}` };
      const round = await runRound(server, requests, () => generator.ask(load));
      rates.set(server.name, round.perSecond);
      return { ...round, subject: server.name, connections };
    };
    for (const server of servers) await runOne(server, warmUpRequests, 'warm');
    for (let repeat = 0; repeat < repeats; repeat++) {
      for (const server of rotated(servers, repeat)) {
        const requests = Math.round((rates.get(server.name) ?? 0) * seconds);
        const round = await runOne(server, requests, `round${repeat}`);
        rounds.push(round);
        report(`${server.name}, ${connections} connections: ${rounded(round.perSecond)} webhooks/s`);
      }
    }
  }
  return rounds;
}
