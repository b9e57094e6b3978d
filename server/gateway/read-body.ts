import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { isObject, type Json } from '../../language/json.ts';

/** Why a genuine body yields no event. Stable: operators see it in `kait events`. */
export type UnreadableReason =
  'not-json' | 'not-xml' | 'nested-too-deeply' | 'too-many-values' | 'no-items' | 'no-type';

export const bodySchema = z
  .strictObject({
    format: z.enum(['json', 'xml']).default('json').describe('The format of the body, or of the field.'),
    field: z
      .string()
      .min(1)
      .optional()
      .describe('The form field that holds the event: payload. Default: all fields together are the event.'),
    encoding: z.enum(['text', 'base64']).default('text').describe('The encoding of the field.'),
  })
  .prefault({})
  .describe('The format of bodies. Forms are recognized by their content type.');
export type BodyOptions = z.output<typeof bodySchema>;

export type ReadBody = {
  /** The fields of a form. Null: the body is none. */
  form: Json | null;
} & ({ document: Json; unreadable?: undefined } | { document?: undefined; unreadable: UnreadableReason });

/** No gateway comes near; expressions over the event stop at the same depth. */
const depthLimit = 64;
/**
 * Values in one body. Numbers such as 1e20 take up to five times their length when they are written again; with at most
 * this many, a body of 1 MiB stays below the 2 MB that Temporal takes as one payload.
 */
const valueLimit = 50_000;

/**
 * The body as JSON; of a form, the event in one of its fields, or an object of its fields. Bytes that are not UTF-8 become
 * U+FFFD, since a garbled name is a smaller loss than a payment. Never throws.
 */
export function readBody(body: Buffer, contentType: string | undefined, options: BodyOptions): ReadBody {
  const text = body.toString('utf8');
  if (!isForm(contentType)) return { form: null, ...readDocument(text, options.format) };
  const form = formFields(text);
  if (options.field === undefined) return { form, ...limited(form) };
  const field = form[options.field];
  if (field === undefined) return { form, unreadable: 'no-items' };
  const decoded = options.encoding === 'base64' ? Buffer.from(field, 'base64').toString('utf8') : field;
  return { form, ...readDocument(decoded, options.format) };
}

function isForm(contentType: string | undefined): boolean {
  return contentType !== undefined && /^\s*application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType);
}

/** The last of several fields of one name counts, as in PHP. */
function formFields(text: string): Record<string, string> {
  const fields = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(text)) fields.set(name, value);
  return Object.fromEntries(fields);
}

type ReadDocument = { document: Json; unreadable?: undefined } | { document?: undefined; unreadable: UnreadableReason };

function readDocument(text: string, format: BodyOptions['format']): ReadDocument {
  const document = format === 'json' ? parseJson(text) : parseXml(text);
  if (document === undefined) return { unreadable: `not-${format}` };
  return limited(document);
}

function limited(document: Json): ReadDocument {
  const tooLarge = excessOf(document);
  return tooLarge === undefined ? { document } : { unreadable: tooLarge };
}

function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text.startsWith('\uFEFF') ? text.slice(1) : text) as Json; // What parses is JSON.
  } catch {
    return undefined;
  }
}

/** Texts stay texts, and attributes are left out. */
const xml = new XMLParser({ parseTagValue: false, ignoreAttributes: true });

/** An element is an object of its elements, or its text. Undefined where there are none, and where entities are declared. */
function parseXml(text: string): Json | undefined {
  if (/<!DOCTYPE/i.test(text)) return undefined;
  try {
    const document = xml.parse(text) as Json; // Objects, lists and texts.
    return isObject(document) && Object.values(document).some(isObject) ? document : undefined;
  } catch {
    return undefined;
  }
}

/** The recursion is as deep as the limit at most. */
function excessOf(document: Json): UnreadableReason | undefined {
  let values = 0;
  const visit = (value: Json, depth: number): UnreadableReason | undefined => {
    values += 1;
    if (values > valueLimit) return 'too-many-values';
    if (value === null || typeof value !== 'object') return undefined;
    if (depth > depthLimit) return 'nested-too-deeply';
    for (const member of Array.isArray(value) ? value : Object.values(value)) {
      const excess = visit(member, depth + 1);
      if (excess !== undefined) return excess;
    }
    return undefined;
  };
  return visit(document, 1);
}
