import { cp, mkdir, symlink } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { packagePath } from '../package-path.ts';

/** This version's, in place of the other's. */
const replaced = ['node_modules', '.git', 'bench'];

/**
 * Copies the checkout `from` to the new folder `to`, with the bench and the packages of this version, so that the same programs measure both. They
 * use what the other version has, so it must not be so old that they do not fit.
 */
export async function copyCheckout(from: string, to: string): Promise<string> {
  await mkdir(to, { recursive: true });
  const isKept = (path: string) => !replaced.includes(relative(from, path).split(sep)[0] ?? '');
  await cp(from, to, { recursive: true, filter: isKept });
  await cp(packagePath('bench'), join(to, 'bench'), { recursive: true });
  await symlink(packagePath('node_modules'), join(to, 'node_modules'));
  return to;
}
