import { splitBraces } from '../selector.ts';
import { compileAskText, ValueMissingError, type AskText } from './ask-text.ts';

/** Characters. Longer than any id, and far shorter than what servers accept as an address. */
const valueLimit = 512;

/**
 * The address of a request. Values are percent-encoded, so they can change neither the host nor where a part of the path or the
 * query ends. Encoding does not help against `.` and `..`, so a value that makes one of them is rejected. The template begins
 * with `{api}`, or with https and a fixed host. `| uri` is allowed and changes nothing. Throws an `Error` that explains what is
 * wrong with the template.
 */
export function compileUrl(template: string): AskText {
  const [, base, rest = ''] = /^(\{\s*api\s*\}|https:\/\/[A-Za-z0-9.-]+(?::\d+)?)([/?][^#]*)?$/.exec(template) ?? [];
  if (base === undefined) {
    throw new Error('expected an address that begins with {api}/ or with https:// and a host, without a fragment');
  }
  const pieces = splitBraces(rest).map((piece) => piece.replace(/\s*\|\s*uri\s*\}$/, '}'));
  const start = compileAskText(base);
  const path = compileAskText(pieces.join(''), encodeValue);
  return {
    read(view) {
      const filled = path.read(view);
      if (leavesItsPart(filled)) throw new ValueMissingError('path without . and ..');
      return `${start.read(view).replace(/\/+$/, '')}${filled}`;
    },
    uses: new Set([...start.uses, ...path.uses]),
  };
}

/** Undefined if the text is too long, or has half a surrogate pair, which has no bytes. */
function encodeValue(text: string): string | undefined {
  if (text.length > valueLimit || /\p{Surrogate}/u.test(text)) return undefined;
  // RFC 3986 reserves these as well, and the URL parser would rewrite some of them.
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

function leavesItsPart(pathAndQuery: string): boolean {
  const [path = ''] = pathAndQuery.split('?', 1);
  return path.split('/').some((part) => /^(?:\.|%2e){1,2}$/i.test(part));
}
