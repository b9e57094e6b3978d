import type { Json } from '../../language/json.ts';
import { valueAt } from './json-pointer.ts';

/** A JSON pointer whose parts may also be `*` or `**`, but which does not end with one of them. */
export const redactionPattern = /^(?:\/(?:[^/~]|~[01])+)*\/(?!\*{1,2}$)(?:[^/~]|~[01])+$/;

/**
 * Removes from `value`, in place, what the path names; `*` stands for any one name or index, `**` for any path, the empty
 * one too. Items of a list become null, so that the others keep their places. Recurses as deep as the value is nested.
 */
export function redact(value: Json, path: readonly string[]): void {
  const [part, ...rest] = path;
  if (part === undefined || value === null || typeof value !== 'object') return;
  if (part === '**') redact(value, rest);
  if (part === '**' || part === '*') {
    for (const member of Object.values(value)) redact(member, part === '**' ? path : rest);
    return;
  }
  const member = valueAt(value, [part]);
  if (member === undefined) return;
  if (rest.length > 0) redact(member, rest);
  else if (Array.isArray(value)) value[Number(part)] = null;
  else Reflect.deleteProperty(value, part);
}
