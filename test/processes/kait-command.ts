import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inject } from 'vitest';

/** A `kait` command as its user starts it. */
export interface KaitCommand {
  pid: number;
  /** All that it has written so far, both streams. */
  output(): string;
  /** What it has written so far to standard output, or to standard error. */
  written(stream: 'stdout' | 'stderr'): string;
  /** Resolves to the match once the output has it; rejects with the output when the command ends before. */
  untilOutput(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves to the exit code, or the signal's name. */
  ended: Promise<number | NodeJS.Signals>;
  /** Sends a signal, and resolves when the command has ended. */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

const executable = fileURLToPath(new URL('../../bin/kait.js', import.meta.url));
export const packagedDefinitions = fileURLToPath(new URL('../../definitions', import.meta.url));

/** Starts `kait <args>` in `folder`, which also holds its home, with nothing in its environment but what is given. */
export function startKait(
  folder: string,
  args: string[],
  environment: Record<string, string> = {},
  [node, program]: readonly [string, string] = [process.execPath, executable],
): KaitCommand {
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  const child = spawn(node, [program, ...args], {
    cwd: folder,
    env: {
      PATH: process.env.PATH ?? '',
      HOME: home,
      TEMPORAL_CLI_PATH: inject('temporal').cliPath,
      KAIT_PORT: '0',
      KAIT_ADMIN_PORT: '0',
      NO_COLOR: '1',
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const endWithParent = () => void child.kill('SIGTERM');
  process.once('exit', endWithParent);
  let output = '';
  const written = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = child[name];
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      output += text;
      written[name] += text;
      child.emit('output');
    });
  }
  const ended = once(child, 'close').then(([code, signal]: (number | NodeJS.Signals)[]) => {
    process.off('exit', endWithParent);
    child.emit('output');
    return code ?? signal ?? -1;
  });
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? -1,
    output: () => output,
    written: (stream) => written[stream],
    async untilOutput(pattern) {
      for (;;) {
        const match = pattern.exec(output);
        if (match !== null) return match;
        if (hasEnded()) throw new Error(`kait ${args.join(' ')} ended before it wrote ${String(pattern)}:\n${output}`);
        await once(child, 'output');
      }
    },
    ended,
    end(signal) {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs a command to its end. */
export async function runKait(
  folder: string,
  args: string[],
  environment: Record<string, string> = {},
  program?: readonly [string, string],
): Promise<{ code: number | NodeJS.Signals; output: string }> {
  const command = startKait(folder, args, environment, program);
  const code = await command.ended;
  return { code, output: command.output() };
}
