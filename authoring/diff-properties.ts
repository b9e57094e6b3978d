import { operatorOf } from '../language/operators/operators.ts';
import type { Json, JsonObject } from '../language/json.ts';
import { rankOf, roleOfItems, roleOfMember, type Role } from './definition-roles.ts';
import { isSame, printChange } from './print-change.ts';
import { printFields, printLogic, printTemplate, type Printing } from './print-logic.ts';

export interface PropertyChange {
  /** `with.amount`, `on.if`, `retry.attempts`, `switch[1].when`. */
  path: string;
  change: 'added' | 'removed' | 'replaced';
  /** The added or removed value, or `old → new`. */
  text: string;
}

/** The differences in one part of a definition, without the steps inside it. Both values must have that role. */
export function diffProperties(before: Json, after: Json, role: Role): PropertyChange[] {
  return diffValues(before, after, role, '');
}

function diffValues(before: Json | undefined, after: Json | undefined, role: Role, path: string): PropertyChange[] {
  if (role === 'steps' && Array.isArray(before) && Array.isArray(after)) return [];
  if (isSame(before, after)) return [];
  if (before === undefined || after === undefined) return [onlyOne(before, after, role, path)];
  if (isOpen(before, role) && isOpen(after, role)) return diffObjects(before, after, role, path);
  if (Array.isArray(before) && Array.isArray(after) && (role === 'cases' || role === 'handlers')) {
    const longer = before.length > after.length ? before : after;
    return longer.flatMap((_item, index) =>
      diffValues(before[index], after[index], roleOfItems(role), `${path}[${index}]`),
    );
  }
  const text = printChange(before, after, (value, printing) => printAs(role, value, printing));
  return [{ path, change: 'replaced', text }];
}

function diffObjects(before: JsonObject, after: JsonObject, role: Role, path: string): PropertyChange[] {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  keys.sort((a, b) => rankOf(role, a) - rankOf(role, b) || 0); // Without ranks the difference is not a number.
  return keys.flatMap((key) => {
    const [old, changed] = [ownMember(before, key), ownMember(after, key)];
    return diffValues(old, changed, roleOfMember(role, key), path === '' ? key : `${path}.${key}`);
  });
}

function onlyOne(before: Json | undefined, after: Json | undefined, role: Role, path: string): PropertyChange {
  const text = printAs(role, before ?? after ?? null, {});
  return { path, change: before === undefined ? 'added' : 'removed', text };
}

/** Whether to compare its members one by one. An expression counts as one value. */
function isOpen(value: Json, role: Role): value is JsonObject {
  if (value === null || typeof value !== 'object' || Array.isArray(value) || role === 'logic') return false;
  return role !== 'template' || operatorOf(value) === undefined;
}

function ownMember(object: JsonObject, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Words such as durations, names and types are printed without quotes, unless they could be taken for an expression. */
function printAs(role: Role, value: Json, printing: Printing): string {
  if (role === 'steps' && Array.isArray(value)) return value.length === 1 ? '1 step' : `${value.length} steps`;
  if (role === 'case' || role === 'handler') return printCase(value);
  if (role === 'logic') return printLogic(value, printing);
  if (role === 'fields' && isOpen(value, role)) return printFields(value, printing);
  const isWord = role !== 'template' && typeof value === 'string' && /^[\w.:/{}-]+$/.test(value);
  return isWord ? value : printTemplate(value, printing);
}

function printCase(value: Json): string {
  if (!isOpen(value, 'case')) return printTemplate(value);
  const { when, errors } = value;
  if (when !== undefined) return printLogic(when);
  return errors === undefined ? 'for any error' : `for ${printTemplate(errors)}`;
}
