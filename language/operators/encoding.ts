import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { Json } from '../json.ts';
import { wellFormed } from '../well-formed.ts';
import { wrongType, type Application, type OperatorTable } from './operator.ts';
import { boundedText } from './text.ts';

/** Texts in the forms that URLs, headers and form bodies need. A lone surrogate counts as U+FFFD. */
export const encodingOperators = {
  urlEncode: { arity: [1, 1], apply: urlEncode },
  base64: { arity: [1, 2], apply: base64 },
} satisfies OperatorTable;

/** Leaves only the unreserved characters of RFC 3986, section 2.3, as they are: signatures over URLs expect that. */
function urlEncode({ name, args: [value = null], budget }: Application): Json {
  if (value === null || typeof value === 'object') throw wrongType(name, 'a text, a number or a boolean', value);
  const text = wellFormed(String(value));
  budget.charge(text.length >> 4);
  return boundedText([encodeURIComponent(text).replace(/[!'()*]/g, percentEncoded)]);
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/** RFC 4648, section 4; with "url" section 5, without padding. */
function base64({ name, args: [text = null, alphabet], budget }: Application): Json {
  if (typeof text !== 'string') throw wrongType(name, 'a text', text);
  if (alphabet !== undefined && alphabet !== 'url') throw wrongType(name, '"url" or nothing second', alphabet);
  budget.charge(text.length >> 4);
  return boundedText([base64Of(utf8ToBytes(wellFormed(text)), alphabet === 'url')]);
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** By hand: `Buffer` does not exist in a workflow, and `btoa` takes no bytes. */
function base64Of(bytes: Uint8Array, isForUrls: boolean): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += 3) {
    const [a = 0, b = 0, c = 0] = bytes.subarray(start, start + 3);
    const bits = (a << 16) | (b << 8) | c;
    const known = Math.min(3, bytes.length - start) + 1;
    for (let digit = 0; digit < known; digit += 1) text += digits.charAt((bits >> (18 - 6 * digit)) & 63);
  }
  if (isForUrls) return text.replaceAll('+', '-').replaceAll('/', '_');
  return text.padEnd(Math.ceil(bytes.length / 3) * 4, '=');
}
