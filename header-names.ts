/** RFC 9110, section 5.1. */
const headerName = /^[\w!#$%&'*+.^`|~-]+$/;

/** What a header's value may contain: visible ASCII, spaces, tabs and Latin-1. No line break, which would begin another header. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers that belong to the connection, not to the author of the request (RFC 9110, section 7.6.1). */
const headersOfConnection = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export function isHeaderName(name: string): boolean {
  return headerName.test(name);
}

export function isHeaderValue(value: string): boolean {
  return headerValue.test(value);
}

/** Ignores letter case. */
export function isHeaderOfConnection(name: string): boolean {
  return headersOfConnection.has(name.toLowerCase());
}

/** Headers of an answer that are somebody's session or password. */
export function holdsCredentials(name: string): boolean {
  return /^(?:set-cookie2?|cookie|(?:proxy-)?authorization)$/i.test(name);
}
