import { runCommand } from './run-command.ts';
import { oldestServer } from './temporal-release.ts';

/** Whether Kait can use an executable; `problem` completes the sentence "The CLI ...". */
export type CliInspection = { usable: true; version: string } | { usable: false; problem: string };

/** Asks the executable for its version, and so finds out whether it runs here at all. */
export async function inspectTemporalCli(path: string, environment: NodeJS.ProcessEnv): Promise<CliInspection> {
  const outcome = await runCommand(path, ['--version'], { environment, limitMs: 20_000 });
  if (!outcome.started && outcome.errorCode === 'ENOENT') return { usable: false, problem: 'does not exist' };
  if (!outcome.started) return { usable: false, problem: `cannot be run (${outcome.errorCode})` };
  if (outcome.code !== 0) return { usable: false, problem: `does not run: ${lastLine(outcome.output)}` };
  // "temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)"
  const [, version, major, minor] = /version (\S+) \(Server (\d+)\.(\d+)/.exec(outcome.output) ?? [];
  if (version === undefined)
    return { usable: false, problem: 'does not tell its version the way the Temporal CLI does' };
  if (!isServerNewEnough(Number(major), Number(minor))) {
    const needed = `${oldestServer.major}.${oldestServer.minor}`;
    return {
      usable: false,
      problem: `is too old: version ${version} has server ${major ?? ''}.${minor ?? ''}, ${needed} is needed`,
    };
  }
  return { usable: true, version };
}

function isServerNewEnough(major: number, minor: number): boolean {
  return major > oldestServer.major || (major === oldestServer.major && minor >= oldestServer.minor);
}

/** The part of a program's output that names the failure. */
export function lastLine(output: string): string {
  return output.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}
