import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { digitsOf } from './decimal.ts';

/** What a selector reads: a text, or the body's undecoded bytes. */
export type Chunk = string | Buffer;

/** Filters of a selector: `json:/currency | upper`. Undefined: the text does not have the form that the filter expects. */
export const filters = {
  lower: (chunk) => String(chunk).toLowerCase(),
  upper: (chunk) => String(chunk).toUpperCase(),
  sha256hex: (chunk) => createHash('sha256').update(chunk).digest('hex'),
  sha256b64: (chunk) => createHash('sha256').update(chunk).digest('base64'),
  crc32: (chunk) => String(crc32(chunk)),
  minify: (chunk) => minifyJson(Buffer.from(chunk)),
  base64: (chunk) => Buffer.from(chunk).toString('base64'),
  uri: (chunk) => encodeURIComponent(String(chunk).replace(/\p{Surrogate}/gu, '\uFFFD')),
  basename: (chunk) => /[^/]+(?=\/*$)/.exec(String(chunk))?.[0],
  bearer: (chunk) => /^Bearer +(\S+)$/i.exec(String(chunk))?.[1],
  basic: (chunk) => decodeBasic(String(chunk)),
  decimal: (chunk) => plainDecimal(String(chunk)),
  abs: (chunk) => String(chunk).replace(/^-(?=\d)/, ''),
  jwspayload: (chunk) => /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(String(chunk))?.[1],
} satisfies Record<string, (chunk: Chunk) => Chunk | undefined>;
export type Filter = keyof typeof filters;

/** The inverses of `bearer` and `basic`, for writing headers. */
export const inverses: Partial<Record<Filter, (text: string) => string>> = {
  bearer: (text) => `Bearer ${text}`,
  basic: (text) => `Basic ${Buffer.from(text).toString('base64')}`,
};

/** `user:password` (RFC 7617). Undefined if it is not canonical base64. */
function decodeBasic(text: string): string | undefined {
  const [, encoded = ''] = /^Basic +(\S+)$/i.exec(text) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  return encoded !== '' && bytes.toString('base64') === encoded ? bytes.toString('utf8') : undefined;
}

/** One text for each number, for ids: `5.950` and `05.95` are `5.95`, and `0.00` is `0`. Undefined if it is not a plain decimal. */
function plainDecimal(text: string): string | undefined {
  const parts = digitsOf(text);
  if (parts === undefined) return undefined;
  const digits = parts.fraction.replace(/0+$/, '');
  return `${parts.whole.replace(/^0+(?=\d)/, '')}${digits === '' ? '' : `.${digits}`}`;
}

const quote = 0x22;
const backslash = 0x5c;
const whiteSpace = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** Leaves out the white space outside of strings, and nothing else: numbers and escapes stay as they are written. */
function minifyJson(body: Buffer): Buffer {
  const kept = Buffer.alloc(body.length);
  let length = 0;
  let inString = false;
  let escaped = false;
  for (const byte of body) {
    if (!inString && whiteSpace.has(byte)) continue;
    if (inString && !escaped && byte === quote) inString = false;
    else if (!inString && byte === quote) inString = true;
    escaped = inString && !escaped && byte === backslash;
    kept[length++] = byte;
  }
  return kept.subarray(0, length);
}
