import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rescueProperties } from './check-rescues.ts';

/** Two seconds on an idle core. */
const limitMs = 120_000;

it.each(rescueProperties)(
  'a rescue keeps its promises for definitions $name',
  async ({ arbitrary, broken }) => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async (generated) => {
        expect(await broken(generated)).toEqual([]);
      }),
      { numRuns: 80, seed: 13 }, // Others: npm run rescues.
    );
  },
  limitMs,
);
