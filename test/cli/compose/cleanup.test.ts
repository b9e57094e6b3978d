import { expect, it } from 'vitest';
import { createCleanup } from '../../../cli/compose/cleanup.ts';

it('undoes in reverse order, one after the other', async () => {
  const cleanup = createCleanup();
  const seen: string[] = [];
  for (const name of ['lock', 'database', 'server']) {
    cleanup.add(async () => {
      seen.push(`${name} ends`);
      await Promise.resolve();
      seen.push(`${name} has ended`);
    });
  }
  await cleanup.run();
  expect(seen).toEqual([
    'server ends',
    'server has ended',
    'database ends',
    'database has ended',
    'lock ends',
    'lock has ended',
  ]);
});

it('undoes the rest if one fails, and rejects with the first failure', async () => {
  const cleanup = createCleanup();
  const undone: string[] = [];
  cleanup.add(() => Promise.resolve(undone.push('lock')));
  cleanup.add(() => Promise.reject(new Error('the database does not close')));
  cleanup.add(() => Promise.reject(new Error('the server does not stop')));
  await expect(cleanup.run()).rejects.toThrow('the server does not stop');
  expect(undone).toEqual(['lock']);
});

it('undoes each once, however often it is asked, also at the same time', async () => {
  const cleanup = createCleanup();
  let times = 0;
  cleanup.add(() => Promise.resolve(times++));
  await Promise.all([cleanup.run(), cleanup.run()]);
  await cleanup.run();
  expect(times).toBe(1);
});
