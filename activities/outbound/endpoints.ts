import { randomBytes } from 'node:crypto';
import { asc, eq } from 'drizzle-orm';
import { KaitError } from '../../errors.ts';
import type { Database } from '../../storage/database.ts';
import { endpoints } from '../../storage/schema.ts';
import type { Network } from '../../http/networks.ts';
import { checkEndpointUrl } from './endpoint-url.ts';
import { isEventPattern } from './event-pattern.ts';
import type { Resolve } from '../../http/guarded-agent.ts';

export interface EndpointRequest {
  url: string;
  /** Event type patterns: `order.created`, `order.*`, `*`. */
  patterns: string[];
}

export interface NewEndpoint extends Endpoint {
  /** `whsec_…`, for the receiver. Shown this once. */
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
  /** Networks that the operator allows although they are private. */
  allow: readonly Network[];
}

export interface EndpointStore {
  /** Throws `KAIT_ENDPOINT_URL_INVALID` or `KAIT_ENDPOINT_PATTERN_INVALID`. */
  add(request: EndpointRequest): Promise<NewEndpoint>;
  /** Oldest first, without secrets. */
  list(): Promise<Endpoint[]>;
  /** Its unfinished deliveries end as `refused`. False where there is none of that id. */
  remove(id: string): Promise<boolean>;
}

/** Where outbound webhooks go. The same URL may be added twice: two receivers may live behind it, each with its secret. */
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
    const message = `Expected order.created, order.* or *, came ${JSON.stringify(wrong)}`;
    throw new KaitError('KAIT_ENDPOINT_PATTERN_INVALID', message);
  }
}
