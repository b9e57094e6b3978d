import { isAscii, isUtf8, transcode } from 'node:buffer';

/** Decodes the texts of one body. */
export type DecodeText = (bytes: Buffer) => string;

/**
 * Single-byte charsets and those of Unicode, by their names in the WHATWG Encoding Standard. The content type is never signed,
 * so nobody may choose a charset in which one body reads as another. In the multi-byte charsets of East Asia a backslash can be
 * the half of a character, and text that a customer typed could end its JSON string.
 */
const supported =
  /^(?:utf-8|utf-16le|utf-16be|iso-8859-\d+(?:-i)?|windows-(?:874|125[0-8])|koi8-[ru]|macintosh|x-mac-cyrillic|ibm866)$/;

/** Characters of a charset's name that are shown. */
const shownLength = 40;

/**
 * The charset that a content type names, `charset="ISO-8859-1"`, by its WHATWG name, `windows-1252`. The first one counts.
 * `utf-8` without one. `name` is what the content type says and null if it is known.
 */
export function charsetOf(contentType: string | undefined): { charset: string; unknown: null } | { unknown: string } {
  const [, quoted, plain = ''] = /;\s*charset\s*=\s*(?:"([^"]*)"|([^;,\s"]*))/i.exec(contentType ?? '') ?? [];
  const label = (quoted ?? plain).trim().replace(/^'(.*)'$/, '$1');
  const charset = label === '' ? 'utf-8' : charsetNamed(label);
  if (charset !== undefined && supported.test(charset)) return { charset, unknown: null };
  return { unknown: label.slice(0, shownLength).replace(/[^\x21-\x7e]/g, '?') };
}

/** The WHATWG name of a charset. Undefined if there is no such charset. */
export function charsetNamed(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/**
 * Decodes bytes of a single-byte charset or UTF-8. Bytes that are valid UTF-8 are UTF-8 whatever the content type says: text in
 * another charset hardly ever is, many senders name a charset that they do not use, and a replay must not read differently under
 * another content type. Bytes that are not UTF-8 become U+FFFD if no other charset is named, since a garbled name is a smaller
 * loss than a payment.
 */
export function decoderOf(charset: string): DecodeText {
  if (charset === 'utf-8' || charset.startsWith('utf-16')) return decodeUtf8;
  return (bytes) => (isUtf8(bytes) ? decodeUtf8(bytes) : decodeByTable(bytes, tableOf(charset)));
}

/** Shorter texts are decoded faster without the detour. */
const detourFrom = 4_096;

/** Decodes UTF-8 three times as fast as `toString`, which anybody can make slow with a megabyte of accents. */
function decodeUtf8(bytes: Buffer): string {
  if (bytes.length < detourFrom) return bytes.toString('utf8');
  if (isAscii(bytes)) return bytes.toString('latin1');
  return isUtf8(bytes) ? transcode(bytes, 'utf8', 'utf16le').toString('utf16le') : bytes.toString('utf8');
}

/** The 256 characters of single-byte charsets. There are fewer than thirty. */
const tables = new Map<string, Uint16Array>();

function tableOf(charset: string): Uint16Array {
  const known = tables.get(charset);
  if (known !== undefined) return known;
  const bytes = Buffer.from(Array.from({ length: 256 }, (_byte, index) => index));
  const characters =
    charset === 'windows-1252'
      ? `${bytes.toString('latin1', 0, 0x80)}${windows1252}${bytes.toString('latin1', 0xa0)}`
      : new TextDecoder(charset).decode(bytes);
  const table = Uint16Array.from(characters, (character) => character.charCodeAt(0));
  tables.set(charset, table);
  return table;
}

/** A table, because replacing characters one by one would take a tenth of a second for a megabyte. */
function decodeByTable(bytes: Buffer, table: Uint16Array): string {
  const units = new Uint16Array(bytes.length);
  for (let at = 0; at < bytes.length; at += 1) units[at] = table[bytes[at] ?? 0] ?? 0xfffd;
  return Buffer.from(units.buffer).toString('utf16le');
}

/**
 * The characters of the bytes 0x80 to 0x9f. Some releases of Node have a `TextDecoder` that decodes windows-1252 as if it were
 * ISO-8859-1.
 */
const windows1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** A body without its byte order mark, as UTF-8 if it is UTF-16. The mark decides, and otherwise the charset. */
export function withoutUtf16(body: Buffer, charset: string): Buffer {
  if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) return body.subarray(3);
  const marked =
    body[0] === 0xff && body[1] === 0xfe ? 'utf-16le' : body[0] === 0xfe && body[1] === 0xff ? 'utf-16be' : null;
  const unicode = marked ?? (charset.startsWith('utf-16') ? charset : null);
  return unicode === null ? body : Buffer.from(new TextDecoder(unicode).decode(body));
}
