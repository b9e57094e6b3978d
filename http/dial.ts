import { connect, type LookupFunction, type Socket } from 'node:net';
import { buildConnector, errors } from 'undici';
import { AddressRefusedError, addressAllowed, literalAddress } from './address-guard.ts';
import { type Link, msSince } from './connection-trace.ts';
import type { Network } from './networks.ts';
import type { Resolve, ResolvedAddress } from './resolve.ts';

export interface DialOptions {
  /** The private networks that may be reached. */
  allow: readonly Network[];
  resolve: Resolve;
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
  const handshake = buildConnector({
    timeout: 0, // The time limit is on the whole.
    rejectUnauthorized: true, // Otherwise NODE_TLS_REJECT_UNAUTHORIZED could turn the check off.
  });
  return async (target, link) => {
    const giveUp = new AbortController();
    const timer = setTimeout(() => giveUp.abort(new errors.ConnectTimeoutError()), connectTimeoutMs);
    try {
      const socket = await untilAborted(giveUp.signal, open(target, link, giveUp.signal));
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

  async function open(target: buildConnector.Options, link: Link, signal: AbortSignal): Promise<Socket> {
    const timings: Link['timings'] = {};
    link.timings = timings;
    const addresses = await allowedAddresses(options, target.hostname, timings);
    signal.throwIfAborted();
    const connecting = performance.now();
    const socket = await openTcp({ host: target.hostname, port: portOf(target), addresses }, signal);
    timings.connectMs = msSince(connecting);
    if (target.protocol !== 'https:') return socket;
    const securing = performance.now();
    const secured = await openTls(handshake, target, socket);
    timings.tlsMs = msSince(securing);
    return secured;
  }
}

async function allowedAddresses(
  { allow, resolve }: DialOptions,
  hostname: string,
  timings: Link['timings'],
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

async function timedResolve(resolve: Resolve, hostname: string, timings: Link['timings']): Promise<ResolvedAddress[]> {
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
