import type { Json } from '../json.ts';

/** What a path of zod's leads to, own members only; undefined where there is nothing. */
export function valueAt(value: Json, path: readonly PropertyKey[]): Json | undefined {
  let current: Json | undefined = value;
  for (const key of path) {
    if (current === null || typeof current !== 'object') return undefined;
    current = Object.hasOwn(current, key) ? (current as Record<PropertyKey, Json>)[key] : undefined;
  }
  return current;
}
