import type { IncomingMessage } from 'node:http';
import type { ByteBudget } from './byte-budget.ts';
import type { ClientAddress } from './client-address.ts';
import type { Expectations } from './expectations.ts';
import type { Source } from '../gateway/sources.ts';
import { createKeyedRateLimits } from './keyed-rate-limits.ts';
import type { LoadShedding, Shortage } from './load-shedding.ts';
import { locateSource } from './locate-source.ts';
import { inNetworks, parseNetworks, senderNetwork, type Network } from '../../http/networks.ts';
import { refusal, retryAfterSeconds, type Refusal } from './refusals.ts';
import type { SourceRegistry } from '../source-registry.ts';

/** A request whose headers have arrived: whose it is, and whether it may send its body. */
export type Arrival =
  | { source: Source; address: string; refused: null }
  /** `source` null: none is meant, or none that the sender may know of. */
  | { source: Source | null; address: string; refused: Refusal };

/** Decides by the headers alone. */
export interface Admission {
  admit: (request: IncomingMessage) => Arrival;
  /** The source's own limit, for a request that has been verified. Null: it is within the limit. */
  countVerified: (source: Source) => Refusal | null;
}

export interface AdmissionDeps {
  sources: SourceRegistry;
  clientAddress: ClientAddress;
  expectations: Pick<Expectations, 'canBeMet'>;
  shedding: Pick<LoadShedding, 'shortage'>;
  bodies: Pick<ByteBudget, 'isSpentBy'>;
  bodyLimitBytes: number;
  now: () => number;
}

/** Bodies that presets know how to read. A missing type is taken as JSON: some gateways send none. */
const readableTypes =
  /^(application\/([\w.+-]*\+)?json|application\/x-www-form-urlencoded|text\/(plain|json|xml)|application\/xml)\b/i;

/** Node counts no headers: 16 KiB hold thousands of them. Gateways behind two proxies send some 40. */
const mostHeaders = 200;
/** Buckets of senders, over all sources. */
const mostSenders = 10_000;
const mostSources = 1_000;

/**
 * The order is that of cost, and of what a stranger may learn: a source with a path secret is not there for those who lack it.
 *
 * Forgers must not be able to use up what the genuine gateway is allowed. So a source's `rateLimit` counts requests that have
 * been verified, and nothing but them; before that, only a sender's own address limits it (`addressRateLimit`). As soon as
 * genuine requests have used the source's limit up, all are turned away unread.
 */
export function createAdmission(deps: AdmissionDeps): Admission {
  const senders = createKeyedRateLimits({ capacity: mostSenders, now: deps.now });
  const verified = createKeyedRateLimits({ capacity: mostSources, now: deps.now });
  const networksOf = rememberNetworks();

  function refuseBySender(source: Source, address: string): Refusal | null {
    if (source.allowFrom !== null && !inNetworks(address, networksOf(source.allowFrom))) return refusal('address');
    if (source.addressRateLimit !== null) {
      const wait = senders.of(`${source.name} ${senderNetwork(address)}`, source.addressRateLimit).take();
      if (wait > 0) return refusal('address-rate-limited', { retryAfterSeconds: Math.ceil(wait) });
    }
    const wait = source.rateLimit === null ? 0 : verified.of(source.name, source.rateLimit).waitSeconds();
    return wait > 0 ? refusal('rate-limited', { retryAfterSeconds: Math.ceil(wait) }) : null;
  }

  function refuseByLoad(address: string): Refusal | null {
    const shortage = deps.shedding.shortage() ?? (deps.bodies.isSpentBy(senderNetwork(address)) ? 'bodies' : null);
    return shortage === null ? null : refusal(`shed-${shortage}`, { retryAfterSeconds: roomIn[shortage] });
  }

  return {
    admit(request) {
      const address = deps.clientAddress(request);
      const location = locateSource(deps.sources, request.url ?? '/');
      const { source } = location;
      const refused = refuseMalformed(request, deps.expectations);
      if (refused !== null) return { source, address, refused };
      if (location.refused !== null) return { source, address, refused: refusal(location.refused) };
      return {
        source: location.source,
        address,
        refused:
          refuseMethod(request, location.source) ??
          refuseBySender(location.source, address) ??
          refuseBody(request, deps.bodyLimitBytes) ??
          refuseByLoad(address),
      };
    },
    countVerified(source) {
      const wait = source.rateLimit === null ? 0 : verified.of(source.name, source.rateLimit).take();
      return wait > 0 ? refusal('rate-limited', { retryAfterSeconds: Math.ceil(wait) }) : null;
    },
  };
}

const roomIn: Record<Shortage, number> = {
  disk: retryAfterSeconds.later,
  backlog: retryAfterSeconds.later,
  queue: retryAfterSeconds.soon,
  bodies: retryAfterSeconds.soon,
};

function refuseMalformed(request: IncomingMessage, expectations: Pick<Expectations, 'canBeMet'>): Refusal | null {
  // RFC 9112, 3.2. Node would refuse it without anybody knowing.
  if (request.httpVersion === '1.1' && request.headers.host === undefined) return refusal('malformed');
  if (request.rawHeaders.length > mostHeaders * 2) return refusal('too-many-headers');
  return expectations.canBeMet(request) ? null : refusal('expectation');
}

/** Handshakes of some gateways come by GET. */
function refuseMethod({ method = '' }: IncomingMessage, { preset }: Source): Refusal | null {
  return preset.methods.has(method) ? null : refusal('method', { headers: { allow: [...preset.methods].join(', ') } });
}

function refuseBody({ headers }: IncomingMessage, limitBytes: number): Refusal | null {
  const type = headers['content-type'];
  if (type !== undefined && !readableTypes.test(type)) return refusal('content-type');
  if (headers['content-encoding'] !== undefined) return refusal('content-encoding');
  return Number(headers['content-length'] ?? 0) > limitBytes ? refusal('body-too-large') : null;
}

/** Parses a source's list once, for as long as the source is mounted. */
function rememberNetworks(): (texts: readonly string[]) => Network[] {
  const parsed = new WeakMap<readonly string[], Network[]>();
  return (texts) => {
    const networks = parsed.get(texts) ?? parseNetworks(texts);
    parsed.set(texts, networks);
    return networks;
  };
}
