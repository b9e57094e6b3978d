import { randomInt } from 'node:crypto';
import { isPortFree } from '../../embedded/free-port.ts';

/**
 * A free port for a process that is killed and comes back to it. Below the range from which the system takes the ports of
 * outgoing connections (RFC 6056; 32768 and up on Linux): one of those could be given away while the process is down.
 */
export async function pickPort(): Promise<number> {
  for (let tries = 0; tries < 100; tries++) {
    const port = randomInt(12_000, 32_000);
    if (await isPortFree(port)) return port;
  }
  throw new Error('No free port between 12000 and 32000');
}
