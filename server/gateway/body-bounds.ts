import { isUtf8 } from 'node:buffer';
import { charsetOf, withoutUtf16 } from './charset.ts';
import { isType, mayBeJson, type BodyOptions } from './read-body.ts';

/*
 * What may be read of a body before its signature is known. Only the presets that sign fields instead of bytes read anything. The
 * bounds keep that below 5 ms for 1 MiB; genuine bodies of these gateways have some 4 kB, 100 values and 60 fields.
 */

/** Members of objects and items of lists, unless the preset knows better. Objects with keys of their own take 1 µs each. */
const mostValues = 4_000;
/** As PHP's `max_input_vars`: most receivers of forms read no more either. */
const mostFields = 1_000;
/** As deep as events may be. */
const mostDepth = 64;
/** `\u00e9` in JSON. Each takes as long as three plain characters. */
const mostEscapes = 64 * 1024;
/** Bytes of a text that is not UTF-8, or of XML, which take five times as long. */
const mostSlowBytes = 64 * 1024;

/** Whether reading the body would take long. Takes 2 ms for 1 MiB at most, whatever is in it. */
export function exceedsBounds(body: Buffer, contentType: string | undefined, options: BodyOptions): boolean {
  if (body.length <= mostFields) return false; // Too short to hold much.
  const charset = charsetOf(contentType);
  if (charset.unknown !== null) return false; // It is not read at all.
  const isSlow = charset.charset.startsWith('utf-16') || !isUtf8(body);
  if (isSlow && body.length > mostSlowBytes) return true;
  const bytes = withoutUtf16(body, charset.charset);
  if (isType('application/x-www-form-urlencoded', contentType)) {
    return hasManyFields(bytes) || (mayBeJson(bytes, options) && isComplexJson(bytes, options));
  }
  if (options.multipart === true && isType('multipart/form-data', contentType)) return false; // It has bounds of its own.
  return options.format === 'json' ? isComplexJson(bytes, options) : body.length > mostSlowBytes;
}

function hasManyFields(bytes: Buffer): boolean {
  let fields = 1;
  for (let at = bytes.indexOf(0x26); at !== -1; at = bytes.indexOf(0x26, at + 1)) {
    fields += 1;
    if (fields > mostFields) return true;
  }
  return false;
}

/** Counts what stands outside of texts, without a judgment on whether it is JSON. */
function isComplexJson(bytes: Buffer, { unverifiedValues: most = mostValues }: BodyOptions): boolean {
  let values = 0;
  let depth = 0;
  let escapes = 0;
  let inText = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === 0x22) inText = !inText;
    else if (inText) {
      if (byte === 0x5c) {
        at += 1;
        escapes += 1;
      }
    } else if (byte === 0x2c) values += 1;
    else if (byte === 0x7b || byte === 0x5b) {
      values += 1;
      depth += 1;
      if (depth > mostDepth) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
    if (values > most || escapes > mostEscapes) return true;
  }
  return false;
}
