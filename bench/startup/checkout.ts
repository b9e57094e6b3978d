import { execFile } from 'node:child_process';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packagePath } from '../../package-path.ts';

const run = promisify(execFile);

/** A version of Kait that can be run. */
export interface Checkout {
  name: string;
  folder: string;
  /** The program behind `kait`. */
  program: string;
}

/** This version, which must have been built. */
export function thisCheckout(): Promise<Checkout> {
  return checkoutIn('now', packagePath());
}

/** The version of a commit, in a new folder, with the packages of this version. It is built if it can be. */
export async function checkOut(commit: string, folder: string): Promise<Checkout> {
  await mkdir(folder);
  const archive = `${folder}.tar`;
  await run('git', ['archive', '--output', archive, commit], { cwd: packagePath() });
  await run('tar', ['-xf', archive, '-C', folder]);
  await symlink(packagePath('node_modules'), join(folder, 'node_modules'));
  const { scripts } = await readPackage(folder);
  if (scripts.build !== undefined) await run('npm', ['run', 'build'], { cwd: folder });
  return checkoutIn(commit, folder);
}

async function checkoutIn(name: string, folder: string): Promise<Checkout> {
  const { bin } = await readPackage(folder);
  return { name, folder, program: join(folder, bin.kait) };
}

interface Package {
  bin: { kait: string };
  scripts: Record<string, string>;
}

async function readPackage(folder: string): Promise<Package> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Package; // Kait's own, of any version.
}
