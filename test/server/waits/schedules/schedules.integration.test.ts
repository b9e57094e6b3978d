import { expect, it } from 'vitest';
import { openTestDatabase } from '../../../services/open-test-database.ts';
import { exploreSchedules } from './explore-schedules.ts';

it('misses no event and gives none to a run twice, in any order of statements, whichever process dies', async () => {
  const database = await openTestDatabase();
  await expect(exploreSchedules(database, { numRuns: 60 })).resolves.toBeUndefined();
  await database.close();
});
