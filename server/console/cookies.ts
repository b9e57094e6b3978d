import type { IncomingHttpHeaders } from 'node:http';

interface Cookie {
  /** Without what tells Kaits of one machine apart. */
  name: string;
  sameSite: 'Strict' | 'Lax';
  /** Whether the browser came by https. */
  isSecure: boolean;
}

/** The header `set-cookie` for a cookie that no script can read. */
export function setCookie(
  headers: IncomingHttpHeaders,
  { value, seconds, ...cookie }: Cookie & { value: string; seconds: number },
): string {
  const { sameSite, isSecure } = cookie;
  const full = `${nameOf(headers, cookie)}=${value}; Path=/; HttpOnly; SameSite=${sameSite}; Max-Age=${seconds}`;
  return isSecure ? `${full}; Secure` : full;
}

export function clearCookie(headers: IncomingHttpHeaders, cookie: Cookie): string {
  return setCookie(headers, { ...cookie, value: '', seconds: 0 });
}

/** Null: there is none. Neither of two counts: one of them was put there by somebody else, such as a page on another port of this machine. */
export function readCookie(headers: IncomingHttpHeaders, name: string, isSecure: boolean): string | null {
  const full = nameOf(headers, { name, isSecure });
  const values = (headers.cookie ?? '').split(';').flatMap((pair) => {
    const [given = '', ...value] = pair.trim().split('=');
    return given === full ? [value.join('=')] : [];
  });
  return values.length === 1 ? (values[0] ?? null) : null;
}

/**
 * Cookies do not tell ports apart, and several Kaits may run on this machine. By https, the prefix keeps other hosts of the domain from setting it
 * (RFC 6265bis, section 4.1.3.2).
 */
function nameOf({ host = '' }: IncomingHttpHeaders, { name, isSecure }: Pick<Cookie, 'name' | 'isSecure'>): string {
  if (isSecure) return `__Host-kait-${name}`;
  const port = /:(\d{1,5})$/.exec(host)?.[1] ?? '80';
  return `kait-${name}-${port}`;
}
