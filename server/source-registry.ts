import type { Source } from './gateway/sources.ts';

/** The sources as they are now; they may be others for the next request, since files and secrets change. */
export interface SourceRegistry {
  /** By its name, `/in/<name>`. */
  find(name: string): Source | undefined;
  /** The source that is mounted at exactly this path as well. */
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
