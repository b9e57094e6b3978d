import type { Json } from './json.ts';
import { printable, shortened } from './printable.ts';

/*
 * Forms of values that come from outside a run. Workflow code checks them by hand, because zod would take 0.8 MB in each cached run.
 */

/** Returns what is wrong with a value that `name` names, as a sentence without its full stop, or undefined. */
export type ValueForm = (value: unknown, name: string) => string | undefined;

/** A text of at most `most` UTF-16 code units that the pattern accepts. `what` says so in words. */
export function text(what: string, { most, pattern }: { most: number; pattern?: RegExp }): ValueForm {
  return (value, name) => {
    if (typeof value !== 'string') return expected(name, what, value);
    if (value.length > most) return `${name} has ${value.length} characters; at most ${most} are allowed`;
    return pattern?.test(value) === false ? `${name} must be ${what}` : undefined;
  };
}

export const trueOrFalse: ValueForm = (value, name) =>
  typeof value === 'boolean' ? undefined : expected(name, 'true or false', value);

export const wholeNumber: ValueForm = (value, name) =>
  Number.isSafeInteger(value) ? undefined : expected(name, 'a whole number', value);

export function oneOf(values: readonly string[]): ValueForm {
  const what = values.map((each) => `"${each}"`).join(' or ');
  return (value, name) =>
    typeof value === 'string' && values.includes(value) ? undefined : expected(name, what, value);
}

export function orNull(form: ValueForm): ValueForm {
  return (value, name) => (value === null ? undefined : form(value, name));
}

/** An object with exactly these members. Those of `optional` may be left out. */
export function members(required: Record<string, ValueForm>, optional: Record<string, ValueForm> = {}): ValueForm {
  const forms = new Map(Object.entries({ ...required, ...optional }));
  return (value, name) => {
    if (!isPlainObject(value)) return expected(name, 'an object', value);
    const unknown = Object.keys(value).find((key) => !forms.has(key));
    if (unknown !== undefined) return unknownMember(name, unknown, [...forms.keys()]);
    const missing = Object.keys(required).find((key) => !Object.hasOwn(value, key));
    if (missing !== undefined) return `${inner(name, missing)} is missing`;
    for (const [key, form] of forms) {
      const fault = Object.hasOwn(value, key) ? form(value[key], inner(name, key)) : undefined;
      if (fault !== undefined) return fault;
    }
    return undefined;
  };
}

function unknownMember(name: string, key: string, known: string[]): string {
  return `${name} has the unknown member "${printable(shortened(key, 40))}"; it takes ${known.join(', ')}`;
}

/** Any JSON of at most `most` characters and 64 levels. Stops counting at the limits. */
export function json({ most }: { most: number }): ValueForm {
  return (value, name) => {
    let left = most;
    const fault = (part: unknown, depth: number): string | undefined => {
      if (depth > 64) return `${name} is nested more than 64 levels deep`;
      left -= ownCharacters(part);
      if (left < 0) return `${name} has more than ${most} characters as JSON`;
      if (!isJson(part)) return `${name} must be JSON`;
      if (part === null || typeof part !== 'object') return undefined;
      for (const member of Array.isArray(part) ? part : Object.values(part)) {
        const found = fault(member, depth + 1);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    return fault(value, 0);
  };
}

function ownCharacters(value: unknown): number {
  if (typeof value === 'string') return value.length + 3;
  if (Array.isArray(value)) return value.length + 2;
  if (!isPlainObject(value)) return 5;
  return Object.keys(value).reduce((sum, key) => sum + key.length + 4, 2);
}

/** Whether the value itself is one that JSON has, whatever its members are. Bytes and undefined are not. */
function isJson(value: unknown): value is Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  return Array.isArray(value) || isPlainObject(value);
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function inner(name: string, key: string): string {
  return name.startsWith('"') ? `"${name.slice(1, -1)}.${key}"` : `"${key}"`;
}

function expected(name: string, what: string, value: unknown): string {
  return `${name} must be ${what}, got ${typeInWords(value)}`;
}

function typeInWords(value: unknown): string {
  if (value === undefined) return 'nothing that is JSON';
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (ArrayBuffer.isView(value)) return 'bytes';
  const names: Record<string, string> = {
    string: 'a text',
    number: 'a number',
    boolean: 'true or false',
    object: 'an object',
  };
  return names[typeof value] ?? typeof value;
}
