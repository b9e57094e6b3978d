import type { Dispatcher } from 'undici';
import { type SentRequest, sendRequest } from '../../http/send-request.ts';
import { derivedId } from '../../language/derived-id.ts';
import { isHeaderOfConnection } from '../../header-names.ts';
import { activityFailure } from '../failure-types.ts';
import type { ActivitySecrets } from './activity-secrets.ts';

/**
 * Sends a request, as `fetch` of the web does, with these differences. It reaches no private network that the operator has not allowed.
 * It follows no redirects. The answer has at most 256 KiB. `Idempotency-Key` is set unless you set it: the same for every attempt of a
 * step, and another one for each method and URL. Without an answer it throws `ReceiverUnavailable` or `TimedOut`, which are transient.
 */
export type ActivityFetch = (url: string | URL, init?: ActivityRequest) => Promise<Response>;

/** A subset of the web's `RequestInit`. */
export type ActivityRequest = Pick<RequestInit, 'method' | 'headers' | 'body' | 'signal'>;

/** @internal */
export interface ActivityFetchDeps {
  activity: string;
  dispatcher: Dispatcher;
  userAgent: string;
  idempotencyKey: string;
  secrets: Pick<ActivitySecrets, 'requireAllowed'>;
  /** How much is left of the attempt's time. */
  leftMs: () => number;
  /** Aborted once the attempt is over. */
  signal: AbortSignal;
}

const maxBodyBytes = 256 * 1_024;
/** `new Response` takes no body for these. */
const withoutBody = new Set([101, 103, 204, 205, 304]);
const known = new Set(['method', 'headers', 'body', 'signal', 'redirect', 'duplex']);

/** @internal */
export function createActivityFetch(deps: ActivityFetchDeps): ActivityFetch {
  const counts = new Map<string, number>();
  /** Requests that happen in another order in another attempt keep their keys. */
  const keyOf = (request: string): string => {
    const count = (counts.get(request) ?? 0) + 1;
    counts.set(request, count);
    return derivedId('req', `${deps.idempotencyKey} ${request}${count === 1 ? '' : ` ${count}`}`);
  };
  return async (url, init = {}) => {
    const target = parseUrl(url, deps.activity);
    checkOptions(init, deps.activity);
    const request = new Request(target, init);
    const key = keyOf(`${request.method} ${target.href}`);
    const body = init.body === undefined || init.body === null ? null : new Uint8Array(await request.arrayBuffer());
    const headers = headersOf(request, deps);
    headers['idempotency-key'] ??= key;
    deps.secrets.requireAllowed(target, [
      decoded(target.href),
      ...Object.entries(headers).flat(),
      ...(body === null ? [] : [Buffer.from(body).toString('utf8')]),
    ]);
    const canceled =
      init.signal === undefined || init.signal === null ? deps.signal : AbortSignal.any([deps.signal, init.signal]);
    const sent = await sendRequest(deps.dispatcher, {
      ...{ url: target.href, method: request.method, headers, body },
      ...{ timeoutMs: Math.max(1, deps.leftMs()), maxBodyBytes, canceled },
    });
    canceled.throwIfAborted();
    return answerOf(sent, `${deps.activity}: ${request.method} ${target.origin}${target.pathname}`);
  };
}

function parseUrl(url: string | URL, activity: string): URL {
  const parsed = URL.canParse(String(url)) ? new URL(String(url)) : undefined;
  if (parsed === undefined || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:')) {
    throw new TypeError(`${activity}: fetch expects an http or https URL`);
  }
  if (parsed.username !== '' || parsed.password !== '') {
    throw new TypeError(`${activity}: put credentials into a header, not into the URL of fetch`);
  }
  return parsed;
}

/** An option without an effect would surprise: above all `redirect`. */
function checkOptions(init: ActivityRequest, activity: string): void {
  for (const [name, value] of Object.entries(init)) {
    if (!known.has(name)) throw new TypeError(`${activity}: fetch has no option ${JSON.stringify(name)} here`);
    if (name === 'redirect' && value !== 'manual') {
      throw new TypeError(`${activity}: fetch follows no redirects here, so \`redirect\` can only be "manual"`);
    }
  }
}

function headersOf(request: Request, { activity, userAgent }: ActivityFetchDeps): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': userAgent };
  request.headers.forEach((value, name) => {
    if (isHeaderOfConnection(name)) throw new TypeError(`${activity}: fetch does not let you set the header ${name}`);
    headers[name] = value;
  });
  return headers;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function answerOf(sent: SentRequest, what: string): Response {
  if (sent.kind === 'refused') throw activityFailure('AddressRefused', `${what}: ${sent.reason}`);
  if (sent.kind === 'unanswered') {
    if (sent.timedOut === true) throw activityFailure('TimedOut', `${what}: ${sent.reason}`);
    throw activityFailure('ReceiverUnavailable', `${what}: ${sent.reason}`, sent.unsent ? { effect: 'none' } : {});
  }
  const { status, headers, body, bodyComplete } = sent;
  if (body.length === maxBodyBytes && !bodyComplete) {
    throw activityFailure('ResponseTooLarge', `${what}: expected an answer of at most ${maxBodyBytes} bytes`);
  }
  if (sent.bodyTimedOut === true) throw activityFailure('TimedOut', `${what}: the answer took too long`);
  if (!bodyComplete) throw activityFailure('ReceiverUnavailable', `${what}: the answer broke off`);
  const pairs = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as [string, string]],
  );
  return new Response(withoutBody.has(status) ? null : new Uint8Array(body), { status, headers: pairs });
}
