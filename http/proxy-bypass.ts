import { inNetworks, networkSchema, parseNetworks } from './networks.ts';

/** Whether a text names what a proxy is not needed for: a network, a host name, or a domain such as `.internal`. */
export function isBypass(text: string): boolean {
  return isNetwork(text) || /^\.?[\w-]+(?:\.[\w-]+)*$/.test(text);
}

/** Tells what is reached without the proxy. `.internal` covers all names below it, and not `internal` itself. */
export function readBypass(entries: readonly string[]): {
  bypassesName: (hostname: string) => boolean;
  bypassesAddress: (address: string) => boolean;
} {
  const networks = parseNetworks(entries.filter(isNetwork));
  const names = entries.filter((entry) => !isNetwork(entry)).map((name) => name.toLowerCase());
  return {
    bypassesName(hostname) {
      const host = hostname.toLowerCase().replace(/\.$/, '');
      return names.some((name) => (name.startsWith('.') ? host.endsWith(name) : host === name));
    },
    bypassesAddress: (address) => inNetworks(address, networks),
  };
}

function isNetwork(text: string): boolean {
  return networkSchema.safeParse(text).success;
}
