import type { Stats } from 'node:fs';
import { basename, dirname } from 'node:path';
import { watch } from 'chokidar';

/** Editors write a file in several steps. */
const settleMs = 50;

/**
 * Calls `onChange` after each change of what is in `folder`, of `file`, which need not exist, and of the sources in `project`. One call at a time: a change while a call
 * is under way leads to one more. Resolves when everything is watched.
 */
export async function watchProject(
  { folder, file, project }: { folder: string; file: string; project: string | null },
  onChange: () => Promise<void>,
): Promise<{ stop(): Promise<void> }> {
  let timer: NodeJS.Timeout | undefined;
  let round = Promise.resolve();
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      round = round.then(onChange);
    }, settleMs);
  };
  // Node's own recursive watch loses files on Linux that an editor replaces. A file that does not exist would make chokidar say too
  // early that it is ready, so its folder is watched instead.
  const watchers = [
    watch(folder, { ignoreInitial: true, ignored: isTemporary }),
    watch(dirname(file), {
      ignoreInitial: true,
      depth: 0,
      ignored: (path) => path !== file && path !== dirname(file),
    }),
    // Activities may import what is anywhere in it.
    ...(project === null ? [] : [watch(project, { ignoreInitial: true, ignored: isNoSource(project, folder) })]),
  ];
  await Promise.all(
    watchers.map((watcher) => {
      watcher.on('all', changed);
      return new Promise<void>((resolve) => watcher.once('ready', resolve));
    }),
  );
  return {
    async stop() {
      clearTimeout(timer);
      await Promise.all(watchers.map((watcher) => watcher.close()));
      await round;
    },
  };
}

/** `folder` is watched already. */
function isNoSource(project: string, folder: string): (path: string, stats?: Stats) => boolean {
  return (path, stats) => {
    if (path === project) return false;
    const name = basename(path);
    if (path === folder || name === 'node_modules' || name === 'dist' || name.startsWith('.')) return true;
    return stats?.isFile() === true && !/\.(?:[cm]?[jt]s|json|sql)$/.test(name);
  };
}

/** What editors leave beside the file that they write. */
function isTemporary(path: string): boolean {
  return /(?:~|\.sw[a-z]|\.tmp)$/.test(path);
}
