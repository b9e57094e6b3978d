import { CancelledFailure } from '@temporalio/common';
import type { Dispatcher } from 'undici';
import type { CallContext } from '../language/definition.ts';
import type { Json } from '../language/json.ts';
import type { ActivityInput, ActivityOutput } from './catalogue.ts';
import { derivedId } from './derived-id.ts';
import { activityFailure } from './failure-types.ts';
import { requestHeaders } from './http-request-headers.ts';
import { retryAfterMs } from '../http/retry-after.ts';
import { sendRequest, type SentRequest } from '../http/send-request.ts';
import { type LookupSecret, withoutSecrets } from './secrets.ts';

export interface HttpRequestDeps {
  clock: () => Date;
  /** The guarded agent. */
  dispatcher: Dispatcher;
  lookupSecret: LookupSecret;
  /** The time limit of the attempt that is under way, and what tells that its step was canceled. */
  attempt: () => CurrentAttempt;
  /** `Kait/1.2.3`. */
  userAgent: string;
}

export interface CurrentAttempt {
  timeoutMs: number;
  canceled: AbortSignal;
}

/** The answer becomes an activity's result, which Temporal limits to 2 MB and a definition rarely needs in full. */
const maxBodyBytes = 256 * 1_024;
/** Request Timeout, Too Early, Too Many Requests: what 4xx has to say about the moment and not about the request. */
const transientStatuses = new Set([408, 425, 429]);

/**
 * Sends one request, with the key as `Idempotency-Key` so that a receiver can tell a repeat: after a crash the request is
 * sent again. Redirects are answers like any other. Throws `ReceiverUnavailable` for no answer, 5xx, 408, 425 and 429, and
 * permanently `AddressRefused`, `ResponseRefused`, `ResponseTooLarge`, `SecretUnavailable` or `InputInvalid`. A step that is
 * canceled ends its request at once.
 */
export async function sendHttpRequest(
  deps: HttpRequestDeps,
  input: ActivityInput<'http.request'>,
  { idempotencyKey }: CallContext,
): Promise<ActivityOutput<'http.request'>> {
  const url = withQuery(parseUrl(input.url), input.query);
  const { timeoutMs, canceled } = deps.attempt();
  const method = input.method ?? (input.body === undefined ? 'GET' : 'POST');
  if (input.body !== undefined && (method === 'GET' || method === 'HEAD')) {
    throw activityFailure('InputInvalid', `http.request: \`body\`: a ${method} request has none`);
  }
  const { headers, secrets } = requestHeaders(input, {
    ...deps,
    // Hashed, since an event's id may hold characters that no header can.
    idempotencyKey: derivedId('req', idempotencyKey),
  });
  const sent = await sendRequest(deps.dispatcher, {
    url: url.href,
    method,
    headers,
    body: requestBody(input.body),
    // Ends before Temporal gives the attempt up, so that the reason is known.
    timeoutMs: Math.max(timeoutMs - 500, timeoutMs / 2),
    maxBodyBytes,
    canceled,
  });
  if (canceled.aborted) throw new CancelledFailure('The step was canceled during the request');
  // Without the query, where keys often are.
  const target = `${method} ${url.origin}${url.pathname}`;
  return readAnswer(sent, { target, secrets, expect: input.expect, now: deps.clock() });
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw activityFailure('InputInvalid', 'http.request: `url`: expected an http or https URL');
  }
  if (url.username !== '' || url.password !== '') {
    throw activityFailure('InputInvalid', 'http.request: `url`: credentials belong into a header with a secret');
  }
  return url;
}

/** Adds to what the URL has already. A list repeats its name; null leaves it out. */
function withQuery(url: URL, query: ActivityInput<'http.request'>['query'] = {}): URL {
  for (const [name, value] of Object.entries(query)) {
    for (const each of Array.isArray(value) ? value : [value]) {
      if (each !== null) url.searchParams.append(name, String(each));
    }
  }
  return url;
}

function requestBody(body: Json | undefined): string | null {
  if (body === undefined) return null;
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function readAnswer(
  sent: SentRequest,
  { target, secrets, expect, now }: { target: string; secrets: string[]; expect: number[] | undefined; now: Date },
): ActivityOutput<'http.request'> {
  if (sent.kind === 'refused') throw activityFailure('AddressRefused', `${target}: ${sent.reason}`);
  if (sent.kind === 'unanswered') throw activityFailure('ReceiverUnavailable', `${target}: ${sent.reason}`);
  const { status } = sent;
  const expected = expect === undefined ? status >= 200 && status < 300 : expect.includes(status);
  if (!expected) throw unexpectedStatus(sent, target, now);
  if (sent.body.length === maxBodyBytes && !sent.bodyComplete) {
    throw activityFailure('ResponseTooLarge', `${target}: the answer is larger than ${maxBodyBytes} bytes`);
  }
  if (!sent.bodyComplete) throw activityFailure('ReceiverUnavailable', `${target}: the answer broke off`);
  return { status, body: readBody(sent, secrets) };
}

function unexpectedStatus(sent: SentRequest & { kind: 'answered' }, target: string, now: Date) {
  const { status, headers } = sent;
  const message = `${target}: answered ${status}`;
  if (status < 500 && !transientStatuses.has(status))
    return activityFailure('ResponseRefused', message, { detail: { status } });
  const delayMs = retryAfterMs(headers['retry-after'] ?? null, now);
  return activityFailure('ReceiverUnavailable', message, {
    detail: { status },
    ...(delayMs !== null && { nextRetryDelayMs: delayMs }),
  });
}

function readBody({ body, headers }: SentRequest & { kind: 'answered' }, secrets: string[]): Json {
  const text = withoutSecrets(body.toString('utf8'), secrets);
  if (!/^application\/([\w.+-]+\+)?json\b/i.test(headers['content-type'] ?? '')) return text;
  try {
    return JSON.parse(text) as Json; // JSON.parse gives nothing else.
  } catch {
    return text;
  }
}
