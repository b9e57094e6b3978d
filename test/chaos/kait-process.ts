import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { UnaskedExit, Victim } from './system.ts';

export interface KaitProcess extends Victim {
  /** Ends it as an operator would, with SIGTERM. Rejects where it does not end in time. */
  stop(): Promise<void>;
}

export interface KaitProcessOptions {
  /** The name of the victim and of its log files. */
  name: string;
  /** The subcommand of `kait`. */
  command: string;
  /** All of its environment: what the developer has set for a Kait of his own is not for this one. */
  environment: Record<string, string>;
  /** The working folder, which gets the output of each start. */
  folder: string;
  /** What the process writes when it is up. */
  readyText: string;
  onUnaskedExit: (exit: UnaskedExit) => void;
}

const executable = fileURLToPath(new URL('../../bin/kait.js', import.meta.url));
const readyLimitMs = 60_000;
/** Longer than the worker's grace for activities under way. */
const stopLimitMs = 60_000;
const lookMs = 50;

/** A `kait` command as a process of its own. It ends with this process at the latest. */
export function createKaitProcess(options: KaitProcessOptions): KaitProcess {
  let starts = 0;
  let present: RunningProcess | undefined;
  return {
    name: options.name,
    async start() {
      starts++;
      present = await startProcess(options, join(options.folder, `${options.name}-${starts}.log`));
    },
    untilReady: async () => present?.untilReady(),
    kill: async () => present?.end('SIGKILL'),
    stop: async () => present?.end('SIGTERM'),
  };
}

interface RunningProcess {
  untilReady(): Promise<void>;
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
}

async function startProcess(options: KaitProcessOptions, logFile: string): Promise<RunningProcess> {
  const log = await open(logFile, 'a');
  const child = spawn(process.execPath, [executable, options.command], {
    cwd: options.folder,
    env: options.environment,
    stdio: ['ignore', log.fd, log.fd],
  });
  const endWithParent = () => void child.kill('SIGTERM');
  process.once('exit', endWithParent);
  let asked = false;
  const exited = once(child, 'exit').then(async () => {
    process.off('exit', endWithParent);
    if (!asked) options.onUnaskedExit({ victim: options.name, how: howEnded(child), output: await tail(logFile) });
  });
  try {
    await once(child, 'spawn');
  } finally {
    await log.close();
  }
  return {
    async untilReady() {
      for (let waitedMs = 0; waitedMs < readyLimitMs && !hasEnded(child); waitedMs += lookMs) {
        if ((await readFile(logFile, 'utf8')).includes(options.readyText)) return;
        await pause(lookMs);
      }
      const why = hasEnded(child) ? `ended with ${howEnded(child)}` : `was not up within ${readyLimitMs} ms`;
      throw new Error(`The ${options.name} ${why}:\n${await tail(logFile)}`);
    },
    async end(signal) {
      if (hasEnded(child)) return exited;
      asked = true;
      child.kill(signal);
      const ended = await Promise.race([exited.then(() => true), pause(stopLimitMs, false, { ref: false })]);
      if (ended) return;
      child.kill('SIGKILL');
      throw new Error(`The ${options.name} did not end within ${stopLimitMs} ms of ${signal}:\n${await tail(logFile)}`);
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

function howEnded({ exitCode, signalCode }: ChildProcess): string {
  return signalCode ?? `code ${exitCode ?? 'unknown'}`;
}

async function tail(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trimEnd().split('\n').slice(-15).join('\n');
}
