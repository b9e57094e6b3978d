import type { Source } from './sources.ts';

/** The mounted sources. They may be replaced while requests come in, when a file or a secret has changed. */
export interface SourceRegistry {
  /** By the name in `/in/<name>`. */
  find(name: string): Source | undefined;
  /** By a path that the source names itself. */
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
