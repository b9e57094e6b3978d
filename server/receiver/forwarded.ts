import { readAddress } from '../../http/networks.ts';

/** Proxies append to what the sender wrote, so the sender decides how much there is to parse. */
const mostCharacters = 4_096;

/**
 * The addresses in a `Forwarded` header (RFC 7239), the nearest proxy's entry last. Null for an entry that names no address: it has no
 * `for`, or one that is `unknown` or obfuscated. If any part breaks the grammar, the result is one such entry. A sender may leave a quoted
 * string open to change what the proxies' own entries mean, so nothing of such a header is believed.
 */
export function readForwarded(header: string): (string | null)[] {
  const elements = header.length > mostCharacters ? null : elementsOf(header);
  return elements === null ? [null] : elements.map((element) => addressOf(element.get('for')));
}

type Element = Map<string, string>;

/** One pair, or nothing where a separator follows; then the separator. A value is a token or a quoted string (RFC 9110, 5.6). */
const part = /[ \t]*(?:([!#$%&'*+.^_`|~\w-]+)=(?:([!#$%&'*+.^_`|~\w-]+)|"((?:[^"\\]|\\.)*)"))?[ \t]*(,|;|$)/y;

/** Null if the header breaks the grammar, or names a parameter twice in one element. Lists may have empty elements. */
function elementsOf(header: string): Element[] | null {
  const elements: Element[] = [];
  let element: Element = new Map();
  part.lastIndex = 0;
  for (;;) {
    const match = part.exec(header);
    if (match === null) return null;
    const [, written, token, quoted = '', separator] = match;
    const name = written?.toLowerCase();
    if (name !== undefined) {
      if (element.has(name)) return null;
      element.set(name, token ?? quoted.replace(/\\(.)/g, '$1'));
    }
    if (separator === ';') continue;
    if (element.size > 0) elements.push(element);
    if (separator === '') return elements;
    element = new Map();
  }
}

/** An IPv4 address, or an IPv6 address in brackets; then perhaps a port, which may be obfuscated. */
const node = /^(?:([\d.]+)|(\[[\d.a-f]*:[\d.:a-f]*\]))(?::(?:\d{1,5}|_[\w.-]+))?$/i;

function addressOf(text: string | undefined): string | null {
  const [, ipv4, ipv6] = node.exec(text ?? '') ?? [];
  return readAddress(ipv4 ?? ipv6 ?? '');
}
