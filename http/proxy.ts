import { Socket } from 'node:net';
import { Client } from 'undici';
import { networkErrorCode } from './network-error-code.ts';
import { readBypass } from './proxy-bypass.ts';

/** The proxy through which Kait's own requests leave the network. */
export interface OutboundProxy {
  /** `http:` or `https:`, with the user and the password for Basic authentication if the proxy wants them. */
  url: string;
  /**
   * Whether the proxy resolves names. Kait then cannot check where a name leads, so the proxy must keep requests out of private
   * networks.
   */
  resolvesNames: boolean;
  /** What is reached without the proxy: see `isBypass`. */
  bypass: readonly string[];
}

/** The proxy's failure, not the receiver's. The message contains neither its address nor its password. */
export class ProxyFailedError extends Error {
  /** Whether the proxy works, and only this address could not be reached through it. */
  readonly unreachable: boolean;
  constructor(message: string, { unreachable = false, cause }: { unreachable?: boolean; cause?: unknown } = {}) {
    super(message, { cause });
    this.name = 'ProxyFailedError';
    this.unreachable = unreachable;
  }
}

export interface Tunnel {
  resolvesNames: boolean;
  /** Whether the host is reached without the proxy, by its name. */
  bypassesName: (hostname: string) => boolean;
  /** Whether the address is reached without the proxy. */
  bypassesAddress: (address: string) => boolean;
  /**
   * Opens a connection to the host through the proxy (CONNECT, RFC 9110, section 9.3.6), whatever it is for. The proxy's own
   * address is the operator's choice, so it may be private. Rejects with `ProxyFailedError`.
   */
  open: (host: string, port: number, signal: AbortSignal) => Promise<Socket>;
}

export function createTunnel({ url, resolvesNames, bypass }: OutboundProxy): Tunnel {
  const { origin, username, password } = new URL(url);
  const authorization = username === '' ? {} : { 'proxy-authorization': basic(username, password) };
  const { bypassesName, bypassesAddress } = readBypass(bypass);
  return {
    resolvesNames,
    bypassesName,
    bypassesAddress,
    async open(host, port, signal) {
      const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
      const client = new Client(origin, { connect: { rejectUnauthorized: true, timeout: 0 } });
      try {
        const headers = { host: authority, ...authorization };
        const { socket, statusCode } = await client.connect({ path: authority, headers, signal });
        if (statusCode >= 200 && statusCode < 300 && socket instanceof Socket) {
          await client.close(); // The connection is no longer its own.
          return socket;
        }
        socket.on('error', () => undefined).destroy();
        throw refusal(statusCode);
      } catch (error) {
        void client.destroy();
        if (error instanceof ProxyFailedError) throw error;
        throw new ProxyFailedError(`the proxy did not answer (${networkErrorCode(error)})`, { cause: error });
      }
    },
  };
}

function basic(username: string, password: string): string {
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

/** What proxies answer if the address could not be reached: Bad Gateway, Service Unavailable, Gateway Timeout. */
const unreachableStatuses = new Set([502, 503, 504]);

function refusal(status: number): ProxyFailedError {
  if (status === 407) return new ProxyFailedError('the proxy wants a user and a password (HTTP 407)');
  if (!unreachableStatuses.has(status))
    return new ProxyFailedError(`the proxy refused the connection (HTTP ${status})`);
  return new ProxyFailedError(`the proxy could not reach the receiver (HTTP ${status})`, { unreachable: true });
}
