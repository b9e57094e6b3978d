import { errorText } from '../describe-error.ts';
import type { Logger } from 'pino';
import type { UnavailableSource } from './gateway/available-sources.ts';
import type { Source } from './gateway/sources.ts';

/** The current sources. They may change between two requests, when files or secrets change. */
export interface SourceRegistry {
  /** By its name, `/in/<name>`. */
  find(name: string): Source | undefined;
  /** By a path at which it is mounted as well. */
  findPath(path: string): Source | undefined;
  all(): Source[];
  replace(sources: ReadonlyMap<string, Source>, unavailable?: Unavailable): void;
  /** Whether a source that cannot be mounted may belong at this path. */
  mayBelongAt(path: string): boolean;
  /** What is to be corrected before a source can be mounted; null if the source is mounted or does not exist. */
  awaitedFor(name: string): string | null;
  /** All that is to be corrected. */
  awaited(): string[];
}

/** Sources that cannot be mounted. `all`: the file cannot be read, so nobody knows which there are. */
export type Unavailable = 'all' | readonly UnavailableSource[];

export function createSourceRegistry(sources: ReadonlyMap<string, Source>, missing: Unavailable = []): SourceRegistry {
  let byName = sources;
  let byPath = pathsOf(sources);
  let unavailable = missing;
  const keyOf = (name: string) => `sources.json (${name})`;
  return {
    mayBelongAt(path) {
      if (unavailable === 'all') return true;
      const isAt = (prefix: string) => path === prefix || path.startsWith(`${prefix}/`); // A path secret may follow.
      return unavailable.some(({ name, paths }) => [`/in/${name}`, ...paths].some(isAt));
    },
    awaitedFor(name) {
      if (unavailable === 'all') return 'sources.json';
      return unavailable.some((each) => each.name === name) ? keyOf(name) : null;
    },
    awaited: () => (unavailable === 'all' ? ['sources.json'] : unavailable.map(({ name }) => keyOf(name))),
    find: (name) => byName.get(name),
    findPath: (path) => byPath.get(path),
    all: () => [...byName.values()],
    replace(others, rest = []) {
      unavailable = rest;
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
      const reason = errorText(error);
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
