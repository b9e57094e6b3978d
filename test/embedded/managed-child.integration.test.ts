import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startChild, type ManagedChild } from '../../embedded/managed-child.ts';
import { temporaryFolder } from '../temporary-folder.ts';

let folder: string;
let output: FileHandle;
const outputText = () => readFile(join(folder, 'output'), 'utf8');

beforeEach(async () => {
  folder = await temporaryFolder();
  output = await open(join(folder, 'output'), 'a');
});
afterEach(() => output.close());

/** Runs a shell script, and waits until it has written `up`. */
async function startScript(
  script: string,
  options: { stopLimitMs?: number; stopSignal?: NodeJS.Signals } = {},
): Promise<ManagedChild> {
  const child = await startChild({ command: '/bin/sh', args: ['-c', script], outputFd: output.fd, ...options });
  await expect.poll(outputText, { interval: 5 }).toContain('up');
  return child;
}

describe('a managed child', () => {
  it('writes both its streams into the given file', async () => {
    const child = await startScript('echo up; echo failed >&2; exit 3');
    expect(await child.exited).toEqual({ code: 3, signal: null });
    expect(await outputText()).toBe('up\nfailed\n');
  });

  it('ends on SIGTERM, and says the same when it is asked again', async () => {
    const child = await startScript('echo up; exec sleep 1000');
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGTERM' });
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('ends on the signal that it wants', async () => {
    const child = await startScript('trap "exit 7" USR1; echo up; while :; do sleep 0.01; done', {
      stopSignal: 'SIGUSR1',
    });
    expect(await child.stop()).toEqual({ code: 7, signal: null });
  });

  it('is killed if it does not end within the limit', async () => {
    const child = await startScript('trap "" TERM; echo up; while :; do sleep 0.01; done', { stopLimitMs: 50 });
    expect(await child.stop()).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('leaves no listener behind in this process', async () => {
    const before = process.listenerCount('exit');
    const child = await startScript('echo up');
    await child.exited;
    await expect(startChild({ command: join(folder, 'missing'), args: [], outputFd: output.fd })).rejects.toThrow(
      'ENOENT',
    );
    await expect(startChild({ command: join(folder, 'output', 'x'), args: [], outputFd: output.fd })).rejects.toThrow(
      'ENOTDIR',
    );
    expect(process.listenerCount('exit')).toBe(before);
  });
});
