/**
 * Names with values. A later name hides an earlier one. Immutable: adding creates a new trail that shares the old one, because
 * copying it for each of 500 steps would dominate the time of the check.
 */
export type Trail<Value> = Link<Value> | null;

interface Link<Value> {
  name: string;
  value: Value;
  /** How many links there are up to this one. */
  length: number;
  rest: Trail<Value>;
}

export function extended<Value>(trail: Trail<Value>, name: string, value: Value): Trail<Value> {
  return { name, value, length: lengthOf(trail) + 1, rest: trail };
}

export function valueIn<Value>(trail: Trail<Value>, name: string): Value | undefined {
  for (let link = trail; link !== null; link = link.rest) if (link.name === name) return link.value;
  return undefined;
}

/** The names, each once. */
export function namesIn(trail: Trail<unknown>): string[] {
  return [...new Set(addedSince(trail, null).map(([name]) => name))];
}

/** The entries of `later` that `other` does not share, oldest first. */
export function addedSince<Value>(later: Trail<Value>, other: Trail<Value>): [name: string, value: Value][] {
  const added: [string, Value][] = [];
  let shared = other;
  for (let link = later; link !== null; link = link.rest) {
    while (lengthOf(shared) > link.length) shared = shared?.rest ?? null;
    if (link === shared) break;
    added.push([link.name, link.value]);
  }
  return added.reverse();
}

function lengthOf(trail: Trail<unknown>): number {
  return trail?.length ?? 0;
}
