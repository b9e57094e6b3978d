/**
 * Compares what is there with what should be, by key. `what` names one of them. `wanted` must be there once; what else is
 * `possible` may be there once.
 */
export function expectOneEach(
  what: string,
  present: string[],
  wanted: string[],
  possible: string[] = wanted,
): string[] {
  const counts = countByKey(present);
  const allowed = new Set(possible);
  return [
    ...wanted.filter((key) => !counts.has(key)).map((key) => `${key}: no ${what}`),
    ...[...counts].filter(([, count]) => count > 1).map(([key, count]) => `${key}: ${what} ${count} times`),
    ...[...counts.keys()].filter((key) => !allowed.has(key)).map((key) => `${key}: ${what} of nothing that was sent`),
  ];
}

export function countByKey(keys: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
