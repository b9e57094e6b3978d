import { packagePath } from '../package-path.ts';

/** How to run `kait <command>` in this folder: in Kait's repository, or in a project that has installed it. */
export function ownCommand(command: string): string {
  return process.cwd() === packagePath() ? `npm run kait -- ${command}` : `npx kait ${command}`;
}
