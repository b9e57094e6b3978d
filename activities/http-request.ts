import type { Dispatcher } from 'undici';
import type { CallContext } from '../language/definition.ts';
import { isHeaderName, isHeaderOfConnection } from '../language/header-names.ts';
import type { Json } from '../language/json.ts';
import { parseJson } from '../language/parse-json.ts';
import { methodOf } from '../language/verbs.ts';
import type { ActivityInput, ActivityOutput } from './engine-activities.ts';
import { derivedId } from '../language/derived-id.ts';
import { activityFailure } from './failure-types.ts';
import { lengthened } from './retry-pause.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import { sendRequest, type SentRequest } from '../http/send-request.ts';
import { createMask } from '../http/mask-secrets.ts';
import { type ReadSecret, type SecretDeps, secretsFor } from './secrets.ts';

export interface HttpRequestDeps extends SecretDeps {
  clock: () => Date;
  /** The guarded agent. */
  dispatcher: Dispatcher;
  attempt: () => CurrentAttempt;
  /** `Kait/1.2.3`. */
  userAgent: string;
}

export interface CurrentAttempt {
  /** The step's time limit. */
  timeoutMs: number;
  /** The pause that the step's retry policy makes after this attempt. */
  pauseMs: number;
  /** Aborted if the step is canceled. For questions only: the outcome of a request with an effect must be known. */
  canceled: AbortSignal;
  /** Aborted if the worker stops and cannot wait any longer. */
  stopping: AbortSignal;
}

/** The answer becomes an activity's result, which Temporal limits to 2 MB. Definitions rarely need more than this. */
const maxBodyBytes = 256 * 1_024;
/** Request Timeout, Too Early, Too Many Requests: the 4xx that concern the moment, not the request. */
const transientStatuses = new Set([408, 425, 429]);
const headerText = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Sends one request. Its `Idempotency-Key` lets a receiver recognize a repeat, since a crash sends the request again.
 * Redirects are answers like any other. Throws `TimedOut` after the step's time limit, and `ReceiverUnavailable` if there is no
 * answer or the status is 5xx, 408, 425 or 429; `AddressRefused`, `ResponseRefused`, `ResponseTooLarge`, `SecretUnavailable`,
 * `SecretNotAllowed` and `InputInvalid` are permanent. A request under way goes on if the step is canceled.
 */
export async function sendHttpRequest(
  deps: HttpRequestDeps,
  input: ActivityInput<'http.request'>,
  { idempotencyKey, definition }: CallContext,
): Promise<ActivityOutput<'http.request'>> {
  const url = withQuery(parseUrl(input.url), input.query);
  const { timeoutMs, pauseMs, stopping } = deps.attempt();
  const method = methodOf(input);
  if (input.body !== undefined && (method === 'GET' || method === 'HEAD')) {
    throw activityFailure('InputInvalid', `http.request: \`body\`: a ${method} request cannot have one`);
  }
  const { headers, secrets } = requestHeaders(input, {
    userAgent: deps.userAgent,
    readSecret: await readerOf(deps, input, { url, definition }),
    // Hashed, since an event's id may contain characters that a header cannot.
    idempotencyKey: derivedId('req', idempotencyKey),
  });
  const sent = await sendRequest(deps.dispatcher, {
    url: url.href,
    method,
    headers,
    body: requestBody(input.body),
    timeoutMs,
    maxBodyBytes,
    canceled: stopping,
  });
  if (stopping.aborted) throw activityFailure('ReceiverUnavailable', 'The worker stopped during the request');
  // Without the query, which often contains keys.
  const target = `${method} ${url.origin}${url.pathname}`;
  return readAnswer(sent, { target, secrets, expect: input.expect, pauseMs, now: deps.clock() });
}

/** A request without a secret depends on nothing that is said about secrets. */
async function readerOf(
  deps: SecretDeps,
  { headers = {} }: Pick<ActivityInput<'http.request'>, 'headers'>,
  request: { url: URL; definition: string | undefined },
): Promise<ReadSecret> {
  const needsSecrets = Object.values(headers).some((value) => typeof value !== 'string');
  return needsSecrets ? secretsFor(deps, request) : () => '';
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw activityFailure('InputInvalid', 'http.request: `url`: expected an http or https URL');
  }
  if (url.username !== '' || url.password !== '') {
    throw activityFailure('InputInvalid', 'http.request: `url`: put credentials into a header with a secret');
  }
  return url;
}

/** Adds to the URL's own query. A list repeats its name; null omits it. */
function withQuery(url: URL, query: ActivityInput<'http.request'>['query'] = {}): URL {
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== null) url.searchParams.append(name, String(each));
    }
  }
  return url;
}

/**
 * The headers of a step's request with their secrets filled in, and those secrets, which the answer must not repeat. Names are
 * in lower case. Throws `InputInvalid` and what `readSecret` throws; none shows a value.
 */
function requestHeaders(
  { headers = {}, body }: Pick<ActivityInput<'http.request'>, 'headers' | 'body'>,
  deps: { readSecret: ReadSecret; userAgent: string; idempotencyKey: string },
): { headers: Record<string, string>; secrets: string[] } {
  const secrets: string[] = [];
  const given = Object.entries(headers).map(([name, value]) => {
    const text = typeof value === 'string' ? value : deps.readSecret(value.secret);
    if (typeof value !== 'string') secrets.push(text);
    checkHeader(name, text);
    return [name.toLowerCase(), text] as const;
  });
  return {
    headers: {
      'user-agent': deps.userAgent,
      'idempotency-key': deps.idempotencyKey,
      ...(body !== undefined && {
        'content-type': typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json',
      }),
      ...Object.fromEntries(given),
    },
    secrets,
  };
}

function checkHeader(name: string, text: string): void {
  if (!isHeaderName(name) || isHeaderOfConnection(name)) {
    throw activityFailure('InputInvalid', `http.request: \`headers\`: ${JSON.stringify(name)} cannot be set`);
  }
  if (!headerText.test(text)) {
    throw activityFailure(
      'InputInvalid',
      `http.request: \`headers.${name}\`: the value contains characters that are not allowed in a header`,
    );
  }
}

function requestBody(body: Json | undefined): string | null {
  if (body === undefined) return null;
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function readAnswer(
  sent: SentRequest,
  asked: { target: string; secrets: string[]; expect: number[] | undefined; pauseMs: number; now: Date },
): ActivityOutput<'http.request'> {
  const { target, secrets, expect } = asked;
  if (sent.kind === 'refused') throw activityFailure('AddressRefused', `${target}: ${sent.reason}`);
  if (sent.kind === 'unanswered') throw unanswered(sent, target);
  const { status } = sent;
  const expected = expect === undefined ? status >= 200 && status < 300 : expect.includes(status);
  if (!expected) throw unexpectedStatus(sent, asked);
  if (sent.body.length === maxBodyBytes && !sent.bodyComplete) {
    throw activityFailure('ResponseTooLarge', `${target}: expected an answer of at most ${maxBodyBytes} bytes`);
  }
  if (sent.bodyTimedOut === true) throw activityFailure('TimedOut', `${target}: the answer took too long`);
  if (!sent.bodyComplete) throw activityFailure('ReceiverUnavailable', `${target}: the answer broke off`);
  return { status, body: readBody(sent, secrets) };
}

function unanswered({ reason, timedOut, unsent }: SentRequest & { kind: 'unanswered' }, target: string) {
  const message = `${target}: ${reason}`;
  if (timedOut === true) return activityFailure('TimedOut', message);
  return activityFailure('ReceiverUnavailable', message, unsent === true ? { effect: 'none' } : {});
}

/**
 * A refusal: a 4xx, but for the one that says that the request came too slowly. Any other unexpected status may follow an
 * effect, even a 200 if the step expects 201.
 */
function isRefusal(status: number): boolean {
  return status >= 400 && status < 500 && status !== 408;
}

function unexpectedStatus(
  { status, headers }: SentRequest & { kind: 'answered' },
  { target, pauseMs, now }: { target: string; pauseMs: number; now: Date },
) {
  const message = `${target}: answered ${status}`;
  const effect = isRefusal(status) ? 'none' : 'unknown';
  if (status < 500 && !transientStatuses.has(status))
    return activityFailure('ResponseRefused', message, { detail: { status }, effect });
  const wishedMs = retryAfterMs(headers['retry-after'] ?? null, now);
  return activityFailure('ReceiverUnavailable', message, {
    detail: { status },
    effect,
    ...lengthened(wishedMs, pauseMs),
  });
}

/** JSON is masked after parsing, which removes its escapes. */
function readBody({ body, headers }: SentRequest & { kind: 'answered' }, secrets: string[]): Json {
  const text = body.toString('utf8');
  const mask = createMask(secrets);
  if (!/^application\/([\w.+-]+\+)?json\b/i.test(headers['content-type'] ?? '')) return mask.text(text);
  try {
    return mask.document(parseJson(text)) as Json; // Only its texts differ.
  } catch {
    return mask.text(text);
  }
}
