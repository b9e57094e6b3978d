import type { Logger } from 'pino';
import type { Config } from '../../config.ts';
import { latestSetId, type PublishedSet, readSet } from '../../server/publish/published-sets.ts';
import type { Database } from '../../storage/database.ts';
import { publishedFolder, readSetFiles, writePublished } from '../publish/published-folder.ts';

/** The set of definitions that this process serves. */
export interface Published {
  /** With the folder that holds it. */
  config: Config;
  /** What `kait status` shows. */
  describe(): { from: 'files' | 'published'; set: PublishedSet | null; problem: string | null };
  /** From now on, looks for newer sets and has them read. */
  follow(reload: () => Promise<void>): void;
  stop(): Promise<void>;
}

const lookEveryMs = 2_000;

/**
 * Takes the definitions from what `kait publish` has recorded last, if the configuration says so. Until something is published, the folder
 * counts. A set that cannot be read leaves what is served as it is, and the status says why.
 */
export async function openPublished(config: Config, database: Database, log: Logger): Promise<Published> {
  if (config.definitionsFrom === 'files') return unfollowed(config);
  let served: PublishedSet | null = null;
  let problem: string | null = null;

  async function take(): Promise<boolean> {
    const id = await latestSetId(database);
    if (id === null || id === served?.id) return false;
    const set = await readSet(database, id);
    if (set === null) return false;
    await writePublished(config.home, set);
    served = { id, hash: set.hash, author: set.author, note: set.note, publishedAt: set.publishedAt };
    return true;
  }

  if (!(await take())) {
    const files = await readSetFiles(config.definitions);
    await writePublished(config.home, { id: 0, hash: 'folder', files });
  }
  let timer: NodeJS.Timeout | undefined;
  let looking: Promise<void> = Promise.resolve();

  async function look(reload: () => Promise<void>): Promise<void> {
    const before = served;
    try {
      if (!(await take())) return;
      await reload();
      problem = null;
      log.info({ set: served?.id, hash: served?.hash, author: served?.author }, 'a published set is served');
    } catch (error) {
      served = before; // It is tried again.
      problem = error instanceof Error ? error.message : String(error);
      log.error({ err: error }, 'a published set cannot be served; the one before it still is');
    }
  }

  return {
    config: { ...config, definitions: publishedFolder(config.home) },
    describe: () => ({ from: 'published', set: served, problem }),
    follow(reload) {
      timer = setInterval(() => {
        looking = looking.then(() => look(reload));
      }, lookEveryMs);
    },
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}

function unfollowed(config: Config): Published {
  return {
    config,
    describe: () => ({ from: 'files', set: null, problem: null }),
    follow: () => undefined,
    stop: () => Promise.resolve(),
  };
}
