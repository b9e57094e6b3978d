import { Agent, Client, type Dispatcher, Pool } from 'undici';
import { type Link, noteLink } from './connection-trace.ts';
import { createDial, type DialOptions } from './dial.ts';

/** Larger than what Node's own server lets a receiver send by default (16 KiB). More ends the connection. */
const maxHeaderBytes = 32 * 1_024;
/** A receiver that moves gets a new name resolution after this time, even if its old address never rests. */
const connectionTtlMs = 5 * 60_000;
/** Longest rest of a connection, whatever the receiver offers. */
const idleMaxMs = 60_000;

/**
 * An HTTP client that connects only to allowed addresses. It resolves a name once and connects to the addresses that passed, so
 * a second answer of the resolver cannot lead elsewhere (DNS rebinding). It follows no redirects, decompresses nothing and
 * ignores proxy variables. A refused request fails with `AddressRefusedError` before any byte is sent.
 */
export function createGuardedAgent(options: DialOptions): Dispatcher {
  const dial = createDial(options);
  /** One connection, which tells each request what it is. */
  const openClient = (origin: URL, clientOptions: Client.Options): Dispatcher => {
    const link: Link = { isOpen: false, timings: {} };
    const client = new Client(origin, {
      ...clientOptions,
      connect: (target, callback) => {
        dial(target, link).then(
          (socket) => callback(null, socket),
          (error: unknown) => callback(error instanceof Error ? error : new Error(String(error)), null),
        );
      },
    });
    return client.compose((dispatch) => (request, handler) => {
      noteLink('opaque' in request ? request.opaque : undefined, link);
      return dispatch(request, handler);
    });
  };
  return new Agent({
    maxHeaderSize: maxHeaderBytes,
    clientTtl: connectionTtlMs,
    keepAliveMaxTimeout: idleMaxMs,
    factory: (origin, poolOptions: Pool.Options) => new Pool(origin, { ...poolOptions, factory: openClient }),
  });
}
