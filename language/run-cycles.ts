import type { Definition } from './definition.ts';
import { namesRunBy } from './run-children.ts';

/**
 * Definitions that run each other in a circle, each circle once, from the name that comes first: `[["a", "b"]]` where a runs b
 * and b runs a. Such a circle would start runs without end.
 */
export function runCycles(definitions: readonly Definition[]): string[][] {
  const targets = new Map(definitions.map((definition) => [definition.name, [...new Set(namesRunBy(definition))]]));
  const cycles: string[][] = [];
  const finished = new Set<string>();

  function visit(name: string, way: string[]): void {
    const start = way.indexOf(name);
    if (start >= 0) cycles.push(way.slice(start));
    if (start >= 0 || finished.has(name)) return;
    for (const target of targets.get(name) ?? []) visit(target, [...way, name]);
    finished.add(name);
  }

  for (const name of [...targets.keys()].sort()) visit(name, []);
  return cycles;
}
