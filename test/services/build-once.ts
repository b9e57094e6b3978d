import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { buildPackage } from '../../build/build-package.ts';
import { builtMark } from '../../build/built-mark.ts';
import { packagePath } from '../../package-path.ts';

/** Nothing of these is built. */
const others = new Set(['.git', '.ci', 'node_modules', 'dist', 'test', 'bench', 'bench-results', 'docs', '.kait']);

/** Builds the package unless `dist/` is newer than all that it is built from. Several projects need it, and each has a setup of its own in the same process. */
export function buildOnce(): Promise<void> {
  const shared = globalThis as { builtForTests?: Promise<void> };
  return (shared.builtForTests ??= buildIfChanged());
}

async function buildIfChanged(): Promise<void> {
  const builtAtMs = await stat(builtMark()).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  if (builtAtMs < (await changedAtMs(packagePath()))) await buildPackage();
}

/** When something in a folder was last written, added or deleted. */
async function changedAtMs(folder: string): Promise<number> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter(({ name }) => !others.has(name));
  const times = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? changedAtMs(path) : (await stat(path)).mtimeMs;
    }),
  );
  // That of the checkout itself changes with each report or log that is put there.
  const own = folder === packagePath() ? 0 : (await stat(folder)).mtimeMs;
  return Math.max(own, ...times);
}
