import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { identifyProcess, isRunning } from '../../embedded/process-identity.ts';

/** A process that runs until it is killed; ready when it has said so. */
async function startSleeper() {
  const child = spawn(process.execPath, ['-e', 'console.log("up"); setInterval(() => {}, 1e6)']);
  await once(child.stdout, 'data');
  return child;
}

describe('process identity', () => {
  it('is the same each time a process is asked for', () => {
    const first = identifyProcess(process.pid);
    expect(first?.pid).toBe(process.pid);
    expect(first?.startedAt).not.toBe('');
    expect(identifyProcess(process.pid)).toEqual(first);
  });

  it('tells a running process from one that has ended', async () => {
    const sleeper = await startSleeper();
    const identity = identifyProcess(sleeper.pid!)!;
    expect(isRunning(identity)).toBe(true);
    sleeper.kill('SIGKILL');
    await once(sleeper, 'exit');
    expect(isRunning(identity)).toBe(false);
    expect(identifyProcess(sleeper.pid!)).toBeUndefined();
  });

  it('does not take a stranger for the process that had its pid before', () => {
    const identity = identifyProcess(process.pid)!;
    expect(isRunning({ ...identity, startedAt: `${identity.startedAt}0` })).toBe(false);
  });

  it('counts a process as ended although its parent has not collected it', async () => {
    // The shell starts a child, becomes `sleep` before that ends, and so never collects it.
    const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 1000']);
    const [chunk] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(chunk.toString());
    try {
      await expect.poll(() => identifyProcess(pid), { interval: 10, timeout: 5_000 }).toBeUndefined();
      expect(() => process.kill(pid, 0)).not.toThrow();
    } finally {
      parent.kill('SIGKILL');
    }
  });

  it('finds nothing under a pid that cannot exist', () => {
    expect(identifyProcess(2 ** 30)).toBeUndefined();
  });
});
