import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCleanup, type Cleanup } from '../../cli/compose/cleanup.ts';
import { startChildProgram, type ChildProgram } from '../child-program.ts';
import { runRound, type Receiver } from '../receiving/run-round.ts';
import type { LoadResult } from '../receiving/send-all.ts';
import { startKaitServer } from '../receiving/start-kait-server.ts';
import { rounded, type Report } from '../report.ts';
import { rotated } from '../rotated.ts';
import type { Services } from '../services.ts';
import { connections, schemesReport, type SchemeRound } from './schemes-report.ts';
import { makeGatewayKeys, signingGateways, type GatewayKeys } from './signing-gateways.ts';
import type { SignedLoad } from './signing-load-generator.ts';

const warmUpRequests = 2_000;

/** (e) Accepted webhooks a second by how they are signed, all at one `kait server` with PostgreSQL. Rounds take turns. */
export async function measureSchemes(
  services: Services,
  options: { seconds: number; repeats: number; report: (line: string) => void },
): Promise<Report> {
  const cleanup = createCleanup();
  try {
    const keys = await makeGatewayKeys();
    const receiver = await startReceiver(services, keys, cleanup);
    const generator: Generator = await startChildProgram({
      module: new URL('./signing-load-generator.ts', import.meta.url),
      settings: keys,
      outputFile: join(services.folder, 'signing-load-generator.log'),
    });
    cleanup.add(() => generator.stop());
    return schemesReport(await runRounds(receiver, generator, options));
  } finally {
    await cleanup.run();
  }
}

type Generator = ChildProgram<null, SignedLoad, LoadResult>;

async function startReceiver(services: Services, keys: GatewayKeys, cleanup: Cleanup): Promise<Receiver> {
  const definitions = join(services.folder, 'scheme-definitions');
  await cp(fileURLToPath(new URL('../../definitions', import.meta.url)), definitions, { recursive: true });
  const variableOf = (gateway: string) => `BENCH_${gateway.toUpperCase()}_SECRET`;
  const sources = signingGateways.map(({ name }) => [name, { gateway: name, secrets: [variableOf(name)] }] as const);
  await writeFile(join(definitions, 'sources.json'), JSON.stringify(Object.fromEntries(sources)));
  const secrets = signingGateways.map(({ name }) => [variableOf(name), keys[name].verifier] as const);
  const kait = await startKaitServer(services, cleanup, 'schemes', {
    DATABASE_URL: await services.postgres.createDatabase('bench_schemes'),
    KAIT_DEFINITIONS: definitions,
    ...Object.fromEntries(secrets),
  });
  const pids = { server: kait.pid, database: services.postgres.pid };
  return { name: 'kait server', url: kait.ready.url, pids, counts: () => kait.ask(null) };
}

async function runRounds(
  receiver: Receiver,
  generator: Generator,
  { seconds, repeats, report }: { seconds: number; repeats: number; report: (line: string) => void },
): Promise<SchemeRound[]> {
  const rates = new Map<string, number>();
  let nextNumber = 10_000_000;
  const runOne = async ({ name: gateway }: (typeof signingGateways)[number], requests: number) => {
    const load = { url: receiver.url, gateway, connections, requests, firstNumber: nextNumber };
    nextNumber += requests;
    const burst = await runRound(receiver, requests, () => generator.ask(load));
    rates.set(gateway, burst.perSecond);
    return { ...burst, gateway };
  };
  for (const gateway of signingGateways) await runOne(gateway, warmUpRequests);
  const rounds: SchemeRound[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const gateway of rotated(signingGateways, repeat)) {
      const round = await runOne(gateway, Math.round((rates.get(gateway.name) ?? 0) * seconds));
      rounds.push(round);
      report(`${gateway.scheme}: ${rounded(round.perSecond)} webhooks/s`);
    }
  }
  return rounds;
}
