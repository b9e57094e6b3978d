import { allSteps } from './all-steps.ts';
import type { Definition, RunInput } from './definition.ts';

/** A definition and the hash by which runs are pinned to it. */
export type PinnedDefinition = NonNullable<RunInput['children']>[string];

/**
 * What a run of the definition may start by its `run` steps, theirs included, out of `all` by name. Names that are not there
 * are left out: the checker has refused them.
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
export function namesRunBy({ steps }: Definition): string[] {
  return allSteps(steps).flatMap((step) => ('run' in step ? [step.run] : []));
}
