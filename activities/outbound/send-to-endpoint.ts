import type { Dispatcher } from 'undici';
import { msSince } from '../../http/connection-trace.ts';
import type { IdentityAgents } from '../../http/identity-agents.ts';
import { createMask } from '../../http/mask-secrets.ts';
import type { OauthTokens, TokenAnswer } from '../../http/oauth-client-credentials.ts';
import { type OutgoingRequest, type RequestTimings, sendRequest, type SentRequest } from '../../http/send-request.ts';
import { TlsIdentityError } from '../../http/tls-identity.ts';
import { authHeaders } from './endpoint-auth.ts';
import type { EndpointSecrets } from './endpoint-secrets.ts';

export interface EndpointClient {
  /** The guarded agent, for endpoints without a client certificate. */
  dispatcher: Dispatcher;
  /** Absent: endpoints that want a client certificate or an OAuth2 token get nothing, and their attempts fail. */
  credentials?: EndpointCredentials | undefined;
}

export interface EndpointCredentials {
  agents: Pick<IdentityAgents, 'agentWith'>;
  tokens: OauthTokens;
}

type Sent = SentRequest & { timings: RequestTimings };
type Failed = Exclude<TokenAnswer, { kind: 'token' }>;

/**
 * Sends a request with the endpoint's own headers, in the way it wants to be addressed. They come before the request's, and the
 * signature before all, so that nothing can take its place. A token that the receiver answers with 401 is fetched anew, once. All
 * of it together takes at most `timeoutMs`. Without a token nothing is sent, and the attempt has failed.
 */
export async function sendToEndpoint(
  { dispatcher, credentials }: EndpointClient,
  secrets: Pick<EndpointSecrets, 'headers' | 'auth' | 'clientCertificate'>,
  { signature, ...request }: OutgoingRequest & { signature: Record<string, string> },
): Promise<Sent> {
  const { auth, clientCertificate } = secrets;
  const start = performance.now();
  const unsent = (answer: SentRequest): Sent => ({ ...answer, timings: { totalMs: msSince(start) } });
  if (credentials === undefined) {
    if (auth?.kind === 'oauth2' || clientCertificate !== null) {
      return unsent(nothingSent('this worker keeps no credentials'));
    }
    return sendWith(dispatcher, null);
  }
  const endsAt = start + request.timeoutMs;
  const agent = agentFor(dispatcher, credentials, clientCertificate);
  if (agent instanceof TlsIdentityError) return unsent(nothingSent(agent.message));
  if (auth?.kind !== 'oauth2') return sendWith(agent, null);
  const askToken = (rejected?: string) =>
    before(endsAt, request.timeoutMs, credentials.tokens.tokenFor(auth, rejected === undefined ? {} : { rejected }));
  const first = await askToken();
  if (first.kind !== 'token') return unsent(withoutToken(first));
  const sent = await sendWith(agent, first.token, leftMs(endsAt));
  if (sent.kind !== 'answered' || sent.status !== 401) return sent;
  const second = await askToken(first.token);
  if (second.kind !== 'token') return unsent(withoutToken(second));
  return second.token === first.token ? sent : sendWith(agent, second.token, leftMs(endsAt));

  async function sendWith(through: Dispatcher, token: string | null, timeoutMs = request.timeoutMs): Promise<Sent> {
    const headers = lowerNames(request.headers, authHeaders(secrets, token), signature);
    const sent = await sendRequest(through, { ...request, headers, timeoutMs });
    return token === null ? sent : withToken(sent, token);
  }
}

/** Nobody else knows the token, so an answer that repeats it is masked here. */
function withToken(sent: Sent, token: string): Sent {
  if (sent.kind !== 'answered') return sent;
  const mask = createMask([token]);
  const headers = Object.entries(sent.headers).map(([name, value]) => [name, value && mask.text(value)] as const);
  const text = mask.text(sent.body.toString('utf8'), { cut: !sent.bodyComplete });
  return { ...sent, headers: Object.fromEntries(headers), body: Buffer.from(text) };
}

function agentFor(
  dispatcher: Dispatcher,
  { agents }: EndpointCredentials,
  clientCertificate: EndpointSecrets['clientCertificate'],
): Dispatcher | TlsIdentityError {
  try {
    return clientCertificate === null ? dispatcher : agents.agentWith(clientCertificate);
  } catch (error) {
    if (error instanceof TlsIdentityError) return error;
    throw error;
  }
}

/** A header must not be there twice because its name is written in two ways. */
function lowerNames(...sets: Record<string, string>[]): Record<string, string> {
  return Object.fromEntries(sets.flatMap(Object.entries<string>).map(([name, value]) => [name.toLowerCase(), value]));
}

function nothingSent(reason: string): SentRequest {
  return { kind: 'unanswered', reason: `nothing was sent: ${reason}`, unsent: true };
}

function withoutToken(answer: Failed): SentRequest {
  return answer.kind === 'refused' ? answer : { kind: 'unanswered', reason: answer.reason, unsent: true };
}

/** Others may wait for the same token and have more time. */
async function before(endsAt: number, timeoutMs: number, asked: Promise<TokenAnswer>): Promise<TokenAnswer> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<TokenAnswer>((resolve) => {
    const reason = `no OAuth2 token: no answer within ${timeoutMs} ms`;
    timer = setTimeout(() => resolve({ kind: 'failed', reason }), leftMs(endsAt));
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}

function leftMs(endsAt: number): number {
  return Math.max(1, Math.ceil(endsAt - performance.now()));
}
