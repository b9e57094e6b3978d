import { createRequire } from 'node:module';
import type * as fastXmlParser from 'fast-xml-parser';
import { z } from 'zod';
import { charsetOf, decoderOf, withoutUtf16 } from './charset.ts';
import { multipartFields, urlEncodedFields, type FormField } from './form-fields.ts';
import { once } from '../../lazy-map.ts';
import { isObject, type Json } from '../../language/json.ts';
import { parseJson } from '../../language/parse-json.ts';

/**
 * Why a genuine body yields no event. Stable: operators see it in `kait events`. After the colon, it names the part of the id that is
 * missing, the field that comes twice although the preset reads it, or the charset of the content type. `too-complex` stands only in
 * views of unverified requests.
 */
export type UnreadableReason =
  | 'not-json'
  | 'not-xml'
  | 'not-multipart'
  | 'nested-too-deeply'
  | 'too-many-values'
  | 'too-complex'
  | 'no-items'
  | 'too-many-events'
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
    unverifiedValues: z
      .int()
      .min(1)
      .max(20_000)
      .optional()
      .describe(
        'The most values of a body of JSON whose fields are signed. Such a body is parsed before anybody knows who has sent it. Default: 4000.',
      ),
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

/** The body's form, whose values are decoded one by one when they are read. */
export interface ReadForm {
  /** The values of each field by their names. Null: the body is no form. */
  fields: ReadonlyMap<string, FormField[]> | null;
  /** How many files of a multipart form were left out. */
  files?: number;
  /** Why the form yields no event, whatever its fields hold. */
  unreadable?: UnreadableReason;
  /** The body if it is JSON although it is said to be a form. */
  json?: Json;
}

export type ReadBody = {
  /** The fields of a form by their names: texts, or lists of texts. Null: the body is none. */
  form: Json | null;
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
 * {@link decoderOf} says. Never throws. `form` is what {@link readForm} has read of the same body.
 */
export function readBody(
  body: Buffer,
  contentType: string | undefined,
  options: BodyOptions,
  form: ReadForm = readForm(body, contentType, options),
): ReadBody {
  const { fields, files, unreadable, json } = form;
  if (fields === null && unreadable !== undefined) return { form: null, unreadable };
  if (json !== undefined) return { form: null, ...limited(json) };
  if (fields === null) return { form: null, ...readDocument(textOf(body, contentType), options.format) };
  const values = Object.fromEntries([...fields].map(([name, own]) => [name, valueOf(name, own)]));
  const read = { form: values, ...(files === undefined ? {} : { files }) };
  return unreadable === undefined ? { ...read, ...eventIn(fields, values, options) } : { ...read, unreadable };
}

/** The fields of a form. What is JSON is no form, because the content type is not signed: under another one, the same webhook would become another event. */
export function readForm(body: Buffer, contentType: string | undefined, options: BodyOptions): ReadForm {
  const charset = charsetOf(contentType);
  if (charset.unknown !== null) return { fields: null, unreadable: `unknown-charset: ${charset.unknown}` };
  const decode = decoderOf(charset.charset);
  const bytes = withoutUtf16(body, charset.charset);
  if (isType('application/x-www-form-urlencoded', contentType)) {
    const json = mayBeJson(bytes, options) ? parseDocument(decode(bytes)) : undefined;
    return json === undefined ? formOf(urlEncodedFields(bytes, decode), options) : { fields: null, json };
  }
  if (options.multipart !== true || !isType('multipart/form-data', contentType)) return { fields: null };
  const multipart = multipartFields(bytes, contentType ?? '', decode);
  if (multipart === undefined) return { fields: null, unreadable: 'not-multipart' };
  const form = formOf(multipart.fields, options);
  return multipart.files === 0 ? form : { ...form, files: multipart.files };
}

/** Whether the body of a form begins as JSON does. */
export function mayBeJson(bytes: Buffer, { format }: Pick<BodyOptions, 'format'>): boolean {
  if (format !== 'json') return false;
  let at = 0;
  while (isWhiteSpace(bytes[at])) at += 1;
  return bytes[at] === 0x7b || bytes[at] === 0x5b;
}

/** What `JSON.parse` skips. */
function isWhiteSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

export function isType(type: string, contentType: string | undefined): boolean {
  return contentType?.split(';', 1)[0]?.trim().toLowerCase() === type;
}

function textOf(body: Buffer, contentType: string | undefined): string {
  const { charset = 'utf-8' } = charsetOf(contentType) as { charset?: string }; // An unknown one is no document.
  return decoderOf(charset)(withoutUtf16(body, charset));
}

function formOf(all: readonly FormField[], options: BodyOptions): ReadForm {
  const fields = new Map<string, FormField[]>();
  for (const field of all) {
    const own = fields.get(field.name);
    if (own === undefined) fields.set(field.name, [field]);
    else own.push(field);
  }
  // One of the values is signed or asked for, and another one would be read.
  const doubled = [...(options.single ?? [])].find((name) => (fields.get(name)?.length ?? 0) > 1);
  return doubled === undefined ? { fields } : { fields, unreadable: `doubled-field: ${doubled}` };
}

function eventIn(
  fields: NonNullable<ReadForm['fields']>,
  values: Json,
  { field, encoding, format }: BodyOptions,
): ReadDocument {
  if (field === undefined) return limited(values);
  const [own] = fields.get(field) ?? [];
  if (own === undefined) return { unreadable: 'no-items' };
  const text = own.decode(own.bytes);
  const decoded = encoding === 'base64' ? Buffer.from(text, 'base64').toString('utf8') : text;
  return readDocument(decoded.replace(/^\uFEFF/, ''), format);
}

/**
 * The value of a form's field. Names stay as they are sent, `items[0][name]` too: objects made of them could hold a field that no
 * selector has read, under the name of one that was signed. A name with `[]` at its end always has a list, others only if they come
 * more than once.
 */
export function valueOf(name: string, fields: readonly FormField[]): Json {
  const texts = fields.map(({ bytes, decode }) => decode(bytes));
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
/** Loaded when used: few gateways send XML. */
const xmlParser = once(() => {
  const { XMLParser } = createRequire(import.meta.url)('fast-xml-parser') as typeof fastXmlParser;
  return new XMLParser({ parseTagValue: false, ignoreAttributes: true });
});

/** An element is an object of its elements, or its text. Undefined where there are none, and where entities are declared. */
function parseXml(text: string): Json | undefined {
  if (/<!DOCTYPE/i.test(text)) return undefined;
  try {
    const document = xmlParser().parse(text) as Json; // Objects, lists and texts.
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
