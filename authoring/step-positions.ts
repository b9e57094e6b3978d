import type { Definition, Step } from '../language/definition.ts';
import { branchesOf, listsOf } from '../language/verbs.ts';

/** Where a step stands in a definition. */
export interface StepPosition {
  step: Step;
  parent: StepPosition | null;
  /** The name of the list in its parent: `then`, `case 2`, `onTimeout`. Empty for the definition's `steps`. */
  branch: string;
  /** Ids of all steps in that list, in order. */
  siblings: string[];
}

/** The position of every step, by its id, in the order in which they are written. */
export function positionsOf(
  definition: Pick<Definition, 'steps' | 'onTimeout' | 'afterUndo'>,
): Map<string, StepPosition> {
  const positions = new Map<string, StepPosition>();
  const visit = (list: Step[], parent: StepPosition | null, branch: string): void => {
    const siblings = list.map(({ id }) => id);
    for (const step of list) {
      const position: StepPosition = { step, parent, branch, siblings };
      positions.set(step.id, position);
      for (const { label, steps: inner } of branchesOf(step)) visit(inner, position, label);
    }
  };
  for (const { label, steps } of listsOf(definition)) visit(steps, null, label === 'steps' ? '' : label);
  return positions;
}

/** `notify / parallel`, `afterUndo`; null for the definition's `steps`. */
export function listNameOf({ parent, branch }: StepPosition): string | null {
  if (parent === null) return branch === '' ? null : branch;
  return `${parent.step.id} / ${branch}`;
}

/**
 * Ids of the steps that have not moved: those still in the same list, and among them the longest part that kept its order. So
 * a step that was put elsewhere counts as moved, and the steps that it passed do not.
 */
export function stayingIds(
  before: ReadonlyMap<string, StepPosition>,
  after: ReadonlyMap<string, StepPosition>,
): ReadonlySet<string> {
  const staying = new Set<string>();
  for (const siblings of new Set([...after.values()].map((position) => position.siblings))) {
    const shared = siblings.flatMap((id) => {
      const [then, now] = [before.get(id), after.get(id)];
      if (then === undefined || now === undefined || listNameOf(then) !== listNameOf(now)) return [];
      return [{ id, index: then.siblings.indexOf(id) }];
    });
    for (const { id } of longestIncreasing(shared)) staying.add(id);
  }
  return staying;
}

/** The longest subsequence whose indices increase, found by keeping for each item the best chain that ends with it. */
function longestIncreasing<Item extends { index: number }>(items: Item[]): Item[] {
  const chains: { item: Item; length: number; previous: number }[] = [];
  for (const item of items) {
    let previous = -1;
    for (const [at, chain] of chains.entries()) {
      const isBetter = chain.item.index < item.index && chain.length > (chains[previous]?.length ?? 0);
      if (isBetter) previous = at;
    }
    chains.push({ item, length: (chains[previous]?.length ?? 0) + 1, previous });
  }
  const longest = Math.max(0, ...chains.map(({ length }) => length));
  const result: Item[] = [];
  let chain = chains.find(({ length }) => length === longest);
  while (chain !== undefined) {
    result.unshift(chain.item);
    chain = chains[chain.previous];
  }
  return result;
}
