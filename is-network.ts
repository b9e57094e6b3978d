import ipaddr from 'ipaddr.js';

/** Whether a text is a network such as 10.0.0.0/8, or a single address. */
export function isNetwork(text: string): boolean {
  // A shorthand such as `10` would be read as 0.0.0.10.
  const isAddress = ipaddr.isValid(text) && (text.includes(':') || ipaddr.IPv4.isValidFourPartDecimal(text));
  return isAddress || ipaddr.isValidCIDR(text);
}
