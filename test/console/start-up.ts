import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { packagePath } from '../../package-path.ts';

/** Starts `kait up`. Resolves when it accepts webhooks and runs them. */
export function startUp(folder: string, environment: Record<string, string>): Promise<{ stop: () => Promise<void> }> {
  return startKait('up', 'Stop: Ctrl-C', folder, environment);
}

/** Starts a command of Kait. Resolves, with what it has written so far, when that says that it is ready. */
export async function startKait(
  command: string,
  ready: string,
  folder: string,
  environment: Record<string, string>,
): Promise<{ output: string; stop: () => Promise<void> }> {
  const child = spawn(process.execPath, [packagePath('bin', 'kait.js'), command], {
    cwd: folder,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      ...{ KAIT_PORT: '0', KAIT_ADMIN_PORT: '0', NO_COLOR: '1' },
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const endWithParent = () => void child.kill('SIGTERM');
  process.once('exit', endWithParent);
  let output = '';
  const ended = once(child, 'close');
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        if (output.includes(ready)) resolve();
      });
    }
    child.once('close', () => reject(new Error(`kait ${command} ended before it was ready:\n${output}`)));
  });
  return {
    output,
    async stop() {
      process.off('exit', endWithParent);
      child.kill('SIGTERM');
      await ended;
    },
  };
}
