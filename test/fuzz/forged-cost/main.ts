import { parseArgs } from 'node:util';
import { wholeNumber } from '../../chaos/options.ts';
import { onePerScheme, signedSamples } from '../../server/gateway/conformance/signed-samples.ts';
import { measureBaseline, measureCost, type Cost } from './measure-cost.ts';

const usage =
  'npm run fuzz:cost -- [--times N] [--preset NAME]\n' +
  '  --times   how often each forgery is sent, 3 to 1000 (5)\n' +
  '  --preset  only the forgeries of one preset';

const bytes = 2 ** 20 - 64;
/** The ceiling for p99 on a machine that has nothing else to do. */
const ceilingMs = 5;
/** What the baseline takes there. On a slower or busier machine, the ceiling is as much higher as the baseline. */
const baselineMs = 5;

/** `npm run fuzz:cost`: exit code 0 if forged requests of 1 MiB cost little, 1 if not, 2 for a wrong command line. */
process.exitCode = await main(process.argv.slice(2));

async function main(argv: string[]): Promise<number> {
  const options = readOptions(argv);
  if (options === null) return 2;
  const samples = onePerScheme(await signedSamples()).filter(
    ({ preset, schemes }) =>
      schemes[0]?.scheme !== 'none' && (options.preset === undefined || preset.name === options.preset),
  );
  const before = await measureBaseline(bytes, 50);
  const costs: Cost[] = [];
  for (const sample of samples) {
    const first = await measureCost(sample, { bytes, times: options.times });
    // A busy moment of the machine is over by then. What is expensive stays expensive.
    const isDear = first.typicalP99 > ceilingMs;
    const again = isDear ? await measureCost(sample, { bytes, times: 2 * options.times }) : first;
    const cost = again.typicalP99 < first.typicalP99 ? again : first;
    costs.push(cost);
    print(lineOf(cost));
  }
  const baseline = Math.max(before, await measureBaseline(bytes, 50));
  const ceiling = ceilingMs * Math.max(1, baseline / baselineMs);
  const expensive = costs.filter(({ typicalP99 }) => typicalP99 > ceiling);
  const accepted = costs.flatMap(({ title, accepted: names }) => names.map((name) => `${title}: ${name}`));
  print(`baseline ${fixed(baseline)} ms, ceiling ${fixed(ceiling)} ms`);
  if (accepted.length > 0) print(`accepted:\n${accepted.join('\n')}`);
  if (expensive.length > 0) print(`over the ceiling:\n${expensive.map(lineOf).join('\n')}`);
  return expensive.length + accepted.length === 0 ? 0 : 1;
}

function readOptions(argv: string[]): { times: number; preset: string | undefined } | null {
  try {
    const { values } = parseArgs({
      args: argv,
      options: { times: { type: 'string', default: '5' }, preset: { type: 'string' } },
    });
    return { times: wholeNumber('--times', values.times, 3, 1_000), preset: values.preset };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    return null;
  }
}

function lineOf({ title, p50, p99, max, typicalP99, worst }: Cost): string {
  const names = worst.map(({ name, p50: median }) => `${name} ${fixed(median)}`).join('; ');
  const all = `p50 ${fixed(p50)}, p99 ${fixed(p99)}, max ${fixed(max)}`;
  return `${title}: ${all}; p99 of the medians ${fixed(typicalP99)} (${names})`;
}

function fixed(ms: number): string {
  return ms.toFixed(1);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
