import fc from 'fast-check';
import type { Database } from '../../../../storage/database.ts';
import { scenarios } from './scenario.ts';
import { play } from './world.ts';

/**
 * Plays scenarios in orders of chance. Rejects with the smallest one that it finds in which an event is missed, taken twice or by the wrong run, and
 * with the seed and the path that repeat it.
 */
export async function exploreSchedules(
  database: Database,
  { numRuns, ...repeated }: { numRuns: number; seed?: number; path?: string },
): Promise<void> {
  const property = fc.asyncProperty(fc.scheduler(), scenarios, async (scheduler, scenario) => {
    const problems = await play(database, scheduler, scenario);
    if (problems.length > 0) throw new Error(problems.join('\n'));
  });
  await fc.assert(property, { numRuns, ...repeated });
}
