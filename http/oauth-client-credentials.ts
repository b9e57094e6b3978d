import { createHash } from 'node:crypto';
import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  clientCredentialsGrantRequest,
  customFetch,
  processClientCredentialsResponse,
  ResponseBodyError,
} from 'oauth4webapi';
import type { Dispatcher } from 'undici';
import { isHeaderValue } from '../header-names.ts';
import { sendRequest, type SentRequest } from './send-request.ts';

/** A client of an authorization server, for the grant `client_credentials` (RFC 6749, section 4.4). */
export interface OauthClient {
  tokenUrl: string;
  clientId: string;
  clientSecret: string;
  scope: string | null;
  /** Which API the token is for. Some servers want it. */
  audience: string | null;
  /** How the client shows who it is (RFC 6749, section 2.3.1). */
  method: 'client_secret_basic' | 'client_secret_post';
}

export type TokenAnswer =
  | { kind: 'token'; token: string }
  /** The reason contains neither a secret nor what the server wrote, but for its error code. */
  | { kind: 'failed'; reason: string }
  /** The server's address is not allowed. */
  | { kind: 'refused'; reason: string };

export interface OauthTokens {
  /**
   * A token, which is kept until shortly before it expires. Concurrent callers share a fetch. A `rejected` token, which a
   * receiver has answered with 401, is not given again.
   */
  tokenFor: (client: OauthClient, options?: { rejected?: string }) => Promise<TokenAnswer>;
}

interface Kept {
  token: string;
  until: number;
}

const fetchTimeoutMs = 10_000;
/** A token takes a few kB at most. */
const maxAnswerBytes = 64 * 1_024;
/** How long a token counts whose life the server does not tell, and the longest that any counts. */
const unknownLifeMs = 5 * 60_000;
const longestLifeMs = 24 * 60 * 60_000;
/** A token is not used in the last part of its life, since the request and the receiver's clock take time. */
const earlyPart = 0.1;
const earlyMostMs = 60_000;

/** Fetches tokens through the guarded agent, so that the server's address obeys the same rules, and keeps `most` of them. */
export function createOauthTokens(
  deps: { dispatcher: Dispatcher; clock: () => Date; userAgent: string },
  { most = 1_000 }: { most?: number } = {},
): OauthTokens {
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<TokenAnswer>>();
  const fetchAndKeep = async (key: string, client: OauthClient): Promise<TokenAnswer> => {
    const fetched = await fetchToken(deps, client);
    if (fetched.kind !== 'token') return fetched;
    const { token, lifeMs } = fetched;
    kept.set(key, { token, until: deps.clock().getTime() + lifeMs - Math.min(lifeMs * earlyPart, earlyMostMs) });
    const [oldest] = kept.keys();
    if (kept.size > most && oldest !== undefined) kept.delete(oldest);
    return { kind: 'token', token };
  };
  return {
    async tokenFor(client, { rejected } = {}) {
      const key = digestOf(client);
      const known = kept.get(key);
      if (known !== undefined && known.token !== rejected && known.until > deps.clock().getTime()) {
        return { kind: 'token', token: known.token };
      }
      kept.delete(key);
      const asked = underWay.get(key) ?? fetchAndKeep(key, client).finally(() => underWay.delete(key));
      underWay.set(key, asked);
      return asked;
    },
  };
}

type Fetched = Exclude<TokenAnswer, { kind: 'token' }> | { kind: 'token'; token: string; lifeMs: number };

async function fetchToken(
  { dispatcher, userAgent }: { dispatcher: Dispatcher; userAgent: string },
  { tokenUrl, clientId, clientSecret, scope, audience, method }: OauthClient,
): Promise<Fetched> {
  const server = { issuer: tokenUrl, token_endpoint: tokenUrl };
  const client = { client_id: clientId };
  const proof = method === 'client_secret_post' ? ClientSecretPost(clientSecret) : ClientSecretBasic(clientSecret);
  const parameters = { ...(scope !== null && { scope }), ...(audience !== null && { audience }) };
  try {
    const response = await clientCredentialsGrantRequest(server, client, proof, parameters, {
      [customFetch]: (url, { headers, body }) => send(dispatcher, url, { ...headers, 'user-agent': userAgent }, body),
      // Whoever set up the client decided for the URL. Plain http is for networks that the operator allows.
      // oxlint-disable-next-line typescript/no-deprecated -- The library calls it so to make it stand out.
      [allowInsecureRequests]: true,
    });
    const { access_token: token, expires_in: lifeSeconds } = await processClientCredentialsResponse(
      ...[server, client, response],
    );
    if (!isHeaderValue(token)) return { kind: 'failed', reason: 'the OAuth2 token cannot be sent in a header' };
    const lifeMs = lifeSeconds === undefined ? unknownLifeMs : Math.min(lifeSeconds * 1_000, longestLifeMs);
    return { kind: 'token', token, lifeMs };
  } catch (error) {
    return failureOf(error);
  }
}

/** Thrown inside of the library's fetch, for what is no answer. */
class UnansweredError extends Error {
  readonly sent: Exclude<SentRequest, { kind: 'answered' }>;
  constructor(sent: Exclude<SentRequest, { kind: 'answered' }>) {
    super('no answer');
    this.name = 'UnansweredError';
    this.sent = sent;
  }
}

async function send(
  dispatcher: Dispatcher,
  url: string,
  headers: Record<string, string>,
  form: URLSearchParams,
): Promise<Response> {
  const sent = await sendRequest(dispatcher, {
    ...{ url, method: 'POST', headers, body: form.toString() },
    ...{ timeoutMs: fetchTimeoutMs, maxBodyBytes: maxAnswerBytes },
  });
  if (sent.kind !== 'answered') throw new UnansweredError(sent);
  if (!sent.bodyComplete)
    throw new UnansweredError({ kind: 'unanswered', reason: 'the answer is too long or incomplete' });
  const { status, body } = sent;
  const type = sent.headers['content-type'];
  const isEmpty = status === 204 || status === 205 || status === 304; // `new Response` takes no body for these.
  return new Response(isEmpty ? null : new Uint8Array(body), {
    status,
    headers: type === undefined ? {} : { 'content-type': type },
  });
}

function failureOf(error: unknown): Exclude<Fetched, { kind: 'token' }> {
  if (error instanceof UnansweredError) {
    const { kind, reason } = error.sent;
    return { kind: kind === 'refused' ? 'refused' : 'failed', reason: `no OAuth2 token: ${reason}` };
  }
  if (error instanceof ResponseBodyError) {
    const code = /^[a-z_]{1,40}$/.test(error.error) ? `, ${error.error}` : '';
    return { kind: 'failed', reason: `no OAuth2 token: HTTP ${error.status}${code}` };
  }
  const status = statusOf(error);
  const what = status === undefined || status === 200 ? 'the answer has none' : `HTTP ${status}`;
  return { kind: 'failed', reason: `no OAuth2 token: ${what}` };
}

/** The code for the library's other errors, whose messages and causes may contain the answer. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  const response = 'response' in error ? error.response : error.cause;
  return response instanceof Response ? response.status : undefined;
}

function digestOf(client: OauthClient): string {
  const { tokenUrl, clientId, clientSecret, scope, audience, method } = client;
  return createHash('sha256')
    .update(JSON.stringify([tokenUrl, clientId, clientSecret, scope, audience, method]))
    .digest('base64');
}
