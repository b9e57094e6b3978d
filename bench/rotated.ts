/** The items from the `turn`-th on, those before it last: so that each comes first as often as the others do. */
export function rotated<Item>(items: readonly Item[], turn: number): Item[] {
  const first = turn % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}
