import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { wholeNumber } from '../../chaos/options.ts';
import type { GeneratedRescue } from './arbitrary-rescue.ts';
import { rescueProperties } from './check-rescues.ts';

/**
 * `npm run rescues -- [--lives N] [--seed N]`: lives through so many generated definitions of each family, whose runs fail, are canceled or
 * terminated, and are rescued. Exit code 1 if a rescue broke a promise. Each counterexample is printed as soon as it is found, and the smallest
 * one last, so that none is lost if the search for a smaller one is cut off.
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
  let lived = 0;
  let smallest = Infinity;
  const keeps = fc.asyncProperty(arbitrary, async (generated) => {
    const promises = await broken(generated);
    if (promises.length > 0) {
      tell(generated, promises);
      throw new Error(promises.join('\n'));
    }
    lived += 1;
    if (smallest === Infinity && lived % 1000 === 0) process.stdout.write(`${lived} lives of definitions ${name}\n`);
  });
  const tell = (generated: GeneratedRescue, promises: string[]) => {
    const example = JSON.stringify(generated);
    if (example.length >= smallest) return;
    smallest = example.length;
    process.stdout.write(
      `seed ${seed}, after ${lived} lives of definitions ${name}\n${promises.join('\n')}\n${example}\n`,
    );
  };
  await fc.assert(keeps, { numRuns, seed });
  process.stdout.write(`${numRuns} lives of definitions ${name}: every promise was kept\n`);
}
