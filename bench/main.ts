import { relative } from 'node:path';
import { parseArgs } from 'node:util';
import { untilStopped } from '../cli/compose/until-stopped.ts';
import { measureConsole } from './console/measure-console.ts';
import { measureDeliveries } from './delivering/measure-deliveries.ts';
import { measureGrowth } from './growth/measure-growth.ts';
import { measureLanguage } from './language/measure-language.ts';
import { measureLatency } from './latency/measure-latency.ts';
import { measureResumption } from './latency/measure-resumption.ts';
import { measureOverload } from './overload/measure-overload.ts';
import { measurePoison } from './overload/measure-poison.ts';
import { compareReceiving } from './receiving/compare-receiving.ts';
import { measureReceiving } from './receiving/measure-receiving.ts';
import { describeMachine, formatReport, type Report } from './report.ts';
import {
  compareReports,
  earlierResult,
  keepResult,
  measuredCommit,
  readResults,
  resultFile,
  type Run,
} from './results.ts';
import { measureRunning } from './running/measure-running.ts';
import { startServices, type Services } from './services.ts';
import { measureStartup } from './startup/measure-startup.ts';
import { measureSchemes } from './verification/measure-schemes.ts';
import { measureVerification } from './verification/measure-verification.ts';
import { measureTurns } from './waiting/measure-turns.ts';
import { measureWaitingMemory } from './waiting/measure-waiting-memory.ts';
import { measureWaits } from './waiting/measure-waits.ts';

/**
 * `npm run bench -- [name …] [--seconds N] [--repeats N] [--overload-seconds N] [--poison-seconds N] [--against COMMIT|FOLDER] [--against-node FILE] [--save FILE]
 * [--compare FILE]`: measures Kait against what it replaces, in turns on the same machine. Without a name, everything. `--seconds` is the
 * length of one round of `receiving` and `verification`, `--overload-seconds` that of each load of `overload`, `--poison-seconds` that of
 * the poisoned one. `--against` is the commit that `startup` is compared with, or the checkout of another version that takes turns with
 * this one in `running` and, built, in `receiving`, where `--against-node` names the Node.js that runs it. Figures go to standard output,
 * progress to standard error. Results are kept in a file of the run in `bench-results/`, or added to the one that `--save` names, and
 * compared with the newest earlier ones there, or with those of `--compare`.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '3' },
    repeats: { type: 'string', default: '3' },
    'overload-seconds': { type: 'string', default: '25' },
    'poison-seconds': { type: 'string', default: '600' },
    against: { type: 'string' },
    'against-node': { type: 'string' },
    save: { type: 'string' },
    compare: { type: 'string' },
  },
});
const options = {
  seconds: Number(values.seconds),
  repeats: Number(values.repeats),
  overloadSeconds: Number(values['overload-seconds']),
  poisonSeconds: Number(values['poison-seconds']),
  report,
};
/** `services` starts them, once: while they run, the time that a start takes cannot be measured. */
type Measurement = (services: () => Promise<Services>) => Promise<Report | Report[]>;
const measurements: Record<string, Measurement[]> = {
  startup: [() => measureStartup({ ...options, against: values.against })],
  receiving: [
    async (services) =>
      values.against === undefined
        ? measureReceiving(await services(), options)
        : compareReceiving(await services(), {
            ...{ ...options, against: values.against, againstNode: values['against-node'] },
          }),
  ],
  running: [async (services) => measureRunning(await services(), { ...options, against: values.against })],
  deliveries: [async (services) => measureDeliveries(await services(), options)],
  latency: [
    async (services) => measureLatency(await services(), options),
    async (services) => measureResumption(await services(), options),
  ],
  waiting: [async (services) => measureWaitingMemory(await services(), options)],
  growth: [() => measureGrowth(options)],
  waits: [async (services) => measureWaits(await services(), options)],
  turns: [async (services) => measureTurns(await services(), options)],
  language: [() => measureLanguage(options)],
  verification: [() => measureVerification(options), async (services) => measureSchemes(await services(), options)],
  overload: [async (services) => measureOverload(await services(), options)],
  console: [() => measureConsole(options)],
  poison: [async (services) => measurePoison(await services(), options)],
};
const names = Object.keys(measurements);
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`Cannot measure ${unknown.join(', ')}. Choose from ${names.join(', ')}.\n`);
  process.exit(1);
}

const run: Run = { at: new Date().toISOString(), commit: await measuredCommit(), machine: describeMachine() };
const file = values.save ?? resultFile(run);
const compared = values.compare === undefined ? null : await readResults(values.compare);

await untilStopped(() => {
  process.stdout.write(`${run.machine}\n`);
  let starting: Promise<Services> | undefined;
  const services = () => (starting ??= startServices(report));
  return Promise.resolve({ finished: measure(services), stop: async () => (await starting)?.stop() });
});
process.exit();

async function measure(services: () => Promise<Services>): Promise<void> {
  for (const name of positionals.length > 0 ? positionals : names) {
    for (const each of measurements[name] ?? []) {
      for (const measured of [await each(services)].flat()) {
        process.stdout.write(`${formatReport(measured)}\n`);
        const { title } = measured;
        const earlier = compared?.find((each) => each.title === title) ?? (await earlierResult(title, run.at));
        if (earlier !== null) process.stdout.write(`${compareReports(measured, earlier)}\n`);
        await keepResult(file, { ...run, ...measured });
      }
    }
  }
  report(`Kept in ${relative(process.cwd(), file)}`);
}

function report(line: string): void {
  process.stderr.write(`  ${line}\n`);
}
