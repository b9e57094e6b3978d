import { watch } from 'node:fs';
import { dirname, join } from 'node:path';
import { kindOf } from '../definition-files.ts';
import type { Stoppable } from '../compose/until-stopped.ts';
import { runTests, testFilesAt, type TestOptions } from './test.ts';

/** An editor saves in several steps; what changes within this time is one change. */
const quietMs = 100;

/**
 * `kait test --watch`: runs the tests, and after each change of a file those that it may concern: its own where it is a test
 * file, and all of its folder where it is a definition, which others may run. A mistake in a file is shown and does not end it.
 */
export async function watchTests(
  paths: string[],
  options: TestOptions,
  write: (text: string) => void,
): Promise<Stoppable> {
  const files = await testFilesAt(paths);
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let running = run(files);

  function run(which: string[]): Promise<void> {
    return runTests(which, options, write).then(
      () => write('Waiting for a change …'),
      (error: unknown) => write(error instanceof Error ? error.message : String(error)),
    );
  }

  function runChanged(): void {
    const all = [...changed];
    changed.clear();
    running = running.then(() => run(concernedBy(all, files)));
  }

  const watchers = [...new Set(files.map((file) => dirname(file)))].map((folder) => {
    return watch(folder, (_event, name) => {
      if (name?.endsWith('.json') !== true) return;
      changed.add(join(folder, name));
      clearTimeout(timer);
      timer = setTimeout(runChanged, quietMs);
    });
  });
  return {
    async stop() {
      for (const watcher of watchers) watcher.close();
      clearTimeout(timer);
      await running;
    },
  };
}

/** The test files, of those that are watched, that changes concern. */
export function concernedBy(changed: string[], files: string[]): string[] {
  return files.filter((file) =>
    changed.some((each) => {
      return kindOf(each) === 'tests' ? join(file) === each : dirname(file) === dirname(each);
    }),
  );
}
