import { XMLParser } from 'fast-xml-parser';
import { z } from 'zod';
import { charsetOf, decoderOf, withoutUtf16 } from './charset.ts';
import { multipartFields, urlEncodedFields, type FormField } from './form-fields.ts';
import { isObject, type Json } from '../../language/json.ts';
import { parseJson } from '../../language/parse-json.ts';

/**
 * Why a genuine body yields no event. Stable: operators see it in `kait events`. After the colon, it names the part of the id that is
 * missing, the field that comes twice although the preset reads it, or the charset of the content type.
 */
export type UnreadableReason =
  | 'not-json'
  | 'not-xml'
  | 'not-multipart'
  | 'nested-too-deeply'
  | 'too-many-values'
  | 'no-items'
  | 'no-type'
  | `no-id: ${string}`
  | `doubled-field: ${string}`
  | `unknown-charset: ${string}`;

export const bodySchema = z
  .strictObject({
    format: z.enum(['json', 'xml']).default('json').describe('The format of the body, or of the field.'),
    field: z
      .string()
      .min(1)
      .optional()
      .describe('The form field that holds the event: payload. Default: all fields together are the event.'),
    encoding: z.enum(['text', 'base64']).default('text').describe('The encoding of the field.'),
    multipart: z
      .boolean()
      .optional()
      .describe('Whether multipart/form-data is read as a form. Its files are left out. Default: it is rejected.'),
  })
  .prefault({})
  .describe('The format of bodies. Forms are recognized by their content type.');
export type BodyOptions = z.output<typeof bodySchema> & {
  /** The fields of forms that the preset reads. A body that has one of them twice is unreadable. */
  single?: ReadonlySet<string>;
};

export type ReadBody = {
  /** The fields of a form by their names: texts, or lists of texts. Null: the body is none. */
  form: Json | null;
  /** The values of fields that are not UTF-8. */
  formBytes?: ReadonlyMap<string, Buffer>;
  /** How many files of a multipart form were left out. */
  files?: number;
} & ReadDocument;

/** No gateway comes near; expressions over the event stop at the same depth. */
const depthLimit = 64;
/**
 * Values in one body. Numbers such as 1e15 take up to four times their length when they are written again; with at most
 * this many, a body of 1 MiB stays below the 2 MB that Temporal takes as one payload.
 */
const valueLimit = 50_000;

/**
 * The body as JSON; of a form, the event in one of its fields, or an object of its fields. Texts are decoded as
 * {@link decoderOf} says. Never throws.
 */
export function readBody(body: Buffer, contentType: string | undefined, options: BodyOptions): ReadBody {
  const charset = charsetOf(contentType);
  if (charset.unknown !== null) return { form: null, unreadable: `unknown-charset: ${charset.unknown}` };
  const decode = decoderOf(charset.charset);
  const bytes = withoutUtf16(body, charset.charset);
  if (isType('application/x-www-form-urlencoded', contentType) && !isJson(decode(bytes), options)) {
    return readForm(urlEncodedFields(bytes, decode), options);
  }
  if (options.multipart !== true || !isType('multipart/form-data', contentType)) {
    return { form: null, ...readDocument(decode(bytes), options.format) };
  }
  const multipart = multipartFields(bytes, contentType ?? '', decode);
  if (multipart === undefined) return { form: null, unreadable: 'not-multipart' };
  const read = readForm(multipart.fields, options);
  return multipart.files === 0 ? read : { ...read, files: multipart.files };
}

/** What is JSON is no form, because the content type is not signed: under another one, the same webhook would become another event. */
function isJson(text: string, { format }: BodyOptions): boolean {
  return format === 'json' && /^\s*[[{]/.test(text) && parseDocument(text) !== undefined;
}

function isType(type: string, contentType: string | undefined): boolean {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === type;
}

function readForm(fields: readonly FormField[], options: BodyOptions): ReadBody {
  const values = valuesOf(fields);
  const notUtf8 = new Map(fields.flatMap(({ name, bytes }) => (bytes === null ? [] : [[name, bytes] as const])));
  const form = {
    form: Object.fromEntries([...values].map(([name, texts]) => [name, valueOf(name, texts)])),
    ...(notUtf8.size === 0 ? {} : { formBytes: notUtf8 }),
  };
  // One of the values is signed or asked for, and another one would be read.
  const doubled = [...(options.single ?? [])].find((name) => (values.get(name)?.length ?? 0) > 1);
  if (doubled !== undefined) return { ...form, unreadable: `doubled-field: ${doubled}` };
  if (options.field === undefined) return { ...form, ...limited(form.form) };
  const [field] = values.get(options.field) ?? [];
  if (field === undefined) return { ...form, unreadable: 'no-items' };
  const decoded = options.encoding === 'base64' ? Buffer.from(field, 'base64').toString('utf8') : field;
  return { ...form, ...readDocument(decoded.replace(/^\uFEFF/, ''), options.format) };
}

function valuesOf(fields: readonly FormField[]): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const { name, text } of fields) {
    const texts = values.get(name);
    if (texts === undefined) values.set(name, [text]);
    else texts.push(text);
  }
  return values;
}

/**
 * Names stay as they are sent, `items[0][name]` too: objects made of them could hold a field that no selector has read, under
 * the name of one that was signed. A name with `[]` at its end always has a list, others only if they come more than once.
 */
function valueOf(name: string, texts: string[]): Json {
  const [only] = texts;
  return only !== undefined && texts.length === 1 && !name.endsWith('[]') ? only : texts;
}

type ReadDocument = { document: Json; unreadable?: undefined } | { document?: undefined; unreadable: UnreadableReason };

function readDocument(text: string, format: BodyOptions['format']): ReadDocument {
  const document = format === 'json' ? parseDocument(text) : parseXml(text);
  if (document === undefined) return { unreadable: `not-${format}` };
  return limited(document);
}

function limited(document: Json): ReadDocument {
  const tooLarge = excessOf(document);
  return tooLarge === undefined ? { document } : { unreadable: tooLarge };
}

function parseDocument(text: string): Json | undefined {
  try {
    return parseJson(text);
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
