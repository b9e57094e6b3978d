/** How long the parts of making a connection took, in ms. A part is absent if it did not happen or did not end. */
export interface ConnectionTimings {
  /** Resolving the name. */
  dnsMs?: number;
  /** TCP, and the tunnel through a proxy. */
  connectMs?: number;
  tlsMs?: number;
}

/** A place in the agent's pool, which holds one connection at a time. */
export interface Link {
  isOpen: boolean;
  /** Of the connection that it holds or is making. */
  timings: ConnectionTimings;
}

/**
 * How a request finds out which connection it got. It is sent as undici's `opaque`, which reaches the place in the pool that takes
 * the request.
 */
export interface ConnectionTrace {
  readonly [brand]: true;
  link?: Link;
  /** Whether the connection was open already. */
  reused?: boolean;
}

const brand = Symbol('connection trace');

export function createConnectionTrace(): ConnectionTrace {
  return { [brand]: true };
}

/** Notes in a request's trace which connection it gets, at the moment when it gets it. */
export function noteLink(opaque: unknown, link: Link): void {
  if (!isTrace(opaque)) return;
  opaque.link = link;
  opaque.reused = link.isOpen;
}

function isTrace(opaque: unknown): opaque is ConnectionTrace {
  return typeof opaque === 'object' && opaque !== null && brand in opaque;
}

/** Milliseconds since `start`, which `performance.now()` returned, to a tenth. */
export function msSince(start: number): number {
  return Math.round((performance.now() - start) * 10) / 10;
}
