import type { IncomingHttpHeaders } from 'node:http';
import { isIP, isIPv6 } from 'node:net';

/**
 * Whether the browser, or another client, asked for a name that belongs to this server: an address, `localhost`, or one of `names`. Any other
 * name is somebody's who can point it here, so that their page reads the answers (DNS rebinding). The port
 * does not matter: it may be forwarded. No server's address is 0.0.0.0, though browsers reach this machine by it.
 */
export function isOwnHost(host = '', names: readonly string[] = []): boolean {
  const [, bracketed, name = ''] = /^(?:\[([\da-f:.]+)\]|([^\s:[\]]+))(?::\d{1,5})?$/i.exec(host) ?? [];
  if (bracketed !== undefined) return isIPv6(bracketed) && !/^[0:]+$/.test(bracketed);
  if (isIP(name) === 4) return name !== '0.0.0.0';
  return ['localhost', ...names].some((own) => own.toLowerCase() === name.toLowerCase());
}

/**
 * Whether another site's page sent this. Pages of other ports of this machine are other sites as well. Programs send neither header. `isSecure`:
 * browsers come by https, because a proxy is in between.
 */
export function isForeignPage(headers: IncomingHttpHeaders, isSecure = false): boolean {
  const { host = '', origin, 'sec-fetch-site': site } = headers;
  const own = `${isSecure ? 'https' : 'http'}://${host}`;
  if (origin !== undefined && origin.toLowerCase() !== own.toLowerCase()) return true;
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}

/** Whether it is certain that a page of this origin sent this. Every browser says so with what is more than a read. */
export function isSamePage(headers: IncomingHttpHeaders, isSecure = false): boolean {
  const { origin, 'sec-fetch-site': site } = headers;
  return !isForeignPage(headers, isSecure) && (origin !== undefined || site === 'same-origin');
}
