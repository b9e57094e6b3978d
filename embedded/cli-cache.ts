import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { identifyProcess } from './process-identity.ts';
import { temporalRelease } from './temporal-release.ts';

/** Shared by all of a user's Kait folders; the data folder's own cache where the user has none or may not write it. */
export function cacheFolders(environment: NodeJS.ProcessEnv, fallbackFolder: string): string[] {
  const home = environment.HOME;
  const xdg = environment.XDG_CACHE_HOME;
  // The XDG specification has relative paths ignored.
  const userCache = xdg !== undefined && isAbsolute(xdg) ? xdg : home && join(home, ...userCacheOf(process.platform));
  return [...(userCache ? [join(userCache, 'kait')] : []), fallbackFolder];
}

function userCacheOf(platform: NodeJS.Platform): string[] {
  return platform === 'darwin' ? ['Library', 'Caches'] : ['.cache'];
}

/** Where the pinned CLI lies in a cache folder. It appears there whole or not at all. */
export function cachedCli(cacheFolder: string): string {
  const program = process.platform === 'win32' ? 'temporal.exe' : 'temporal';
  return join(cacheFolder, `temporal-${temporalRelease.version}`, program);
}

/** The first folder that this user can write; undefined where there is none. */
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

/** Puts a complete executable into the cache; of several processes that do so at once, each ends with a whole file. */
export async function storeInCache(executable: string, cacheFolder: string): Promise<string> {
  const target = cachedCli(cacheFolder);
  await mkdir(join(target, '..'), { recursive: true, mode: 0o700 });
  await rename(executable, target);
  return target;
}

/** Runs `work` in a new folder on the cache's file system, so that its result can be moved into place in one step. */
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

/** A process that was killed while it downloaded leaves up to 200 MB. */
async function removeAbandonedDownloads(cacheFolder: string): Promise<void> {
  for (const name of await readdir(cacheFolder)) {
    const pid = /^download-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || identifyProcess(Number(pid)) !== undefined) continue;
    await rm(join(cacheFolder, name), { recursive: true, force: true });
  }
}
