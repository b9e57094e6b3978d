import type { Definition, RunInput } from './definition.ts';
import { stepsOf } from './plan.ts';

/** A definition and the hash by which runs are pinned to it. */
export type PinnedDefinition = NonNullable<RunInput['children']>[string];

/**
 * The definitions that a run may start through `run` steps, directly or through other definitions, by name. Names that are
 * missing in `all` are left out: the checker has reported them.
 */
export function childrenOf(
  definition: Definition,
  all: ReadonlyMap<string, PinnedDefinition>,
): Record<string, PinnedDefinition> {
  const children: Record<string, PinnedDefinition> = {};
  const open = namesRunBy(definition);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const child = all.get(name);
    if (child === undefined || Object.hasOwn(children, name)) continue;
    children[name] = { definition: child.definition, definitionHash: child.definitionHash };
    open.push(...namesRunBy(child.definition));
  }
  return children;
}

/** The names of the definitions that a definition's own steps run. */
export function namesRunBy(definition: Definition): string[] {
  return stepsOf(definition).flatMap((step) => ('run' in step ? [step.run] : []));
}

/**
 * Definitions that run each other in a circle, which would start runs endlessly. Each circle is listed once and begins with
 * its first name in alphabetical order: `[["a", "b"]]` if a runs b and b runs a.
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
