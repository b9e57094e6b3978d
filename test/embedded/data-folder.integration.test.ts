import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockDataFolder } from '../../embedded/data-folder.ts';
import { identifyProcess } from '../../embedded/process-identity.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const lockAndHold = fileURLToPath(new URL('./lock-and-hold.ts', import.meta.url));

const endedHolder = { pid: 2 ** 22, startedAt: 'gone', host: hostname(), released: false };

interface Contender {
  child: ChildProcessByStdio<Writable, Readable, null>;
  lines: Interface;
}

let folder: string;
let contenders: Contender[];

beforeEach(async () => {
  folder = join(await temporaryFolder(), 'home');
  contenders = [];
});

afterEach(() => {
  for (const { child } of contenders) child.kill('SIGKILL');
});

async function startContender(): Promise<Contender> {
  const child = spawn(process.execPath, ['--import', 'tsx', lockAndHold, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const contender = { child, lines: createInterface(child.stdout) };
  contenders.push(contender);
  await once(contender.lines, 'line');
  return contender;
}

/** Lets the contender try the lock; its message. */
async function attempt({ child, lines }: Contender): Promise<string> {
  const answer = once(lines, 'line');
  child.stdin.write('go\n');
  return ((await answer) as [string])[0];
}

async function writeLock(number: number, record: unknown): Promise<void> {
  await (await lockDataFolder(folder)).release();
  await writeFile(join(folder, `kait.lock.${number}`), typeof record === 'string' ? record : JSON.stringify(record));
}

describe('the lock of the data folder', () => {
  it('creates the folder for its owner only', async () => {
    const lock = await lockDataFolder(folder);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    await lock.release();
  });

  it('refuses a second holder, naming the first one and what to do', async () => {
    const lock = await lockDataFolder(folder);
    await expect(lockDataFolder(folder)).rejects.toMatchObject({
      code: 'KAIT_DATA_FOLDER_IN_USE',
      message: `The data folder ${folder} is in use by process ${process.pid}. Stop that process, or give this one a folder of its own with KAIT_HOME.`,
    });
    await lock.release();
  });

  it('is free again after release, as often as one likes, and leaves one small file', async () => {
    for (let round = 0; round < 3; round++) await (await lockDataFolder(folder)).release();
    expect(await readdir(folder)).toEqual(['kait.lock.3']);
    expect(JSON.parse(await readFile(join(folder, 'kait.lock.3'), 'utf8'))).toEqual({
      ...identifyProcess(process.pid),
      host: hostname(),
      released: true,
    });
  });

  it('refuses while another process holds it, and takes over at once after kill -9', async () => {
    const holder = await startContender();
    expect(await attempt(holder)).toBe('won');
    await expect(lockDataFolder(folder)).rejects.toThrow(`in use by process ${holder.child.pid}.`);
    holder.child.kill('SIGKILL');
    await once(holder.child, 'exit');
    await (await lockDataFolder(folder)).release();
  });

  it('lets exactly one of many win that find the lock of a process that was killed', async () => {
    const all = await Promise.all(Array.from({ length: 4 }, startContender));
    const [first, ...others] = all;
    expect(await attempt(first!)).toBe('won');
    first!.child.kill('SIGKILL');
    await once(first!.child, 'exit');
    const answers = await Promise.all(others.map(attempt));
    expect(answers.filter((answer) => answer === 'won')).toHaveLength(1);
    expect(answers.filter((answer) => answer.includes('is in use by process'))).toHaveLength(2);
  });

  it.each([
    ['on a fresh folder', () => Promise.resolve(), ['kait.lock.1']],
    ['over the lock of an ended process', () => writeLock(7, endedHolder), ['kait.lock.8']],
  ])('lets exactly one of many win %s, also where their steps interleave finely', async (_where, prepare, left) => {
    await prepare();
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, () => lockDataFolder(folder)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await readdir(folder)).toEqual(left);
  });

  it('takes over from a process whose pid belongs to another one by now', async () => {
    await writeLock(7, { pid: process.pid, startedAt: 'another time', host: hostname(), released: false });
    await (await lockDataFolder(folder)).release();
  });

  it('takes over a record that a power cut damaged', async () => {
    await writeLock(7, '{"pid":');
    await (await lockDataFolder(folder)).release();
  });

  it('refuses the lock of another host, because nobody can see whether it lives', async () => {
    await writeLock(7, { pid: 1, startedAt: 'x', host: 'other-host', released: false });
    await expect(lockDataFolder(folder)).rejects.toMatchObject({
      code: 'KAIT_DATA_FOLDER_IN_USE',
      message: `The data folder ${folder} is in use by process 1 on host other-host. Stop it there. If that host is gone for good, delete ${join(folder, 'kait.lock.7')}.`,
    });
  });

  it('ignores files that only look like locks', async () => {
    await writeLock(1, { pid: 1, startedAt: 'x', host: hostname(), released: true });
    await writeFile(join(folder, 'kait.lock.99.draft'), '');
    await (await lockDataFolder(folder)).release();
    expect((await readdir(folder)).sort()).toEqual(['kait.lock.2', 'kait.lock.99.draft']);
  });
});
