import type { Json } from '../../language/json.ts';

/** RFC 6901: empty, or parts that each begin with `/`, in which `~` is followed by 0 or 1. */
export const pointerPattern = /^(?:\/(?:[^/~]|~[01])*)*$/;

const arrayIndex = /^(?:0|[1-9][0-9]{0,9})$/;

/** `/data/a~1b` is `["data", "a/b"]`; the empty pointer, which names the whole document, is `[]`. */
export function parsePointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a pointer, through own members and array items only. Undefined where there is nothing. */
export function valueAt(value: Json | undefined, parts: readonly string[]): Json | undefined {
  let found = value;
  for (const part of parts) {
    found = member(found, part);
    if (found === undefined) return undefined;
  }
  return found;
}

function member(value: Json | undefined, part: string): Json | undefined {
  if (Array.isArray(value)) return arrayIndex.test(part) ? value[Number(part)] : undefined;
  if (value === null || typeof value !== 'object') return undefined;
  return Object.hasOwn(value, part) ? value[part] : undefined;
}
