import { parseArgs } from 'node:util';
import { untilStopped } from '../cli/compose/until-stopped.ts';
import { measureLanguage } from './language/measure-language.ts';
import { measureLatency } from './latency/measure-latency.ts';
import { measureOverload } from './overload/measure-overload.ts';
import { measurePoison } from './overload/measure-poison.ts';
import { measureReceiving } from './receiving/measure-receiving.ts';
import { describeMachine, formatReport, type Report } from './report.ts';
import { measureRunning } from './running/measure-running.ts';
import { startServices, type Services } from './services.ts';
import { measureSchemes } from './verification/measure-schemes.ts';
import { measureVerification } from './verification/measure-verification.ts';

/**
 * `npm run bench -- [name …] [--seconds N] [--repeats N] [--overload-seconds N] [--poison-seconds N]`: measures Kait against
 * what it replaces, in turns on the same machine. Without a name, everything. `--seconds` is the length of one round of `receiving`
 * and `verification`, `--overload-seconds` that of each load of `overload`, `--poison-seconds` that of the poisoned one. Figures go to standard output, progress to standard error.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '3' },
    repeats: { type: 'string', default: '3' },
    'overload-seconds': { type: 'string', default: '25' },
    'poison-seconds': { type: 'string', default: '600' },
  },
});
const options = {
  seconds: Number(values.seconds),
  repeats: Number(values.repeats),
  overloadSeconds: Number(values['overload-seconds']),
  poisonSeconds: Number(values['poison-seconds']),
  report,
};
type Measurement = (services: Services) => Promise<Report>;
const measurements: Record<string, Measurement[]> = {
  receiving: [(services) => measureReceiving(services, options)],
  running: [(services) => measureRunning(services, options)],
  latency: [(services) => measureLatency(services, options)],
  language: [() => measureLanguage(options)],
  verification: [() => measureVerification(options), (services) => measureSchemes(services, options)],
  overload: [(services) => measureOverload(services, options)],
  poison: [(services) => measurePoison(services, options)],
};
const names = Object.keys(measurements);
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  process.stderr.write(`Cannot measure ${unknown.join(', ')}. Choose from ${names.join(', ')}.\n`);
  process.exit(1);
}

await untilStopped(async () => {
  process.stdout.write(`${describeMachine()}\n`);
  const services = await startServices(report);
  return { finished: measure(services), stop: () => services.stop() };
});
process.exit();

async function measure(services: Services): Promise<void> {
  for (const name of positionals.length > 0 ? positionals : names) {
    for (const each of measurements[name] ?? []) process.stdout.write(`${formatReport(await each(services))}\n`);
  }
}

function report(line: string): void {
  process.stderr.write(`  ${line}\n`);
}
