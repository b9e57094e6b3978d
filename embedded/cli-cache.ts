import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { identifyProcess } from './process-identity.ts';
import { temporalRelease } from './temporal-release.ts';

/** The cache folders to try, in order: the user's, which all data folders share, then the one in the data folder. */
export function cacheFolders(environment: NodeJS.ProcessEnv, fallbackFolder: string): string[] {
  const home = environment.HOME;
  const xdg = environment.XDG_CACHE_HOME;
  // The XDG specification says to ignore relative paths.
  const userCache = xdg !== undefined && isAbsolute(xdg) ? xdg : home && join(home, ...userCacheOf(process.platform));
  return [...(userCache ? [join(userCache, 'kait')] : []), fallbackFolder];
}

function userCacheOf(platform: NodeJS.Platform): string[] {
  return platform === 'darwin' ? ['Library', 'Caches'] : ['.cache'];
}

/** The path of the pinned CLI in a cache folder. The file there is always complete. */
export function cachedCli(cacheFolder: string): string {
  const program = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
  return join(cacheFolder, `temporal-${temporalRelease.version}`, program);
}

/** Creates folders until one is writable by this user. Resolves to undefined if none is. */
export async function firstWritable(folders: string[]): Promise<string | undefined> {
  for (const folder of folders) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await access(folder, constants.W_OK);
      return folder;
    } catch {
      continue;
    }
  }
  return undefined;
}

/** Moves a complete executable into the cache. Several processes may do so at once. */
export async function storeInCache(executable: string, cacheFolder: string): Promise<string> {
  const target = cachedCli(cacheFolder);
  await mkdir(join(target, '..'), { recursive: true, mode: 0o700 });
  await rename(executable, target);
  return target;
}

/** Runs `work` in a new folder on the cache's file system, so that its result can be moved into place atomically. */
export async function withDownloadFolder<T>(cacheFolder: string, work: (folder: string) => Promise<T>): Promise<T> {
  await removeAbandonedDownloads(cacheFolder);
  const folder = join(cacheFolder, `download-${process.pid}-${randomUUID()}`);
  await mkdir(folder, { mode: 0o700 });
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A process that is killed while it downloads leaves up to 200 MB behind. */
async function removeAbandonedDownloads(cacheFolder: string): Promise<void> {
  for (const name of await readdir(cacheFolder)) {
    const pid = /^download-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || identifyProcess(Number(pid)) !== undefined) continue;
    await rm(join(cacheFolder, name), { recursive: true, force: true });
  }
}
