import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createCleanup, type Cleanup } from '../../cli/compose/cleanup.ts';
import { startChildProgram, type ChildProgram } from '../child-program.ts';
import { cpuMsOf, rateRatio, runRound, startKaitServer, type Burst, type Receiver } from '../receiving/receiver.ts';
import type { LoadResult } from '../receiving/send-all.ts';
import { rounded, type Report } from '../report.ts';
import { median, rotated } from '../rounds.ts';
import type { Services } from '../services.ts';
import { makeGatewayKeys, signingGateways, type GatewayKeys, type SigningGateway } from './signing-gateways.ts';
import type { SignedLoad } from './signing-load-generator.ts';

const connections = 64;

const warmUpRequests = 2_000;

interface SchemeRound extends Burst {
  gateway: SigningGateway['name'];
}

/** Accepted webhooks a second by signature scheme, all at one `kait server` with PostgreSQL. Rounds take turns. */
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

function schemesReport(rounds: SchemeRound[]): Report {
  const of = (gateway: SigningGateway['name']) => rounds.filter((round) => round.gateway === gateway);
  const hmac = of('mollie');
  return {
    title: 'verification: accepted webhooks a second, by signature scheme',
    notes: [
      `One \`kait server\` with PostgreSQL and a source for each gateway, ${connections} connections; otherwise as in \`receiving\`.`,
      'Samples of the presets with their own event ids, all signed before the first one leaves. Stripe’s is 1.9 kB long, the others 0.4 to 0.7 kB.',
      'Medians over the rounds. Ratios compare with HMAC in the same turn.',
    ],
    headings: [
      'scheme',
      'gateway',
      'webhooks',
      'per second',
      'of HMAC',
      'by CPU time',
      'p50 ms',
      'p99 ms',
      'CPU ms per webhook: server',
      'PostgreSQL',
    ],
    rows: signingGateways.map((gateway) => rowOf(gateway, of(gateway.name), hmac)),
    targets: [{ what: 'RSA, of HMAC', measured: rateRatio(of('wise'), hmac), unit: '', atLeast: 0.7 }],
  };
}

function rowOf({ scheme, name }: SigningGateway, rounds: SchemeRound[], hmac: SchemeRound[]): (string | number)[] {
  const each = (of: (round: SchemeRound) => number) => rounded(median(rounds.map(of)));
  return [
    scheme,
    name,
    rounds.reduce((sum, { accepted }) => sum + accepted, 0),
    each(({ perSecond }) => perSecond),
    rounded(rateRatio(rounds, hmac)),
    rounded(cpuMsOf(hmac) / cpuMsOf(rounds)),
    each(({ p50Ms }) => p50Ms),
    each(({ p99Ms }) => p99Ms),
    each(({ serverCpuSeconds, accepted }) => (serverCpuSeconds / accepted) * 1_000),
    each(({ databaseCpuSeconds, accepted }) => (databaseCpuSeconds / accepted) * 1_000),
  ];
}
