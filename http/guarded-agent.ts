import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { AddressRefusedError, addressAllowed, literalAddress } from './address-guard.ts';
import type { Network } from './networks.ts';

export interface ResolvedAddress {
  address: string;
  family: number;
}
export type Resolve = (hostname: string) => Promise<ResolvedAddress[]>;

/** The system's resolver, `/etc/hosts` included. */
export const resolveBySystem: Resolve = (hostname) => lookup(hostname, { all: true });

const connectTimeoutMs = 5_000;

/**
 * An HTTP client that connects only to allowed addresses. It resolves a name once and connects to the addresses that passed, so
 * a second answer of the resolver cannot lead elsewhere (DNS rebinding). It follows no redirects and ignores proxy variables.
 * A refused request fails with {@link AddressRefusedError} before any byte is sent.
 */
export function createGuardedAgent(options: { allow: readonly Network[]; resolve: Resolve }): Dispatcher {
  const connect = buildConnector({
    timeout: connectTimeoutMs,
    lookup: guardedLookup(options),
    rejectUnauthorized: true, // Otherwise NODE_TLS_REJECT_UNAUTHORIZED could turn the check off.
  });
  return new Agent({
    connect: (target, callback) => {
      // Node does not look up a host that is an address, so `lookup` alone would let it pass.
      const literal = literalAddress(target.hostname);
      if (literal !== undefined && !addressAllowed(literal, options.allow)) {
        callback(new AddressRefusedError(target.hostname), null);
        return;
      }
      connect(target, callback);
    },
  });
}

function guardedLookup({ allow, resolve }: { allow: readonly Network[]; resolve: Resolve }): LookupFunction {
  const allowedAddresses = async (hostname: string) => {
    const addresses = await resolve(hostname);
    const allowed = addresses.filter(({ address }) => addressAllowed(address, allow));
    const [first] = allowed;
    if (first === undefined) throw new AddressRefusedError(hostname);
    return { first, allowed };
  };
  return (hostname, { all }, callback) => {
    allowedAddresses(hostname).then(
      ({ first, allowed }) => (all ? callback(null, allowed) : callback(null, first.address, first.family)),
      (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), []),
    );
  };
}
