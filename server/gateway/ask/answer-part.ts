import { isObject, type Json } from '../../../language/json.ts';
import { valueAt } from '../json-pointer.ts';

/**
 * What a pointer names in an answer; a part `*` stands for the only member of an object or a list. Undefined where there is
 * nothing, or several for a `*`.
 */
export function partOf(document: Json | undefined, parts: readonly string[]): Json | undefined {
  let found = document;
  for (const part of parts) found = part === '*' ? onlyMember(found) : valueAt(found, [part]);
  return found;
}

function onlyMember(value: Json | undefined): Json | undefined {
  if (!isObject(value) && !Array.isArray(value)) return undefined;
  const members = Object.values(value);
  return members.length === 1 ? members[0] : undefined;
}
