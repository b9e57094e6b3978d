import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { beforeAll, expect, it } from 'vitest';
import { packagePath } from '../../package-path.ts';
import { sharedTemporaryFolder } from '../temporary-folder.ts';
import { runKait } from './kait-command.ts';

/* Readers that have seen enough, as in `kait validate | head -1`. */

const folder = sharedTemporaryFolder();
const project = () => `${folder.path}/shop`;

beforeAll(async () => {
  await runKait(folder.path, ['init', 'shop', '--yes', '--gateway', 'stripe']);
  await mkdir(`${project()}/node_modules`);
  await symlink(packagePath(), `${project()}/node_modules/kait`);
});

/** Runs `kait <args>` with one of its outputs closed from the start. */
async function withClosed(closed: 'stdout' | 'stderr', args: string[]): Promise<{ code: unknown; other: string }> {
  const child = spawn(process.execPath, [packagePath('bin', 'kait.js'), ...args], {
    cwd: project(),
    env: { PATH: process.env.PATH ?? '', HOME: folder.path, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child[closed].destroy();
  const exit = once(child, 'exit');
  const other = await text(child[closed === 'stdout' ? 'stderr' : 'stdout']);
  const [code] = (await exit) as unknown[];
  return { code, other };
}

it.each([['--version'], ['--help'], ['validate'], ['test'], ['schemas']])(
  'does its work to the end, without a word, when nobody reads what kait %s prints',
  async (...args) => {
    expect(await withClosed('stdout', args)).toEqual({ code: 0, other: '' });
  },
);

it('keeps the exit code of a failure that nobody reads', async () => {
  expect(await withClosed('stderr', ['runs'])).toEqual({ code: 1, other: '' });
});
