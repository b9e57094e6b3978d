import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildPackage } from '../../../build/build-package.ts';
import { obtainTemporalCli } from '../../../embedded/obtain-temporal-cli.ts';
import { wholeNumber } from '../options.ts';
import { repeatsOf } from './check.ts';
import { runDeliveryChaos } from './run-deliveries.ts';

/**
 * `npm run chaos:deliveries [-- --deliveries 2000] [--outage 60] [--seed N]`: exit code 0 if every delivery has arrived under one id, and again
 * only where a kill or the outage came between the answer and its record. `--outage`: seconds without a database.
 */
const { values } = parseArgs({
  options: {
    deliveries: { type: 'string', default: '2000' },
    outage: { type: 'string', default: '60' },
    seed: { type: 'string', default: String(randomInt(2 ** 32)) },
  },
});
const options = {
  deliveries: Math.ceil(wholeNumber('--deliveries', values.deliveries, 10, 100_000) / 10) * 10,
  outageSeconds: wholeNumber('--outage', values.outage, 1, 3_600),
  seed: wholeNumber('--seed', values.seed, 0, 2 ** 32 - 1),
};
process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
const report = (line: string) => void process.stdout.write(`${line}\n`);
report(`seed ${options.seed}`);
await buildPackage();
const fallbackFolder = join(tmpdir(), 'kait-chaos-cache');
const cliPath = await obtainTemporalCli({ environment: process.env, fallbackFolder, report });
const { facts, violations, folder } = await runDeliveryChaos(options, { cliPath, report, now: () => Date.now() });
const kills = ['server', 'worker', 'temporal'].map((victim) => {
  return `${victim} ${facts.kills.filter((kill) => kill.victim === victim).length}`;
});
report(
  `${facts.deliveries.length} deliveries, kills: ${kills.join(', ')}, database away for ${options.outageSeconds} s`,
);
report(`${facts.arrived.length} arrivals, ${repeatsOf(facts.arrived).length} of them repeats`);
for (const violation of violations) report(`VIOLATION ${violation}`);
report(violations.length === 0 ? 'every promise was kept' : `${violations.length} violations; logs in ${folder}`);
process.exitCode = violations.length === 0 ? 0 : 1;
