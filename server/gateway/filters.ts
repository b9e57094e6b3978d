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
  minify: (chunk) => minifyJson(typeof chunk === 'string' ? Buffer.from(chunk) : chunk),
  base64: (chunk) => Buffer.from(chunk).toString('base64'),
  uri: (chunk) => encodeURIComponent(String(chunk).replace(/\p{Surrogate}/gu, '\uFFFD')),
  basename: (chunk) => lastSegment(String(chunk)),
  bearer: (chunk) => /^Bearer +(\S+)$/i.exec(String(chunk))?.[1],
  basic: (chunk) => decodeBasic(String(chunk)),
  decimal: (chunk) => plainDecimal(String(chunk)),
  abs: (chunk) => String(chunk).replace(/^-(?=\d)/, ''),
  jwspayload: (chunk) => /^[\w-]+\.([\w-]+)\.[\w-]+$/.exec(String(chunk))?.[1],
} satisfies Record<string, (chunk: Chunk) => Chunk | undefined>;
export type Filter = keyof typeof filters;

/** A regular expression would try again from each character of a long segment that is not the last. */
function lastSegment(path: string): string | undefined {
  return path.split('/').findLast((segment) => segment !== '');
}

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

const codes = { quote: 0x22, backslash: 0x5c };

/** Bytes. Minified bodies of gateways have some 2 kB. Writing a large one again takes several times as long as hashing it. */
const mostMinified = 256 * 1024;

/**
 * Leaves out the white space outside of strings, and nothing else: numbers and escapes stay as they are written. One simple loop,
 * because it runs over bodies that nobody has signed. Undefined if the body is too large for that.
 */
function minifyJson(body: Buffer): Buffer | undefined {
  if (body.length > mostMinified) return undefined;
  const kept = Buffer.allocUnsafe(body.length);
  let length = 0;
  let inString = false;
  for (let at = 0; at < body.length; at += 1) {
    const byte = body[at] ?? 0;
    if (!inString && (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09)) continue;
    if (byte === codes.quote) inString = !inString;
    kept[length++] = byte;
    if (inString && byte === codes.backslash && at + 1 < body.length) kept[length++] = body[(at += 1)] ?? 0;
  }
  return kept.subarray(0, length);
}
