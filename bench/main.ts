import { parseArgs } from 'node:util';
import { untilStopped } from '../cli/compose/until-stopped.ts';
import { measureLanguage } from './language/measure-language.ts';
import { measureLatency } from './latency/measure-latency.ts';
import { measureReceiving } from './receiving/measure-receiving.ts';
import { measureOverload } from './overload/measure-overload.ts';
import { describeMachine, formatReport, type Report } from './report.ts';
import { measureRunning } from './running/measure-running.ts';
import { measureSchemes } from './schemes/measure-schemes.ts';
import { measureVerification } from './schemes/measure-verification.ts';
import { startServices, type Services } from './services.ts';

/**
 * `npm run bench -- [a|b|c|d|e|f|all] [--seconds N] [--repeats N] [--overload-seconds N]`: measures Kait against what it replaces, in turns on the same
 * machine. `seconds` is the length of one round of (a) and (e), `overload-seconds` that of each load of (f). Figures go to standard output, progress to standard error.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '3' },
    repeats: { type: 'string', default: '3' },
    'overload-seconds': { type: 'string', default: '25' },
  },
});
const options = {
  seconds: Number(values.seconds),
  repeats: Number(values.repeats),
  overloadSeconds: Number(values['overload-seconds']),
  report,
};
type Part = (services: Services) => Promise<Report>;
const parts: Record<string, Part[]> = {
  a: [(services) => measureReceiving(services, options)],
  b: [(services) => measureRunning(services, options)],
  c: [(services) => measureLatency(services, options)],
  d: [() => measureLanguage(options)],
  e: [() => measureVerification(options), (services) => measureSchemes(services, options)],
  f: [(services) => measureOverload(services, options)],
};
const [chosen = 'all'] = positionals;
if (chosen !== 'all' && !Object.hasOwn(parts, chosen)) {
  throw new Error(`Expected all or one of ${Object.keys(parts).join(', ')}, came ${chosen}`);
}

await untilStopped(async () => {
  process.stdout.write(`${describeMachine()}\n`);
  const services = await startServices(report);
  return { finished: measure(services), stop: () => services.stop() };
});
process.exit();

async function measure(services: Services): Promise<void> {
  for (const [name, measurements] of Object.entries(parts)) {
    if (chosen !== 'all' && chosen !== name) continue;
    for (const each of measurements) process.stdout.write(`${formatReport(await each(services))}\n`);
  }
}

function report(line: string): void {
  process.stderr.write(`  ${line}\n`);
}
