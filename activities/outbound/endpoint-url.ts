import { addressAllowed, literalAddress } from '../../http/address-guard.ts';
import type { Resolve } from '../../http/resolve.ts';
import { inNetworks, type Network } from '../../http/networks.ts';
import { KaitError } from '../../errors.ts';

/**
 * A URL of an endpoint in its normal form. Throws `KAIT_ENDPOINT_URL_INVALID` unless it is https without credentials. Plain http is accepted
 * if every address of the host is in a network that the operator allows, such as a test receiver on loopback. A name that leads
 * into a private network is not found here: each attempt checks it, since names change. `member` is where the URL stands, if it is not the endpoint's own.
 */
export async function checkEndpointUrl(
  { allow, resolve }: { allow: readonly Network[]; resolve: Resolve },
  text: string,
  member?: string,
): Promise<string> {
  const invalid = (message: string) => invalidUrl(member === undefined ? message : `${member}: ${message}`);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:') || text.length > 2_048) {
    throw invalid('Expected an http or https URL of at most 2048 characters');
  }
  if (url.username !== '' || url.password !== '') throw invalid('Expected a URL without credentials');
  const literal = literalAddress(url.hostname);
  if (literal !== undefined && !addressAllowed(literal, allow)) {
    throw invalid(
      `${url.hostname} is in a private network. To allow it to outbound webhooks and http steps, add the network to KAIT_OUTBOUND_ALLOW`,
    );
  }
  if (url.protocol === 'http:' && !(await allListed(literal, url.hostname))) {
    throw invalid(
      `Expected https for ${url.host}. Plain http needs its network in KAIT_OUTBOUND_ALLOW, which also lets http steps reach it`,
    );
  }
  url.hash = ''; // Never sent.
  return url.href;

  async function allListed(address: string | undefined, hostname: string): Promise<boolean> {
    const addresses = address === undefined ? await addressesOf(resolve, hostname) : [address];
    return addresses.length > 0 && addresses.every((one) => inNetworks(one, allow));
  }
}

/** Empty if the name is unknown. */
async function addressesOf(resolve: Resolve, hostname: string): Promise<string[]> {
  try {
    return (await resolve(hostname)).map(({ address }) => address);
  } catch {
    return [];
  }
}

function invalidUrl(message: string): KaitError {
  return new KaitError('KAIT_ENDPOINT_URL_INVALID', message);
}
