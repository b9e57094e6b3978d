import { parseArgs } from 'node:util';
import { wholeNumber } from '../chaos/options.ts';

export interface FuzzOptions {
  /** How many requests are sent, well-formed or not. */
  requests: number;
  /** Decides all of them. The same seed sends the same bytes, not in the same interleaving. */
  seed: number;
}

export const usage =
  'npm run fuzz -- [--requests N] [--seed N]\n' +
  '  --requests  how many, 100 to 10000000 (100000)\n' +
  '  --seed      0 to 4294967295 (a random one, which is printed)';

/** Reads the command line. Throws an `Error` that says what was expected. */
export function parseOptions(argv: string[], randomSeed: number): FuzzOptions {
  const { values } = parseArgs({
    args: argv,
    options: {
      requests: { type: 'string', default: '100000' },
      seed: { type: 'string', default: String(randomSeed) },
    },
  });
  return {
    requests: wholeNumber('--requests', values.requests, 100, 10_000_000),
    seed: wholeNumber('--seed', values.seed, 0, 2 ** 32 - 1),
  };
}
