import { z } from 'zod';
import type { RequestView } from '../request-view.ts';
import { compileSelector, parseSelector, selectorSchema } from '../selector.ts';

export const keyAddressSchema = z
  .strictObject({
    from: selectorSchema(['header', 'json']).describe('The selector of the address of the key or certificate.'),
    hosts: z
      .array(z.string().regex(/^(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, 'expected a host such as *.paypal.com'))
      .min(1)
      .describe('The hosts that keys may be fetched from. *. stands for any subdomain.'),
    path: z.string().startsWith('/').describe('The beginning of the address’s path.'),
  })
  .describe('Fetches the key over https from the address in the request, unless the source has secrets.');

export type KeyAddressOptions = z.output<typeof keyAddressSchema>;

/**
 * Reads the address of a key in its one spelling. Undefined if it is not on one of the hosts, or has anything that a server may ignore:
 * with it, one key would have any number of addresses.
 */
export function compileKeyAddress({ from, hosts, path }: KeyAddressOptions) {
  const read = compileSelector(parseSelector(from, ['header', 'json']));
  return (view: RequestView): string | undefined => {
    const text = read(view) ?? '';
    if (text.length > longestAddress || !URL.canParse(text)) return undefined;
    const url = new URL(text);
    const plain = url.protocol === 'https:' && url.port === '' && url.username === '' && url.password === '';
    const isBare = url.search === '' && url.hash === '' && /^(?:\/[\w.~-]+)+$/.test(url.pathname);
    const isTrusted = isOneOf(url.hostname, hosts) && url.pathname.startsWith(path);
    return plain && isBare && isTrusted ? `https://${url.hostname}${url.pathname}` : undefined;
  };
}

/** Characters. PayPal's have some 80. */
const longestAddress = 512;

function isOneOf(hostname: string, hosts: readonly string[]): boolean {
  return hosts.some((host) => (host.startsWith('*.') ? hostname.endsWith(host.slice(1)) : hostname === host));
}
