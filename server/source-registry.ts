import type { Source } from './gateway/sources.ts';

/** The sources as they are now; they may be others for the next request. */
export interface SourceRegistry {
  /** By its name, `/in/<name>`. */
  find(name: string): Source | undefined;
  /** The source that is mounted at exactly this path as well. */
  findPath(path: string): Source | undefined;
  all(): Source[];
}

/** A registry of sources that stay as they are. */
export function fixedRegistry(sources: ReadonlyMap<string, Source>): SourceRegistry {
  const all = [...sources.values()];
  const byPath = new Map(all.flatMap((source) => source.paths.map((path) => [path, source] as const)));
  return { find: (name) => sources.get(name), findPath: (path) => byPath.get(path), all: () => all };
}
