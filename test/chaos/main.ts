import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPackage } from '../../build/build-package.ts';
import { obtainTemporalCli } from '../../embedded/obtain-temporal-cli.ts';
import { parseOptions, usage, type ChaosOptions } from './options.ts';
import { reportOf } from './report.ts';
import { runChaos } from './run-chaos.ts';

/** `npm run chaos`: exit code 0 where every promise was kept, 1 where one was not, 2 for a wrong command line. */
process.exitCode = await main(process.argv.slice(2));

async function main(argv: string[]): Promise<number> {
  const options = readOptions(argv);
  if (options === null) return 2;
  // A signal that nobody handles would leave the processes behind; an exit ends them.
  process.once('SIGINT', () => process.exit(130)).once('SIGTERM', () => process.exit(143));
  const report = (line: string) => void process.stdout.write(`${line}\n`);
  report(`seed ${options.seed}`);
  await buildPackage();
  const cliPath = await obtainTemporalCli({
    environment: process.env,
    fallbackFolder: join(tmpdir(), 'kait-chaos-cache'),
    report,
  });
  const outcomes = await runChaos(options, { cliPath, report, now: () => Date.now() });
  report(`\n${reportOf(outcomes, options.seed)}`);
  return outcomes.every(({ violations }) => violations.length === 0) ? 0 : 1;
}

function readOptions(argv: string[]): ChaosOptions | null {
  try {
    return parseOptions(argv, randomInt(2 ** 32));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    return null;
  }
}
