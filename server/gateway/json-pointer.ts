import { isObject, type Json, type JsonObject } from '../../language/json.ts';

/** RFC 6901: empty, or parts that each begin with `/`, in which `~` is followed by 0 or 1. */
export const pointerPattern = /^(?:\/(?:[^/~]|~[01])*)*$/;

/** A JSON pointer whose parts may also be `*` or `**`, but not the last one. */
export const redactionPattern = /^(?:\/(?:[^/~]|~[01])+)*\/(?!\*{1,2}$)(?:[^/~]|~[01])+$/;

const arrayIndex = /^(?:0|[1-9][0-9]{0,9})$/;

/** `/data/a~1b` is `["data", "a/b"]`. The empty pointer, which names the whole document, is `[]`. */
export function parsePointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value at a pointer, through own members and array items only. `-1` is the last item. Undefined if there is none. */
export function valueAt(value: Json | undefined, parts: readonly string[]): Json | undefined {
  let found = value;
  for (const part of parts) {
    found = memberOf(found, part);
    if (found === undefined) return undefined;
  }
  return found;
}

/** The value with another one at a pointer. The value itself is not changed, and is the result if it has nothing there. */
export function replaceAt(value: Json, [part, ...rest]: readonly string[], replacement: Json): Json {
  if (part === undefined) return replacement;
  const member = memberOf(value, part);
  if (member === undefined || value === null || typeof value !== 'object') return value;
  return withMember(value, part, replaceAt(member, rest, replacement));
}

/**
 * The value without what the path names. `*` matches any one name or index, `**` any path, even an empty one. Items of a list
 * become null, so that the others keep their indexes. The value itself is not changed: parts without a match are shared with
 * the result. Recurses as deep as the value is nested.
 */
export function redact(value: Json, path: readonly string[]): Json {
  return redactFrom(value, path, 0);
}

/** `next` is the index of the first part that counts. */
function redactFrom(value: Json, path: readonly string[], next: number): Json {
  const part = path[next];
  if (part === undefined || value === null || typeof value !== 'object') return value;
  if (part === '**') return redactMembers(redactFrom(value, path, next + 1), path, next);
  if (part === '*') return redactMembers(value, path, next + 1);
  const member = memberOf(value, part);
  if (member === undefined) return value;
  if (next + 1 < path.length) return withMember(value, part, redactFrom(member, path, next + 1));
  return withMember(value, part, Array.isArray(value) ? null : undefined);
}

function memberOf(value: Json | undefined, part: string): Json | undefined {
  if (Array.isArray(value))
    return part === '-1' ? value.at(-1) : arrayIndex.test(part) ? value[Number(part)] : undefined;
  if (!isObject(value)) return undefined;
  return Object.hasOwn(value, part) ? value[part] : undefined;
}

/** The value itself if no member changes, which is usual: so nothing is made before one does. */
function redactMembers(value: Json, path: readonly string[], next: number): Json {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) {
    let items: Json[] | undefined;
    for (const [index, item] of value.entries()) {
      const redacted = redactFrom(item, path, next);
      if (redacted !== item) (items ??= [...value])[index] = redacted;
    }
    return items ?? value;
  }
  let copy: JsonObject | undefined;
  for (const name of Object.keys(value)) {
    const member = value[name] ?? null;
    const redacted = redactFrom(member, path, next);
    if (redacted !== member) setOwn((copy ??= { ...value }), name, redacted);
  }
  return copy ?? value;
}

/** A copy with one member replaced, or removed if `member` is undefined. The value itself if nothing changes. */
function withMember(value: Json[] | JsonObject, name: string, member: Json | undefined): Json {
  if (memberOf(value, name) === member) return value;
  if (Array.isArray(value)) {
    const replaced = name === '-1' ? value.length - 1 : Number(name);
    return value.map((item, index) => (index === replaced ? (member ?? null) : item));
  }
  const copy = { ...value };
  if (member === undefined) Reflect.deleteProperty(copy, name);
  else setOwn(copy, name, member);
  return copy;
}

/** An assignment to `__proto__` would change the prototype. */
function setOwn(value: JsonObject, name: string, member: Json): void {
  if (name === '__proto__')
    Object.defineProperty(value, name, { value: member, enumerable: true, writable: true, configurable: true });
  else value[name] = member;
}
