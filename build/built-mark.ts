import { packagePath } from '../package-path.ts';

/** The file that a build writes last: whether `dist/` is whole, and how old it is. */
export function builtMark(): string {
  return packagePath('dist', '.built');
}
