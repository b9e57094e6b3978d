import type { Unanswered } from '../../../activities/gateway/gateway-client.ts';
import type { OutgoingRequest, SentRequest } from '../../../http/send-request.ts';
import { createRequestView, type RequestView } from '../request-view.ts';
import type { ApiOptions } from './ask-schema.ts';
import type { AskSource } from './ask-source.ts';
import { PlaceMissingError } from './ask-text.ts';
import type { Given, Question, QuestionRequest } from './compile-question.ts';
import type { TokenCache } from './token-cache.ts';

/** What the gateway answered: 2xx, or that it knows nothing of it (404, 410). */
export type Answer = { kind: 'answered'; view: RequestView } | { kind: 'absent' };

/** The event lacks what the question needs, so that it cannot be asked. `reason` as in `Unanswered`. */
export interface Impossible {
  kind: 'impossible';
  reason: string;
}

export interface AskDeps {
  /** Through the guarded agent: follows no redirects, and reaches no private network that is not allowed. */
  send: (request: OutgoingRequest) => Promise<SentRequest>;
  nowMs: () => number;
  /** `Kait/1.2.3`. */
  userAgent: string;
  tokens: TokenCache;
}

export interface Asking {
  source: AskSource;
  api: ApiOptions;
  /** Of the event that the question is about. */
  view: RequestView;
  signal: AbortSignal;
  /** Of lists: from when on. */
  sinceMs?: number;
  /** Changes the address before it is asked: the next page of a list. */
  toUrl?: (url: string) => string;
}

/** Of one request; a step's attempt has 30 s, and may need two. */
const requestTimeoutMs = 10_000;
/** A page of a hundred events with all that they hold. */
const answerLimitBytes = 8 * 1_024 * 1_024;

/** Asks one question, a token first where it needs one. Never rejects for what the gateway does. */
export async function askGateway(
  deps: AskDeps,
  question: Question,
  asking: Asking,
): Promise<Answer | Impossible | Unanswered> {
  const given = givenOf(deps, question, asking);
  if ('kind' in given) return given;
  const { token } = question;
  if (token === null) return askOnce(deps, question.request, given, asking);
  const kept = deps.tokens.find(asking.source.name, given, token);
  if (kept !== undefined) {
    const answer = await askOnce(deps, question.request, { ...given, token: kept }, asking);
    // It may have been withdrawn: the next attempt gets a new one.
    if (answer.kind === 'unavailable') deps.tokens.forget(asking.source.name);
    return answer;
  }
  const answer = await askOnce(deps, token.request, given, { ...asking, toUrl: (url) => url });
  if (answer.kind === 'impossible' || answer.kind === 'unavailable' || answer.kind === 'refused') return answer;
  const fresh =
    answer.kind === 'answered' ? deps.tokens.keep(asking.source.name, given, token, answer.view) : undefined;
  if (fresh === undefined) return unavailable(`${token.request.target}: the answer has no token`);
  return askOnce(deps, question.request, { ...given, token: fresh }, asking);
}

function givenOf(deps: AskDeps, question: Question, { source, api, sinceMs }: Asking): Given | Unanswered {
  const apiUrl = source.apiUrl(api);
  if (apiUrl === undefined) {
    return unavailable(`The preset knows no API for the environment of "${source.name}": give the source its "apiUrl"`);
  }
  const key = source.readKey() ?? '';
  if (key === '' && question.needsKey) {
    return unavailable(`"${source.name}" has no API key: ${source.keyName ?? 'its "apiKey"'} is not set`);
  }
  return { apiUrl, key, nowMs: deps.nowMs(), ...(sinceMs === undefined ? {} : { sinceMs }) };
}

async function askOnce(
  deps: AskDeps,
  request: QuestionRequest,
  given: Given,
  { view, signal, source, toUrl = (url) => url }: Asking,
): Promise<Answer | Impossible | Unanswered> {
  const { target } = request;
  let outgoing: OutgoingRequest;
  try {
    const built = request.build(view, given);
    outgoing = {
      ...built,
      url: toUrl(built.url),
      headers: { 'user-agent': deps.userAgent, ...built.headers },
      timeoutMs: requestTimeoutMs,
      maxBodyBytes: answerLimitBytes,
      canceled: signal,
    };
  } catch (error) {
    if (error instanceof PlaceMissingError) return { kind: 'impossible', reason: `${target}: ${error.message}` };
    throw error;
  }
  if (!isSafe(outgoing.url)) return { kind: 'refused', reason: `${target}: expected https` };
  return answerOf(await deps.send(outgoing), target, source);
}

/** An API key crosses no network in the clear; loopback is none. */
function isSafe(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
}

/** Request Timeout, Too Early, Too Many Requests: of the moment, not of the request. */
const transientStatuses = [408, 425, 429];

function answerOf(sent: SentRequest, target: string, source: AskSource): Answer | Unanswered {
  if (sent.kind === 'refused') return { kind: 'refused', reason: `${target}: ${sent.reason}` };
  if (sent.kind === 'unanswered') return unavailable(`${target}: ${sent.reason}`);
  const { status, headers, body } = sent;
  if (status === 404 || status === 410) return { kind: 'absent' };
  // A key can be put right, and then the same question goes well.
  if (status === 401 || status === 403) {
    return unavailable(`${target}: answered ${status}; it does not take the key in ${source.keyName ?? '(none)'}`);
  }
  if (status >= 500 || transientStatuses.includes(status)) {
    return unavailable(`${target}: answered ${status}`, headers['retry-after'] ?? null);
  }
  if (status < 200 || status > 299) return { kind: 'refused', reason: `${target}: answered ${status}` };
  if (body.length >= answerLimitBytes) return { kind: 'refused', reason: `${target}: the answer is too large` };
  if (!sent.bodyComplete) return unavailable(`${target}: the answer broke off`);
  return { kind: 'answered', view: answerView(body, headers) };
}

/** Every gateway answers JSON, whatever it calls it. */
function answerView(body: Buffer, headers: Record<string, string | undefined>): RequestView {
  const known = Object.entries(headers).filter((header): header is [string, string] => header[1] !== undefined);
  return createRequestView(
    { method: 'GET', url: '/', headers: { ...Object.fromEntries(known), 'content-type': 'application/json' }, body },
    { format: 'json', encoding: 'text' },
  );
}

export function unavailable(reason: string, retryAfter: string | null = null): Unanswered {
  return { kind: 'unavailable', reason, retryAfter };
}
