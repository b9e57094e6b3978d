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

/** Whether another site's page sent this. Pages of other ports of this machine are other sites as well. Programs send neither header. */
export function isForeignPage({ host = '', origin, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  if (origin !== undefined && origin.toLowerCase() !== `http://${host}`.toLowerCase()) return true;
  return site !== undefined && site !== 'same-origin' && site !== 'none';
}
