import { connect, type LookupFunction, type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { buildConnector, errors } from 'undici';
import { AddressRefusedError, addressAllowed, literalAddress } from './address-guard.ts';
import { type ConnectionTimings, type Link, msSince } from './connection-trace.ts';
import { inNetworks, type Network } from './networks.ts';
import { createTunnel, type OutboundProxy, ProxyFailedError, type Tunnel } from './proxy.ts';
import type { Resolve, ResolvedAddress } from './resolve.ts';

export interface DialOptions {
  /** The private networks that may be reached. */
  allow: readonly Network[];
  resolve: Resolve;
  /** Default: connect directly. */
  proxy?: OutboundProxy | null | undefined;
  /** For TLS with receivers. Default: no client certificate, and the CAs that Node comes with. */
  secureContext?: SecureContext | undefined;
}

/** Makes a connection, and notes in the link how long each part took. */
export type Dial = (target: buildConnector.Options, link: Link) => Promise<Socket>;

/** For resolving the name, connecting and the TLS handshake together. */
const connectTimeoutMs = 5_000;
const tcpKeepAliveMs = 60_000;

/**
 * Connects the guarded agent to allowed addresses only. Rejects with `AddressRefusedError` if the host has none. An attempt that
 * takes longer than 5 s is given up with everything that it has opened.
 */
export function createDial(options: DialOptions): Dial {
  const tunnel = options.proxy ? createTunnel(options.proxy) : undefined;
  const handshake = buildConnector({
    timeout: 0, // The time limit is on the whole.
    rejectUnauthorized: true, // Otherwise NODE_TLS_REJECT_UNAUTHORIZED could turn the check off.
    ...(options.secureContext && { secureContext: options.secureContext }),
  });
  return async (target, link) => {
    const giveUp = new AbortController();
    const attempt: Attempt = { timings: {}, atProxy: false, signal: giveUp.signal };
    link.timings = attempt.timings;
    const timer = setTimeout(() => giveUp.abort(timeoutError(attempt)), connectTimeoutMs);
    try {
      const socket = await untilAborted(giveUp.signal, open(target, attempt));
      link.isOpen = true;
      socket.once('close', () => {
        link.isOpen = false;
      });
      return socket;
    } catch (error) {
      giveUp.abort(error);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };

  async function open(target: buildConnector.Options, attempt: Attempt): Promise<Socket> {
    const { timings, signal } = attempt;
    const route = await findRoute(options, tunnel, target.hostname, timings);
    signal.throwIfAborted();
    const connecting = performance.now();
    const socket = await openRoute(route, target, attempt);
    timings.connectMs = msSince(connecting);
    if (target.protocol !== 'https:') return socket;
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    const securing = performance.now();
    const secured = await openTls(handshake, target, socket);
    timings.tlsMs = msSince(securing);
    return secured;
  }
}

interface Attempt {
  timings: ConnectionTimings;
  /** Whether the proxy has been asked for a connection and has not answered yet. */
  atProxy: boolean;
  /** Aborted if the connection is given up. */
  signal: AbortSignal;
}

function timeoutError({ atProxy }: Attempt): Error {
  if (!atProxy) return new errors.ConnectTimeoutError();
  return new ProxyFailedError(`the proxy made no connection within ${connectTimeoutMs} ms`);
}

/** Where to connect to: all addresses of a host at once, or one host after the other through the proxy. */
type Route = { kind: 'direct'; addresses: ResolvedAddress[] } | { kind: 'proxy'; tunnel: Tunnel; hosts: string[] };

async function findRoute(
  options: DialOptions,
  tunnel: Tunnel | undefined,
  hostname: string,
  timings: ConnectionTimings,
): Promise<Route> {
  const through = tunnel?.bypassesName(hostname) === true ? undefined : tunnel;
  if (through?.resolvesNames === true && literalAddress(hostname) === undefined) {
    if (isLocalName(hostname) && !inNetworks('127.0.0.1', options.allow)) throw new AddressRefusedError(hostname);
    return { kind: 'proxy', tunnel: through, hosts: [hostname] };
  }
  const addresses = await allowedAddresses(options, hostname, timings);
  if (through === undefined) return { kind: 'direct', addresses };
  const near = addresses.filter(({ address }) => through.bypassesAddress(address));
  if (near.length > 0) return { kind: 'direct', addresses: near };
  return { kind: 'proxy', tunnel: through, hosts: addresses.map(({ address }) => address) };
}

/** RFC 6761, section 6.3. */
function isLocalName(hostname: string): boolean {
  return /^(?:.*\.)?localhost\.?$/i.test(hostname);
}

async function openRoute(route: Route, target: buildConnector.Options, attempt: Attempt): Promise<Socket> {
  const port = portOf(target);
  if (route.kind === 'direct') {
    return openTcp({ host: target.hostname, port, addresses: route.addresses }, attempt.signal);
  }
  attempt.atProxy = true;
  const socket = await openFirst(route, port, attempt.signal);
  attempt.atProxy = false;
  return socket;
}

/** The first address that the proxy reaches: it may know only IPv4. */
async function openFirst(
  { tunnel, hosts }: Route & { kind: 'proxy' },
  port: number,
  signal: AbortSignal,
): Promise<Socket> {
  const [host = '', ...others] = hosts; // There is at least one.
  try {
    return await tunnel.open(host, port, signal);
  } catch (error) {
    const isLast = others.length === 0 || !(error instanceof ProxyFailedError && error.unreachable);
    if (isLast) throw error;
    return openFirst({ kind: 'proxy', tunnel, hosts: others }, port, signal);
  }
}

async function allowedAddresses(
  { allow, resolve }: DialOptions,
  hostname: string,
  timings: ConnectionTimings,
): Promise<ResolvedAddress[]> {
  const addresses = addressOf(hostname) ?? (await timedResolve(resolve, hostname, timings));
  const allowed = addresses.filter(({ address }) => addressAllowed(address, allow));
  if (allowed.length === 0) throw new AddressRefusedError(hostname);
  return allowed;
}

/** Node does not look up a host that is an address, so a guarded lookup alone would let it pass. */
function addressOf(hostname: string): ResolvedAddress[] | undefined {
  const literal = literalAddress(hostname);
  return literal === undefined ? undefined : [{ address: literal, family: literal.includes(':') ? 6 : 4 }];
}

async function timedResolve(
  resolve: Resolve,
  hostname: string,
  timings: ConnectionTimings,
): Promise<ResolvedAddress[]> {
  const start = performance.now();
  try {
    return await resolve(hostname);
  } finally {
    timings.dnsMs = msSince(start);
  }
}

function openTcp(
  { host, port, addresses }: { host: string; port: number; addresses: ResolvedAddress[] },
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, lookup: pinned(addresses) });
    const cancel = () => socket.destroy();
    signal.addEventListener('abort', cancel, { once: true });
    socket.setNoDelay(true).setKeepAlive(true, tcpKeepAliveMs);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

/** The addresses that passed, whoever asks and however often. Node tries all of them (RFC 8305), and only them. */
function pinned(addresses: ResolvedAddress[]): LookupFunction {
  return (_hostname, { all }, callback) => {
    const [{ address, family } = { address: '', family: 4 }] = addresses; // There is at least one.
    if (all === true) callback(null, addresses);
    else callback(null, address, family);
  };
}

function openTls(handshake: buildConnector.connector, target: buildConnector.Options, socket: Socket): Promise<Socket> {
  // A server name has no full stop at its end (RFC 6066, section 3), although a host name may.
  const servername = target.servername?.replace(/\.$/, '');
  return new Promise((resolve, reject) => {
    const secured = { ...target, ...(servername !== undefined && { servername }), httpSocket: socket };
    handshake(secured, (error, result) => (error === null ? resolve(result) : reject(error)));
  });
}

function portOf({ port, protocol }: buildConnector.Options): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

/** Rejects with the signal's reason as soon as it is aborted. */
function untilAborted<Value>(signal: AbortSignal, promise: Promise<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    promise.then(resolve, reject);
  });
}
