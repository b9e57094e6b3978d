import { expect, it } from 'vitest';
import { runCommand } from '../../embedded/run-command.ts';

const environment = { PATH: '/nowhere' };
const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
/** Timers of other tests may end in the meantime. */
const newTimers = (before: number) => Math.max(0, timers() - before);

it('leaves no timer behind for a program that does not exist, which would keep Kait from ending', async () => {
  const before = timers();
  const outcome = await runCommand('no-such-program', [], { environment, purpose: 'run', limitMs: 3_600_000 });
  expect(outcome).toEqual({ started: false, errorCode: 'ENOENT' });
  expect(newTimers(before)).toBe(0);
});

it('leaves no timer behind for a program that has ended', async () => {
  const before = timers();
  const outcome = await runCommand(process.execPath, ['-p', '6 * 7'], {
    environment,
    purpose: 'run',
    limitMs: 3_600_000,
  });
  expect(outcome).toEqual({ started: true, code: 0, output: '42\n' });
  expect(newTimers(before)).toBe(0);
});

it('kills a program that takes too long', async () => {
  const outcome = await runCommand(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
    environment,
    purpose: 'run',
    limitMs: 100,
  });
  expect(outcome).toEqual({ started: true, code: null, output: '' });
});
