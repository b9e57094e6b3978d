import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { processEnvironment, type Config } from '../../config.ts';
import { obtainTemporalCli } from '../../embedded/obtain-temporal-cli.ts';
import { temporalCliArguments, temporalCliEnvironment } from '../compose/temporal-cli-environment.ts';

/**
 * `kait temporal`: runs the Temporal CLI against the Temporal of this Kait. It gets the arguments as they are, this terminal, and the
 * signals. Resolves to its exit code, or to what a shell reports if a signal ended it.
 */
export async function runTemporal(config: Config, args: readonly string[]): Promise<number> {
  const environment = processEnvironment();
  const env = temporalCliEnvironment(config, environment, args);
  const cliPath = await obtainTemporalCli({
    environment,
    fallbackFolder: join(config.home, 'cache'),
    report: (line) => void process.stderr.write(`${line}\n`),
  });
  return runForeground(cliPath, [...temporalCliArguments, ...args], env);
}

/** A terminal sends these to the whole process group, so that the program has got them already. */
const fromTerminal = ['SIGINT', 'SIGQUIT'] as const;
const fromOthers = ['SIGTERM', 'SIGHUP'] as const;

function runForeground(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, stdio: 'inherit' });
    const forward = (signal: NodeJS.Signals): void => void child.kill(signal);
    const forwardUnlessTyped = (signal: NodeJS.Signals): void => {
      if (!process.stdin.isTTY) forward(signal);
    };
    for (const signal of fromTerminal) process.on(signal, forwardUnlessTyped);
    for (const signal of fromOthers) process.on(signal, forward);
    const settle = (): void => {
      for (const signal of fromTerminal) process.off(signal, forwardUnlessTyped);
      for (const signal of fromOthers) process.off(signal, forward);
    };
    child.once('error', (error) => {
      settle();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      settle();
      resolve(code ?? 128 + constants.signals[signal ?? 'SIGKILL']);
    });
  });
}
