import { listNameOf, type PlacedStep } from './placed-steps.ts';

/**
 * Ids of the steps that have not moved: those that stand in the same list as before, and of these the most that are still in
 * the same order, so that one step that was put elsewhere is one that moved and not all that it passed.
 */
export function stayingIds(
  before: ReadonlyMap<string, PlacedStep>,
  after: ReadonlyMap<string, PlacedStep>,
): ReadonlySet<string> {
  const staying = new Set<string>();
  for (const siblings of new Set([...after.values()].map((place) => place.siblings))) {
    const positions = siblings.flatMap((id) => {
      const [then, now] = [before.get(id), after.get(id)];
      if (then === undefined || now === undefined || listNameOf(then) !== listNameOf(now)) return [];
      return [{ id, position: then.siblings.indexOf(id) }];
    });
    for (const { id } of longestIncreasing(positions)) staying.add(id);
  }
  return staying;
}

/** The longest part whose positions increase, by keeping for each item the best chain that ends with it. */
function longestIncreasing<Item extends { position: number }>(items: Item[]): Item[] {
  const chains: { item: Item; length: number; previous: number }[] = [];
  for (const item of items) {
    let previous = -1;
    for (const [index, chain] of chains.entries()) {
      const isBetter = chain.item.position < item.position && chain.length > (chains[previous]?.length ?? 0);
      if (isBetter) previous = index;
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
