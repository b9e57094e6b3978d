/** The value below which `share` (0 to 1) of the values lie, by the nearest rank. Throws where there are none. */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  const value = sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new Error('There is nothing to measure');
  return value;
}

export function median(values: ArrayLike<number>): number {
  return quantile(values, 0.5);
}
