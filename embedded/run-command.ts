import { spawn } from 'node:child_process';
import { childEnvironment, type ChildPurpose } from './child-environment.ts';

/** Only the last part of the output is kept, because that explains a failure. */
const keptCharacters = 16_384;

export type CommandOutcome =
  | { started: true; code: number | null; output: string }
  /** The system could not start the program: `ENOENT` if there is none, `EACCES` if it is not executable. */
  | { started: false; errorCode: string };

export interface CommandOptions {
  /** Where the program's variables come from. It gets only those that its purpose needs. */
  environment: NodeJS.ProcessEnv;
  purpose: ChildPurpose;
  limitMs: number;
}

/** Runs a program and keeps the end of its output, of both streams. Kills it after `limitMs`; `code` is null then. */
export async function runCommand(command: string, args: string[], options: CommandOptions): Promise<CommandOutcome> {
  try {
    return await runStarted(command, args, options);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return { started: false, errorCode: String(error.code) };
    throw error;
  }
}

/** Rejects if the program cannot be started. Node throws some of these errors and emits the others. */
function runStarted(
  command: string,
  args: string[],
  { environment, purpose, limitMs }: CommandOptions,
): Promise<CommandOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      env: childEnvironment(environment, purpose),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Node's own `timeout` stays behind if the program cannot be started, and keeps this process alive until then.
    const timer = setTimeout(() => child.kill('SIGKILL'), limitMs);
    let output = '';
    const keep = (chunk: string): void => {
      output = (output + chunk).slice(-keptCharacters);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ started: true, code, output });
    });
  });
}
