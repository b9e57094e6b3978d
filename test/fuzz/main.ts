import { randomInt } from 'node:crypto';
import { parseOptions, usage, type FuzzOptions } from './options.ts';
import { runFuzz, type FuzzOutcome } from './run-fuzz.ts';

/** `npm run fuzz`: exit code 0 where the receiver has held, 1 where it has not, 2 for a wrong command line. */
process.exitCode = await main(process.argv.slice(2));

async function main(argv: string[]): Promise<number> {
  const options = readOptions(argv);
  if (options === null) return 2;
  print(`seed ${options.seed}`);
  const outcome = await runFuzz(options, { now: () => Date.now() });
  print(reportOf(outcome));
  return outcome.violations.length === 0 ? 0 : 1;
}

function readOptions(argv: string[]): FuzzOptions | null {
  try {
    return parseOptions(argv, randomInt(2 ** 32));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    return null;
  }
}

function reportOf({ requests, connections, durationMs, statuses, memory, stored, violations }: FuzzOutcome): string {
  const sorted = [...statuses].sort(([one], [other]) => one - other);
  const answers = sorted.map(([status, count]) => `${status === 0 ? 'unanswered' : status} ${count}`).join(', ');
  const { warm, end } = memory;
  return [
    `${requests} requests over ${connections} connections in ${Math.round(durationMs / 1000)} s`,
    `answers: ${answers}`,
    `memory after the first fifth and at the end: ${mebibytes(warm.rssBytes)} and ${mebibytes(end.rssBytes)}`,
    `of that, the heap: ${mebibytes(warm.heapBytes)} and ${mebibytes(end.heapBytes)}`,
    `genuine bodies stored: ${stored}`,
    violations.length === 0 ? 'The receiver has held.' : `${violations.length} violations:\n${violations.join('\n')}`,
  ].join('\n');
}

function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
