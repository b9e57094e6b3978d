import { createMask } from '../../../http/mask-secrets.ts';
import { isLoopback } from '../../../language/loopback.ts';
import { isObject, type Json } from '../../../language/json.ts';
import { parseJson } from '../../../language/parse-json.ts';
import { valueAt } from '../json-pointer.ts';
import type { Unanswered } from '../../../activities/gateway/gateway-client.ts';
import type { OutgoingRequest, SentRequest } from '../../../http/send-request.ts';
import { createRequestView, type RequestView } from '../request-view.ts';
import type { ApiOptions } from './ask-schema.ts';
import type { AskSource } from './ask-source.ts';
import { ValueMissingError } from './ask-text.ts';
import type { AnswerForm, Given, Question, QuestionRequest } from './compile-question.ts';
import type { TokenCache } from './token-cache.ts';

/** The gateway's answer: JSON that the preset takes for one, or that the thing does not exist. */
export type Answer = { kind: 'answered'; view: RequestView } | { kind: 'absent' };

/** The question cannot be asked, because the event lacks something. `reason` is as in `Unanswered`. */
export interface Impossible {
  kind: 'impossible';
  reason: string;
}

export interface AskDeps {
  /** Goes through the guarded agent, which follows no redirects and reaches only allowed networks. */
  send: (request: OutgoingRequest) => Promise<SentRequest>;
  nowMs: () => number;
  /** `Kait/1.2.3`. */
  userAgent: string;
  tokens: TokenCache;
}

export interface Asking {
  source: AskSource;
  api: ApiOptions;
  /** The event that the question is about. */
  view: RequestView;
  signal: AbortSignal;
  /** Lists only: the time from which on events are wanted. */
  sinceMs?: number;
  /** Replaces the address: the next page of a list. */
  toUrl?: (url: string) => string;
}

/** For one request. A step's attempt has 30 s and may need two. */
const requestTimeoutMs = 10_000;
/** Enough for a page of a hundred large events. */
const answerLimitBytes = 8 * 1_024 * 1_024;

/**
 * Asks one question, after fetching a token if it needs one. Never rejects because of what the gateway does. Only what the
 * gateway's API says is an answer: an error, a web page or a redirect says nothing, and the question can be asked again.
 */
export async function askGateway(
  deps: AskDeps,
  question: Question,
  asking: Asking,
): Promise<Answer | Impossible | Unanswered> {
  const given = givenOf(deps, question, asking);
  if ('kind' in given) return given;
  const { token } = question;
  const { request, answer: form } = question;
  if (token === null) return askOnce(deps, request, form, given, asking);
  const kept = deps.tokens.find(asking.source.name, given, token);
  if (kept !== undefined) {
    const answer = await askOnce(deps, request, form, { ...given, token: kept }, asking);
    // The token may have been revoked: the next attempt fetches a new one.
    if (answer.kind === 'unavailable') deps.tokens.forget(asking.source.name);
    return answer;
  }
  const answer = await askOnce(deps, token.request, anyAnswer, given, { ...asking, toUrl: (url) => url });
  if (answer.kind === 'impossible' || answer.kind === 'unavailable' || answer.kind === 'refused') return answer;
  const fresh =
    answer.kind === 'answered' ? deps.tokens.keep(asking.source.name, given, token, answer.view) : undefined;
  if (fresh === undefined) return unavailable(`${token.request.target}: the answer has no token`);
  return askOnce(deps, request, form, { ...given, token: fresh }, asking);
}

/** A token request's: whether there is a token in it shows later. */
const anyAnswer: AnswerForm = { at: [], isFound: () => true, isAbsent: () => false };

function givenOf(deps: AskDeps, question: Question, { source, api, sinceMs }: Asking): Given | Unanswered {
  const apiUrl = source.apiUrl(api);
  if (apiUrl === undefined) {
    return unavailable(
      `The preset has no API address for the environment of "${source.name}". Give the source an "apiUrl"`,
    );
  }
  const key = source.readKey() ?? '';
  if (key === '' && question.needsKey) {
    return unavailable(`"${source.name}" has no API key. Set ${source.keyName}`);
  }
  return { apiUrl, key, nowMs: deps.nowMs(), ...(sinceMs === undefined ? {} : { sinceMs }) };
}

async function askOnce(
  deps: AskDeps,
  request: QuestionRequest,
  form: AnswerForm,
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
    if (error instanceof ValueMissingError) return { kind: 'impossible', reason: `${target}: ${error.message}` };
    throw error;
  }
  if (!isSafe(outgoing.url)) return { kind: 'refused', reason: `${target}: expected https` };
  const sent = withoutSecrets(await deps.send(outgoing), [given.key, given.token ?? '']);
  return answerOf(sent, { target, form, source });
}

/** An answer that repeats our key must not become an event. What is no JSON stays, since nothing of it is stored. */
function withoutSecrets(sent: SentRequest, secrets: string[]): SentRequest {
  const known = secrets.filter((secret) => secret !== '');
  if (sent.kind !== 'answered' || !sent.bodyComplete || known.length === 0) return sent;
  const document = parsedOrUndefined(sent.body.toString('utf8'));
  if (document === undefined) return sent;
  try {
    const masked = createMask(known).document(document);
    return masked === document ? sent : { ...sent, body: Buffer.from(JSON.stringify(masked)) };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { ...sent, body: nothing }; // Nested too deeply to be searched, and so for whatever would read it.
  }
}

const nothing = Buffer.alloc(0);

function parsedOrUndefined(text: string): Json | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** An API key never crosses a network in the clear. Loopback is not a network. */
function isSafe(url: string): boolean {
  const { protocol, host } = new URL(url);
  return protocol === 'https:' || isLoopback(host);
}

/** Request Timeout, Too Early, Too Many Requests: the same request may succeed later. */
const transientStatuses = [408, 425, 429];

function answerOf(
  sent: SentRequest,
  { target, form, source }: { target: string; form: AnswerForm; source: AskSource },
): Answer | Unanswered {
  if (sent.kind === 'refused') return { kind: 'refused', reason: `${target}: ${sent.reason}` };
  if (sent.kind === 'unanswered') return unavailable(`${target}: ${sent.reason}`);
  const { status, headers, body } = sent;
  const nothingSaid = (what: string) => unavailable(`${target}: ${what}`, headers['retry-after'] ?? null);
  // Once the key is corrected, the same question succeeds.
  if (status === 401 || status === 403) {
    return unavailable(`${target}: answered ${status}. Check the API key in ${source.keyName}`);
  }
  if (status < 200 || (status >= 300 && status <= 399) || status >= 500 || transientStatuses.includes(status)) {
    return nothingSaid(`answered ${status}`);
  }
  if (body.length >= answerLimitBytes) return { kind: 'refused', reason: `${target}: the answer is too large` };
  if (!sent.bodyComplete) return unavailable(`${target}: the answer was cut off`);
  const view = answerView(body, headers);
  const { document } = view.body();
  const isJson = isObject(document) || Array.isArray(document);
  const isMissing = status === 404 || status === 410;
  // A web server or a proxy in front of the API has answered, not the API.
  if (!isJson && !(isMissing && body.length === 0)) return nothingSaid(`answered ${status} without JSON`);
  const seen = { ...view, item: () => partOf(document, form.at) };
  if (isMissing || form.isAbsent(seen)) return { kind: 'absent' };
  if (status > 299) return { kind: 'refused', reason: `${target}: answered ${status}` };
  return form.isFound(seen) ? { kind: 'answered', view } : nothingSaid(`answered ${status} with an error in the body`);
}

/** Every gateway answers JSON, though not always with that content type. */
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

/**
 * The value at a pointer in an answer. A part `*` stands for the only member of an object or list. Undefined if there is no such
 * value, or if `*` has a choice.
 */
export function partOf(document: Json | undefined, parts: readonly string[]): Json | undefined {
  let found = document;
  for (const part of parts) found = part === '*' ? onlyMember(found) : valueAt(found, [part]);
  return found;
}

function onlyMember(value: Json | undefined): Json | undefined {
  if (!isObject(value) && !Array.isArray(value)) return undefined;
  const members = Object.values(value);
  return members.length === 1 ? members[0] : undefined;
}
