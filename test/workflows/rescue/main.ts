import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { wholeNumber } from '../../chaos/options.ts';
import { rescueProperties } from './check-rescues.ts';

/**
 * `npm run rescues -- [--lives N] [--seed N]`: lives through so many generated definitions of each family, whose runs fail, are canceled or
 * terminated, and are rescued. Exit code 1, with the smallest counterexample, if a rescue broke a promise.
 */
const { values } = parseArgs({
  options: {
    lives: { type: 'string', default: '20000' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
  },
});
const numRuns = wholeNumber('--lives', values.lives, 1, 10_000_000);
const seed = wholeNumber('--seed', values.seed, 0, 2 ** 31 - 1);
process.stdout.write(`seed ${seed}\n`);
for (const { name, arbitrary, broken } of rescueProperties) {
  const keeps = fc.asyncProperty(arbitrary, async (generated) => {
    const promises = await broken(generated);
    if (promises.length > 0) throw new Error(promises.join('\n'));
  });
  await fc.assert(keeps, { numRuns, seed });
  process.stdout.write(`${numRuns} lives of definitions ${name}: every promise was kept\n`);
}
