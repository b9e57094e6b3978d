import { z } from 'zod';
import type { Json, JsonObject } from '../../language/json.ts';

/** Functions that rewrite a body's fields as text, by the form's name. They return undefined if the body has no fields. */
export type CanonicalForms = ReadonlyMap<string, (document: Json | undefined) => string | undefined>;

const names = z.array(z.string().min(1)).default([]);

export const canonicalSchema = z
  .strictObject({
    drop: names.describe('Fields to leave out, such as the signature itself.'),
    integers: names.describe('Fields to write as integers.'),
    zeroOne: names.describe('Fields to write as 0 or 1.'),
    lists: names.describe('Fields to write as lists: [] if they are missing or not a list.'),
    escape: z
      .enum(['php', 'slashes', 'none'])
      .describe('php: \\/ for a slash and \\uXXXX beyond ASCII, like PHP’s json_encode. slashes: only \\/.'),
  })
  .describe('The body’s fields written as JSON, sorted by the bytes of their names.');
export type CanonicalOptions = z.output<typeof canonicalSchema>;

/** For gateways that sign neither the body's bytes nor a text of some fields, but JSON that they rebuild from the body. */
export function compileCanonicalForms(options: Record<string, CanonicalOptions>): CanonicalForms {
  return new Map(
    Object.entries(options).map(([name, form]) => [name, (document) => canonicalText(document, form)] as const),
  );
}

function canonicalText(document: Json | undefined, options: CanonicalOptions): string | undefined {
  if (document === undefined || document === null || typeof document !== 'object' || Array.isArray(document)) return;
  const fields = new Map(Object.entries(document).filter(([name]) => !options.drop.includes(name)));
  // A list stays one: as 0, it would have the signature of another body.
  const isScalar = (name: string) => fields.has(name) && !Array.isArray(fields.get(name));
  const integers = new Map(
    options.integers.filter(isScalar).map((name) => [name, integerText(fields.get(name))] as const),
  );
  for (const name of options.zeroOne) if (isScalar(name)) fields.set(name, truthy(fields.get(name)) ? 1 : 0);
  for (const name of options.lists) fields.set(name, listOf(fields.get(name)));
  const keyed = [...fields].map((field) => ({ field, bytes: Buffer.from(field[0]) }));
  const sorted = keyed.sort((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ field }) => field);
  // Joined by hand, because an object would put numeric names first.
  const members = sorted.map(
    ([name, value]) => `${JSON.stringify(name)}:${integers.get(name) ?? JSON.stringify(value)}`,
  );
  return escapeText(`{${members.join(',')}}`, options.escape);
}

/** Converts as PHP's `(int)` does: a text counts as the digits that it begins with, all of them, for they are signed. */
function integerText(value: Json | undefined): string {
  if (typeof value === 'number') return String(Math.trunc(value) + 0);
  if (typeof value === 'boolean') return value ? '1' : '0';
  const [, sign = '', digits = '0'] = (typeof value === 'string' ? /^\s*([+-]?)0*(\d+)/.exec(value) : null) ?? [];
  return sign === '-' && digits !== '0' ? `-${digits}` : digits;
}

function truthy(value: Json | undefined): boolean {
  return value === true || value === 'true' || integerText(value) !== '0';
}

/** In a form, a list is written as JSON text. */
function listOf(value: Json | undefined): Json[] | JsonObject {
  if (typeof value === 'string') {
    try {
      const parsed = JSON.parse(value) as Json;
      return parsed !== null && typeof parsed === 'object' ? parsed : [];
    } catch {
      return [];
    }
  }
  return value !== null && typeof value === 'object' ? value : [];
}

function escapeText(text: string, escape: CanonicalOptions['escape']): string {
  const slashed = escape === 'none' ? text : text.replaceAll('/', '\\/');
  return escape === 'php' ? slashed.replace(/[\u0080-\uffff]/g, escapedUnit) : slashed;
}

function escapedUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
