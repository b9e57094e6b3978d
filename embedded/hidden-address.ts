import { randomInt } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { findFreePort } from './free-port.ts';

/** A loopback address and a port that nobody can guess. */
export interface HiddenAddress {
  host: string;
  port: number;
}

/**
 * Finds an address for a server that has no access control of its own. A web page can send requests to every port of 127.0.0.1, and
 * read the answers if its own host name resolves to 127.0.0.1. It cannot list who listens where. All of 127.0.0.0/8 is this machine
 * on Linux and Windows: 24 bits of address and some 15 bits of port, which a page would have to try one connection at a time. macOS
 * has only 127.0.0.1 unless the operator added another one (`ifconfig lo0 alias 127.x.y.z`), which is then used.
 *
 * Resolves to null if this machine has no address but 127.0.0.1.
 */
export async function findHiddenAddress(
  interfaces: () => ReturnType<typeof networkInterfaces> = networkInterfaces,
): Promise<HiddenAddress | null> {
  for (const host of [randomLoopback(), ...addedLoopbacks(interfaces())]) {
    const port = await findFreePort(host).catch(() => null); // EADDRNOTAVAIL where the address does not exist.
    if (port !== null) return { host, port };
  }
  return null;
}

/** From 127.1.0.1 on, because some systems use addresses such as 127.0.0.53 and 127.0.1.1 themselves. */
function randomLoopback(): string {
  return `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}`;
}

function addedLoopbacks(interfaces: ReturnType<typeof networkInterfaces>): string[] {
  const addresses = Object.values(interfaces).flatMap((each = []) => each.map(({ address }) => address));
  return addresses.filter((address) => address.startsWith('127.') && address !== '127.0.0.1');
}
