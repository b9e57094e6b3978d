import { lookup } from 'node:dns/promises';

export interface ResolvedAddress {
  address: string;
  family: number;
}
export type Resolve = (hostname: string) => Promise<ResolvedAddress[]>;

const underWay = new Map<string, Promise<ResolvedAddress[]>>();

/**
 * The system's resolver, `/etc/hosts` included. Those who ask for a name while it is being resolved share the answer: the system
 * resolves only a few names at a time, and one whose servers do not answer takes seconds.
 */
export const resolveBySystem: Resolve = (hostname) => {
  const known = underWay.get(hostname);
  if (known !== undefined) return known;
  const asked = lookup(hostname, { all: true }).finally(() => underWay.delete(hostname));
  underWay.set(hostname, asked);
  return asked;
};
