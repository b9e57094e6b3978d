import { parseArgs } from 'node:util';
import { openPGlite } from '../../../../storage/open-pglite.ts';
import { wholeNumber } from '../../../chaos/options.ts';
import { exploreSchedules } from './explore-schedules.ts';

/** `npm run schedules [-- --runs 5000] [--seed N --path P]`: exit code 0 if no order of statements misses an event or gives it to a run twice. */
const { values } = parseArgs({
  options: { runs: { type: 'string', default: '5000' }, seed: { type: 'string' }, path: { type: 'string' } },
});
const numRuns = wholeNumber('--runs', values.runs, 1, 10_000_000);
const { seed, path } = values;
const database = await openPGlite('memory');
const startedAt = performance.now();
await exploreSchedules(database, {
  numRuns,
  ...(seed === undefined ? {} : { seed: Number(seed) }),
  ...(path === undefined ? {} : { path }),
});
await database.close();
process.stdout.write(
  `${numRuns} scenarios in ${Math.round((performance.now() - startedAt) / 1_000)} s: nothing missed or doubled\n`,
);
