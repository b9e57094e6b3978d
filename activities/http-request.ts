import type { Dispatcher } from 'undici';
import type { CallContext } from '../language/definition.ts';
import { isHeaderName, isHeaderOfConnection, isHeaderValue } from '../header-names.ts';
import { methodOf } from '../language/verbs.ts';
import type { ActivityInput, ActivityOutput } from './engine-activities.ts';
import { derivedId } from '../language/derived-id.ts';
import { activityFailure } from './failure-types.ts';
import { lengthened } from './retry-pause.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import { sendRequest, type SentRequest } from '../http/send-request.ts';
import { createMask, type Mask } from '../http/mask-secrets.ts';
import { bodyOf, headersOf, unexpectedAnswer } from './http-answer.ts';
import { createSecretTexts, filledIn, type SecretTexts } from './secret-texts.ts';
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
  const url = parseUrl(input.url);
  withParameters(url.searchParams, input.query ?? {});
  const { timeoutMs, pauseMs, stopping } = deps.attempt();
  const method = methodOf(input);
  checkBody(input, method);
  const texts = createSecretTexts(await readerOf(deps, input, { url, definition }));
  const body = requestBody(filledIn(input, input.fill ?? [], texts));
  // The key is hashed, since an event's id may contain characters that a header cannot.
  const key = derivedId('req', idempotencyKey);
  const headers = requestHeaders(input, { userAgent: deps.userAgent, texts, idempotencyKey: key, sent: body });
  const sent = await sendRequest(deps.dispatcher, {
    url: url.href,
    method,
    headers,
    body,
    timeoutMs,
    maxBodyBytes,
    canceled: stopping,
  });
  if (stopping.aborted) throw activityFailure('ReceiverUnavailable', 'The worker stopped during the request');
  // Without the query, which often contains keys.
  const target = `${method} ${url.origin}${url.pathname}`;
  const { expect, keepHeaders } = input;
  return readAnswer(sent, { target, mask: createMask(texts.used), expect, keepHeaders, pauseMs, now: deps.clock() });
}

function checkBody({ body, form }: ActivityInput<'http.request'>, method: string): void {
  const given = body === undefined ? 'form' : 'body';
  if (body !== undefined && form !== undefined) {
    throw activityFailure('InputInvalid', 'http.request: `form`: a request has a body or a form, not both');
  }
  if ((body ?? form) !== undefined && (method === 'GET' || method === 'HEAD')) {
    throw activityFailure('InputInvalid', `http.request: \`${given}\`: a ${method} request cannot have one`);
  }
}

/** A request without a secret depends on nothing that is said about secrets. */
async function readerOf(
  deps: SecretDeps,
  { headers = {}, fill = [] }: Pick<ActivityInput<'http.request'>, 'headers' | 'fill'>,
  request: { url: URL; definition: string | undefined },
): Promise<ReadSecret> {
  const needsSecrets = fill.length > 0 || Object.values(headers).some((value) => typeof value !== 'string');
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

/** A list repeats its name; null omits it. */
function withParameters(to: URLSearchParams, given: Parameters): URLSearchParams {
  for (const [name, value] of Object.entries(given)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== null) to.append(name, String(each));
    }
  }
  return to;
}

type Parameters = NonNullable<ActivityInput<'http.request'>['query']>;

/** The headers of a step's request with their secrets filled in. Names are in lower case. Throws `InputInvalid`, which shows no value. */
function requestHeaders(
  { headers = {}, body, form }: Pick<ActivityInput<'http.request'>, 'headers' | 'body' | 'form'>,
  deps: { texts: SecretTexts; userAgent: string; idempotencyKey: string; sent: string | null },
): Record<string, string> {
  const given = Object.entries(headers).map(([name, value]) => {
    const text = deps.texts.make(value, deps.sent ?? '');
    checkHeader(name, text);
    return [name.toLowerCase(), text] as const;
  });
  const type = contentType({ body, form });
  return {
    'user-agent': deps.userAgent,
    'idempotency-key': deps.idempotencyKey,
    ...(type !== undefined && { 'content-type': type }),
    ...Object.fromEntries(given),
  };
}

function contentType({ body, form }: Pick<ActivityInput<'http.request'>, 'body' | 'form'>): string | undefined {
  if (form !== undefined) return 'application/x-www-form-urlencoded';
  if (body === undefined) return undefined;
  return typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
}

function checkHeader(name: string, text: string): void {
  if (!isHeaderName(name) || isHeaderOfConnection(name)) {
    throw activityFailure('InputInvalid', `http.request: \`headers\`: ${JSON.stringify(name)} cannot be set`);
  }
  if (!isHeaderValue(text)) {
    throw activityFailure(
      'InputInvalid',
      `http.request: \`headers.${name}\`: the value contains characters that are not allowed in a header`,
    );
  }
}

function requestBody({ body, form }: Pick<ActivityInput<'http.request'>, 'body' | 'form'>): string | null {
  if (form !== undefined) return withParameters(new URLSearchParams(), form).toString();
  if (body === undefined) return null;
  return typeof body === 'string' ? body : JSON.stringify(body);
}

interface Asked {
  target: string;
  mask: Mask;
  expect: number[] | undefined;
  keepHeaders: string[] | undefined;
  pauseMs: number;
  now: Date;
}

function readAnswer(sent: SentRequest, asked: Asked): ActivityOutput<'http.request'> {
  const { target, mask, expect, keepHeaders } = asked;
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
  return { status, body: bodyOf(sent, mask), headers: headersOf(sent, mask, keepHeaders) };
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
  sent: SentRequest & { kind: 'answered' },
  { target, mask, keepHeaders, pauseMs, now }: Asked,
) {
  const { status, headers } = sent;
  const message = `${target}: answered ${status}`;
  const effect = isRefusal(status) ? 'none' : 'unknown';
  const detail = { status, answer: unexpectedAnswer(sent, mask, keepHeaders) };
  if (status < 500 && !transientStatuses.has(status))
    return activityFailure('ResponseRefused', message, { detail, effect });
  const wishedMs = retryAfterMs(headers['retry-after'] ?? null, now);
  return activityFailure('ReceiverUnavailable', message, {
    detail,
    effect,
    ...lengthened(wishedMs, pauseMs),
  });
}
