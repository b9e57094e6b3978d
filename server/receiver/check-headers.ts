import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ByteBudget } from './byte-budget.ts';
import type { ClientAddress } from './client-address.ts';
import { charsetNamed } from '../gateway/charset.ts';
import type { Source } from '../gateway/sources.ts';
import { createKeyedRateLimits } from '../rate-limit.ts';
import type { Overload, Shortage } from './overload.ts';
import { locateSource, pathOf, type Location } from './locate-source.ts';
import { inNetworks, parseNetworks, senderNetwork, type Network } from '../../http/networks.ts';
import { rejectionOf, retryAfterSeconds, type Rejection } from './rejection.ts';
import type { SourceRegistry } from '../source-registry.ts';

/** Who a request is from and for, and whether it may send its body. */
export type CheckedHeaders =
  | { source: Source; address: string; rejection: null }
  /** `source` is null if no source is mounted at the request's path. */
  | { source: Source | null; address: string; rejection: Rejection };

/** Decides from the headers alone whether a request may send its body. */
export interface HeaderChecks {
  check: (request: IncomingMessage) => CheckedHeaders;
  /** Counts a verified request against its source's `rateLimit`. Null while the source is within it. */
  countVerified: (source: Source) => Rejection | null;
}

export interface HeaderChecksDeps {
  sources: SourceRegistry;
  clientAddress: ClientAddress;
  expectations: Pick<Expectations, 'canBeMet'>;
  overload: Pick<Overload, 'shortage'>;
  bodies: Pick<ByteBudget, 'isSpentBy'>;
  bodyLimitBytes: number;
  now: () => number;
}

/** Bodies that presets can read. A body without a type counts as JSON, because some gateways send none. */
const readableTypes =
  /^(application\/([\w.+-]*\+)?json|application\/x-www-form-urlencoded|text\/(plain|json|xml)|application\/xml)\b/i;

/** Node does not count headers, and 16 KiB hold thousands. Gateways behind two proxies send some 40. */
const mostHeaders = 200;
/** Rate limits of senders that are kept, over all sources. */
const mostSenders = 10_000;
const mostSources = 1_000;

/**
 * Runs the checks in order of cost, and tells strangers nothing: without its path secret, a source looks as if it did not exist.
 *
 * A forger must not be able to use up the gateway's allowance. `rateLimit` therefore counts verified requests only; unverified
 * ones are limited by their sender's address (`addressRateLimit`). Once verified requests have used up `rateLimit`, every
 * request to the source is rejected unread.
 */
export function createHeaderChecks(deps: HeaderChecksDeps): HeaderChecks {
  const senders = createKeyedRateLimits({ capacity: mostSenders, now: deps.now });
  const verified = createKeyedRateLimits({ capacity: mostSources, now: deps.now });
  const networksOf = rememberNetworks();

  function rejectBySender(source: Source, address: string): Rejection | null {
    if (source.allowFrom !== null && !inNetworks(address, networksOf(source.allowFrom))) return rejectionOf('address');
    if (source.addressRateLimit !== null) {
      const wait = senders.of(`${source.name} ${senderNetwork(address)}`, source.addressRateLimit).take();
      if (wait > 0) return rejectionOf('address-rate-limited', { retryAfterSeconds: Math.ceil(wait) });
    }
    const wait = source.rateLimit === null ? 0 : verified.of(source.name, source.rateLimit).waitSeconds();
    return wait > 0 ? rejectionOf('rate-limited', { retryAfterSeconds: Math.ceil(wait) }) : null;
  }

  /** The gateway of a source that a mistake keeps from being mounted must send its webhooks again. */
  function rejectUnlocated(reason: LocationRejection, { url = '/' }: IncomingMessage): Rejection {
    const isUnmounted = reason !== 'wrong-path-secret' && deps.sources.mayBelongAt(pathOf(url));
    return isUnmounted
      ? rejectionOf('source-unavailable', { retryAfterSeconds: retryAfterSeconds.later })
      : rejectionOf(reason);
  }

  function rejectByLoad(address: string): Rejection | null {
    const shortage = deps.overload.shortage() ?? (deps.bodies.isSpentBy(senderNetwork(address)) ? 'bodies' : null);
    return shortage === null
      ? null
      : rejectionOf(`overloaded-${shortage}`, { retryAfterSeconds: retryAfter[shortage] });
  }

  return {
    check(request) {
      const address = deps.clientAddress(request);
      const location = locateSource(deps.sources, request.url ?? '/');
      const { source } = location;
      const rejection = rejectMalformed(request, deps.expectations);
      if (rejection !== null) return { source, address, rejection };
      if (location.rejection !== null)
        return { source, address, rejection: rejectUnlocated(location.rejection, request) };
      return {
        source: location.source,
        address,
        rejection:
          rejectMethod(request, location.source) ??
          rejectBySender(location.source, address) ??
          rejectBody(request, location.source, deps.bodyLimitBytes) ??
          rejectByLoad(address),
      };
    },
    countVerified(source) {
      const wait = source.rateLimit === null ? 0 : verified.of(source.name, source.rateLimit).take();
      return wait > 0 ? rejectionOf('rate-limited', { retryAfterSeconds: Math.ceil(wait) }) : null;
    },
  };
}

type LocationRejection = Exclude<Location<Source>['rejection'], null>;

const retryAfter: Record<Shortage, number> = {
  disk: retryAfterSeconds.later,
  backlog: retryAfterSeconds.later,
  queue: retryAfterSeconds.soon,
  bodies: retryAfterSeconds.soon,
};

function rejectMalformed(request: IncomingMessage, expectations: Pick<Expectations, 'canBeMet'>): Rejection | null {
  // RFC 9112, 3.2. Node itself would reject it without a record.
  if (request.httpVersion === '1.1' && request.headers.host === undefined) return rejectionOf('malformed');
  if (request.rawHeaders.length > mostHeaders * 2) return rejectionOf('too-many-headers');
  return expectations.canBeMet(request) ? null : rejectionOf('expectation');
}

/** Some gateways send their handshakes by GET. */
function rejectMethod({ method = '' }: IncomingMessage, { preset }: Source): Rejection | null {
  return preset.methods.has(method)
    ? null
    : rejectionOf('method', { headers: { allow: [...preset.methods].join(', ') } });
}

function rejectBody({ headers }: IncomingMessage, { preset }: Source, limitBytes: number): Rejection | null {
  const type = headers['content-type'];
  const isMultipart = preset.body.multipart === true && /^\s*multipart\/form-data\b/i.test(type ?? '');
  if (type !== undefined && !isMultipart && !readableTypes.test(type)) return rejectionOf('content-type');
  if (isCompressed(headers['content-encoding'])) return rejectionOf('content-encoding');
  return Number(headers['content-length'] ?? 0) > limitBytes ? rejectionOf('body-too-large') : null;
}

/** Looking up a charset takes a few µs, and 16 kB hold thousands of names. */
const mostCodings = 8;

/** `identity` is no coding, and some senders put the charset here. A coding that is neither counts as compression. */
function isCompressed(encoding = ''): boolean {
  const codings = encoding.split(',', mostCodings + 1).map((coding) => coding.trim().replace(/^"(.*)"$/, '$1'));
  if (codings.length > mostCodings) return true;
  return codings.some((coding) => !/^(?:identity)?$/i.test(coding) && charsetNamed(coding) === undefined);
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

/**
 * Answers `Expect` headers (RFC 9110, 10.1.1). Node would ask every client for its body before the headers are checked; this
 * waits until the body is wanted.
 */
interface Expectations {
  /** False if the client expects something that this server does not support. */
  canBeMet(request: IncomingMessage): boolean;
  /** Tells a waiting client to send the body. */
  askForBody(request: IncomingMessage, response: ServerResponse): void;
}

/** Call it before the server listens. */
export function watchExpectations(server: Server): Expectations {
  const waiting = new WeakSet<IncomingMessage>();
  const unmet = new WeakSet<IncomingMessage>();
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    waiting.add(request);
    server.emit('request', request, response);
  });
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    unmet.add(request);
    server.emit('request', request, response);
  });
  return {
    canBeMet: (request) => !unmet.has(request),
    askForBody(request, response) {
      if (waiting.has(request)) response.writeContinue();
    },
  };
}
