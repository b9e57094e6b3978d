/** The items from number `turn` on, then those before it, so that each comes first equally often. */
export function rotated<Item>(items: readonly Item[], turn: number): Item[] {
  const first = turn % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}

/** The value below which `share` (0 to 1) of the values lie, by nearest rank. Throws if there are no values. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new Error('There is nothing to measure');
  return value;
}

/** The mean of the values and two standard errors of it: `0.84 ± 0.03`. */
export function meanWithError(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
  return `${mean.toFixed(2)} ± ${(2 * Math.sqrt(variance / values.length)).toFixed(2)}`;
}
