import { dirname } from 'node:path';
import { watch } from 'chokidar';

/** Editors write a file in several steps. */
const settleMs = 100;

/**
 * Calls `onChange` after each change of what is in `folder`, and of `file`, which need not exist. One call at a time: a change while a call
 * is under way leads to one more. Resolves when everything is watched.
 */
export async function watchProject(
  { folder, file }: { folder: string; file: string },
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

/** What editors leave beside the file that they write. */
function isTemporary(path: string): boolean {
  return /(?:~|\.sw[a-z]|\.tmp)$/.test(path);
}
