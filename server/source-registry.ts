import type { Logger } from 'pino';
import type { Source } from './gateway/sources.ts';

/** The current sources. They may change between two requests, when files or secrets change. */
export interface SourceRegistry {
  /** By its name, `/in/<name>`. */
  find(name: string): Source | undefined;
  /** By a path at which it is mounted as well. */
  findPath(path: string): Source | undefined;
  all(): Source[];
  replace(sources: ReadonlyMap<string, Source>): void;
}

export function createSourceRegistry(sources: ReadonlyMap<string, Source>): SourceRegistry {
  let byName = sources;
  let byPath = pathsOf(sources);
  return {
    find: (name) => byName.get(name),
    findPath: (path) => byPath.get(path),
    all: () => [...byName.values()],
    replace(others) {
      byName = others;
      byPath = pathsOf(others);
    },
  };
}

function pathsOf(sources: ReadonlyMap<string, Source>): Map<string, Source> {
  return new Map([...sources.values()].flatMap((source) => source.paths.map((path) => [path, source] as const)));
}

/** Keeps the sources that are in use up to date with their file and secrets, without a restart. */
interface SourceRefresh {
  start(): void;
  stop(): Promise<void>;
}

const refreshEveryMs = 5_000;

/**
 * Calls `reload` every five seconds; it resolves to whether anything has changed. It compares contents, because no watcher sees how
 * mounted secrets change (through links). If it rejects, the previous sources stay in use, and each new reason is logged once.
 * `usedBy` is `receiver` or `worker`: in one process, both have sources of their own.
 */
export function createSourceRefresh(deps: {
  reload: () => Promise<boolean>;
  usedBy: 'receiver' | 'worker';
  log: Logger;
}): SourceRefresh {
  const { usedBy, log } = deps;
  let timer: NodeJS.Timeout | undefined;
  let refreshing: Promise<void> = Promise.resolve();
  let lastReason = '';

  async function refresh(): Promise<void> {
    try {
      if (await deps.reload()) log.info({ usedBy }, 'sources reloaded');
      lastReason = '';
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== lastReason) log.error({ usedBy, reason }, 'sources not reloaded, the previous ones stay in use');
      lastReason = reason;
    }
  }

  return {
    start() {
      timer = setInterval(() => {
        refreshing = refreshing.then(refresh);
      }, refreshEveryMs);
    },
    async stop() {
      clearInterval(timer);
      await refreshing;
    },
  };
}
