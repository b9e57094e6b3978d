import { randomBytes } from 'node:crypto';
import { asc, eq } from 'drizzle-orm';
import { KaitError } from '../../errors.ts';
import type { Database } from '../../storage/database.ts';
import { endpoints } from '../../storage/schema.ts';
import { addressAllowed, literalAddress } from '../../http/address-guard.ts';
import { inNetworks, type Network } from '../../http/networks.ts';
import { isEventPattern } from './message-types.ts';
import type { Resolve } from '../../http/guarded-agent.ts';

export interface EndpointRequest {
  url: string;
  /** Event type patterns: `order.created`, `order.*`, `*`. */
  patterns: string[];
}

export interface NewEndpoint extends Endpoint {
  /** `whsec_…`, for the receiver. Shown only once. */
  secret: string;
}

export interface Endpoint extends EndpointRequest {
  id: string;
  state: 'enabled' | 'disabled';
  disabledReason: string | null;
  createdAt: Date;
}

export interface EndpointStoreDeps {
  database: Database;
  clock: () => Date;
  resolve: Resolve;
  /** Private networks that the operator allows. */
  allow: readonly Network[];
}

export interface EndpointStore {
  /** Throws `KAIT_ENDPOINT_URL_INVALID` or `KAIT_ENDPOINT_PATTERN_INVALID`. */
  add(request: EndpointRequest): Promise<NewEndpoint>;
  /** Oldest first, without secrets. */
  list(): Promise<Endpoint[]>;
  /** Its unfinished deliveries end as `refused`. False if the id is unknown. */
  remove(id: string): Promise<boolean>;
}

/** The endpoints of outbound webhooks. A URL may be added twice: two receivers with different secrets may be behind it. */
export function createEndpointStore(deps: EndpointStoreDeps): EndpointStore {
  return {
    add: (request) => addEndpoint(deps, request),
    list: () => deps.database.orm.select(shown).from(endpoints).orderBy(asc(endpoints.createdAt), asc(endpoints.id)),
    remove: async (id) => {
      const removed = await deps.database.orm
        .delete(endpoints)
        .where(eq(endpoints.id, id))
        .returning({ id: endpoints.id });
      return removed.length > 0;
    },
  };
}

const shown = {
  id: endpoints.id,
  url: endpoints.url,
  patterns: endpoints.patterns,
  state: endpoints.state,
  disabledReason: endpoints.disabledReason,
  createdAt: endpoints.createdAt,
};

async function addEndpoint(deps: EndpointStoreDeps, request: EndpointRequest): Promise<NewEndpoint> {
  checkPatterns(request.patterns);
  const endpoint = {
    id: `ep_${randomBytes(16).toString('hex')}`,
    url: await checkEndpointUrl(deps, request.url),
    patterns: [...new Set(request.patterns)],
    // 256 bits, as long as the digest of the HMAC that it keys.
    secret: `whsec_${randomBytes(32).toString('base64')}`,
    state: 'enabled' as const,
    disabledReason: null,
    createdAt: deps.clock(),
  };
  await deps.database.orm.insert(endpoints).values(endpoint);
  return endpoint;
}

function checkPatterns(patterns: readonly string[]): void {
  if (patterns.length === 0) {
    throw new KaitError('KAIT_ENDPOINT_PATTERN_INVALID', 'Expected at least one event type pattern, such as order.*');
  }
  const wrong = patterns.find((pattern) => !isEventPattern(pattern));
  if (wrong !== undefined) {
    const message = `Expected an event type pattern such as order.created, order.* or *, got ${JSON.stringify(wrong)}`;
    throw new KaitError('KAIT_ENDPOINT_PATTERN_INVALID', message);
  }
}

/**
 * The URL in its normal form. Throws `KAIT_ENDPOINT_URL_INVALID` unless it is https without credentials. Plain http is accepted
 * if every address of the host is in a network that the operator allows, such as a test receiver on loopback. A name that leads
 * into a private network is not found here: each attempt checks it, since names change.
 */
async function checkEndpointUrl(
  { allow, resolve }: { allow: readonly Network[]; resolve: Resolve },
  text: string,
): Promise<string> {
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

function invalid(message: string): KaitError {
  return new KaitError('KAIT_ENDPOINT_URL_INVALID', message);
}
