import { expect, it, onTestFinished } from 'vitest';
import { activityResults } from '../../storage/activity-results.ts';
import { openTestDatabase } from '../services/open-test-database.ts';

it('gives up results after 90 days, unless Temporal still knows their run', async () => {
  const database = await openTestDatabase();
  onTestFinished(() => database.close());
  const insert = `
    insert into activity_results (idempotency_key, activity, input_digest, output, check_at)
    values ('shop/a/stripe/old/add', 'a', '', '1', now() - interval '2 days'), ('shop/a/stripe/older/add', 'a', '', '1', now() - interval '3 days'),
      ('shop/a/stripe/new/add', 'a', '', '1', now() + interval '1 minute')`;
  await database.run('insert-results', insert, []);
  const results = activityResults(database);
  const owner = (workflowId: string) => ({ namespace: 'default', workflowId });
  expect(await results.due('default', 1)).toEqual(['shop/a/stripe/older/add']);
  expect(await results.due('default', 10)).toEqual(['shop/a/stripe/older/add', 'shop/a/stripe/old/add']);
  await results.keep(owner('shop/a/stripe/older/add'));
  expect(await results.release(owner('shop/a/stripe/older/add'))).toBe(0);
  expect(await results.release(owner('shop/a/stripe/old/add'))).toBe(1);
  expect(await results.release(owner('shop/a/stripe/new/add'))).toBe(0);
  expect(await results.due('default', 10)).toEqual([]);
});
