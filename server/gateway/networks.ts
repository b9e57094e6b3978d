import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** A network such as 10.0.0.0/8, or a single address. */
export const networkSchema = z.string().refine(isNetwork, 'expected an address or a network such as 10.0.0.0/8');

function isNetwork(text: string): boolean {
  // A shorthand such as `10` would be read as 0.0.0.10.
  const isAddress = ipaddr.isValid(text) && (text.includes(':') || ipaddr.IPv4.isValidFourPartDecimal(text));
  return isAddress || ipaddr.isValidCIDR(text);
}
