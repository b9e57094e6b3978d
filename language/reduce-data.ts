import type { DataReferences } from './data-references.ts';
import type { Json, JsonObject } from './json.ts';

const arrayIndex = /^(?:0|[1-9][0-9]{0,9})$/;

/**
 * Reduces a value to the parts that are referred to. Following a path of `references` in it finds the same value as in the whole, or
 * ends at the same part of the path. Items of a list that nobody refers to become null, so that the others keep their positions. What
 * only has to be there, because a path leads through it, becomes empty.
 */
export function reduceData(value: Json, references: DataReferences): Json {
  if (references.whole) return value;
  if (value === null || typeof value !== 'object') return typeof value === 'string' ? '' : value;
  return Array.isArray(value) ? reduceList(value, references) : reduceObject(value, references);
}

function reduceList(list: Json[], { members }: DataReferences): Json[] {
  const kept: Json[] = [];
  for (const [part, below] of members) {
    const index = arrayIndex.test(part) ? Number(part) : list.length;
    const item = list[index];
    if (item === undefined) continue;
    while (kept.length < index) kept.push(null);
    kept[index] = reduceData(item, below);
  }
  return kept;
}

/** `fromEntries` defines own members, so that a key such as `__proto__` is an ordinary key. */
function reduceObject(object: JsonObject, { members }: DataReferences): Json {
  return Object.fromEntries(
    [...members].flatMap(([part, below]) => {
      const member = Object.hasOwn(object, part) ? object[part] : undefined;
      return member === undefined ? [] : [[part, reduceData(member, below)]];
    }),
  );
}
