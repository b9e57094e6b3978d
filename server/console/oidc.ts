import {
  allowInsecureRequests,
  type AuthorizationServer,
  authorizationCodeGrantRequest,
  AuthorizationResponseError,
  calculatePKCECodeChallenge,
  type Client,
  ClientSecretBasic,
  ClientSecretPost,
  clockTolerance,
  customFetch,
  discoveryRequest,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
  getValidatedIdTokenClaims,
  None,
  OperationProcessingError,
  processAuthorizationCodeResponse,
  processDiscoveryResponse,
  ResponseBodyError,
  UnsupportedOperationError,
  validateApplicationLevelSignature,
  validateAuthResponse,
  WWWAuthenticateChallengeError,
} from 'oauth4webapi';
import { isLoopback } from '../../language/loopback.ts';
import type { Scope } from '../api/scopes.ts';
import { type OidcSettings, type RoleRule, scopeOf } from './oidc-roles.ts';

/** What a browser keeps between leaving for the identity provider and coming back. */
export interface PendingLogIn {
  state: string;
  nonce: string;
  verifier: string;
  redirectUri: string;
}

export type OidcOutcome =
  | { kind: 'person'; name: string; subject: string; scope: Scope }
  /** `why` holds nothing of a token. */
  | { kind: 'refused'; why: string }
  | { kind: 'unavailable'; why: string };

/** Logs people in by OpenID Connect's code flow with PKCE. */
export interface Oidc {
  /** Where to send the browser. Rejects if the identity provider cannot be reached. */
  begin(redirectUri: string): Promise<{ url: string; pending: PendingLogIn }>;
  /** Who has come back, by the query of the URL that the browser was sent to. */
  finish(query: URLSearchParams, pending: PendingLogIn): Promise<OidcOutcome>;
}

const timeoutMs = 10_000;
const mostBytes = 512 * 1024;
/** How long what the provider says of itself is kept. */
const metadataMs = 60 * 60 * 1000;
const clockToleranceSeconds = 30;

/**
 * The ID token is checked in full: signature by the provider's published keys, issuer, audience, times and nonce. Encryption on the way alone would do by
 * the standard, but then whoever breaks into that could be anybody. An issuer without TLS is taken on this machine only.
 */
export function createOidc({ settings, now }: { settings: OidcSettings; now: () => number }): Oidc {
  const issuer = new URL(settings.issuer);
  const isPlain = issuer.protocol === 'http:' && isLoopback(issuer.host);
  const options = {
    [customFetch]: fetchBounded,
    // oxlint-disable-next-line typescript/no-deprecated -- The library calls it so to make it stand out.
    [allowInsecureRequests]: isPlain,
  };
  const client: Client = { client_id: settings.clientId, [clockTolerance]: clockToleranceSeconds };
  let known: { server: AuthorizationServer; at: number } | null = null;

  async function discover(): Promise<AuthorizationServer> {
    if (known !== null && now() - known.at < metadataMs) return known.server;
    const server = await processDiscoveryResponse(issuer, await discoveryRequest(issuer, options));
    known = { server, at: now() };
    return server;
  }

  function authentication(server: AuthorizationServer) {
    if (settings.clientSecret === null) return None();
    const methods = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
    const isBasic = methods.includes('client_secret_basic') || !methods.includes('client_secret_post');
    return isBasic ? ClientSecretBasic(settings.clientSecret) : ClientSecretPost(settings.clientSecret);
  }

  async function exchange(query: URLSearchParams, { state, nonce, verifier, redirectUri }: PendingLogIn) {
    const server = await discover();
    const given = validateAuthResponse(server, client, query, state);
    const response = await authorizationCodeGrantRequest(
      ...([server, client, authentication(server), given, redirectUri, verifier, options] as const),
    );
    const checks = { expectedNonce: nonce, requireIdToken: true };
    const tokens = await processAuthorizationCodeResponse(server, client, response, checks);
    await validateApplicationLevelSignature(server, response, options);
    return getValidatedIdTokenClaims(tokens);
  }

  return {
    async begin(redirectUri) {
      const server = await discover();
      const url = authorizationUrl(server, isPlain);
      const verifier = generateRandomCodeVerifier();
      const pending = { state: generateRandomState(), nonce: generateRandomNonce(), verifier, redirectUri };
      const parameters = {
        ...{ client_id: settings.clientId, response_type: 'code', redirect_uri: redirectUri },
        ...{ scope: scopeFor(server, settings.roles), state: pending.state, nonce: pending.nonce },
        ...{ code_challenge: await calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
      };
      for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
      return { url: url.href, pending };
    },
    async finish(query, pending) {
      try {
        const claims = await exchange(query, pending);
        if (claims === undefined) return { kind: 'refused', why: 'there is no ID token' };
        return personOf(claims, settings);
      } catch (error) {
        return outcomeOf(error);
      }
    },
  };
}

/** The browser is sent there, so the library does not look at it. */
function authorizationUrl({ authorization_endpoint: endpoint }: AuthorizationServer, isPlain: boolean): URL {
  if (endpoint === undefined || !URL.canParse(endpoint))
    throw new Error('the provider names no authorization_endpoint');
  const url = new URL(endpoint);
  if (url.protocol === 'https:' || (isPlain && url.protocol === 'http:' && isLoopback(url.host))) return url;
  throw new Error('the authorization_endpoint of the provider is not https');
}

/** Many providers tell groups only to who asks for them by that scope. */
function scopeFor({ scopes_supported: supported = [] }: AuthorizationServer, rules: readonly RoleRule[]): string {
  const claims = rules.map(({ claim }) => claim).filter((claim) => supported.includes(claim));
  return [...new Set(['openid', 'profile', 'email', ...claims])].join(' ');
}

function personOf(claims: Readonly<Record<string, unknown>>, { issuer, roles }: OidcSettings): OidcOutcome {
  const { sub, email, email_verified: isVerified, preferred_username: username, name: full } = claims;
  // OpenID Connect Core 1.0, section 2.
  if (typeof sub !== 'string' || !/^[\x20-\x7e]{1,255}$/.test(sub)) return { kind: 'refused', why: 'sub is malformed' };
  const subject = `${sub} at ${new URL(issuer).host}`;
  const name = [isVerified === false ? undefined : email, username, full, sub].map(shown).find((text) => text !== '');
  const scope = scopeOf(claims, roles);
  if (scope === null) return { kind: 'refused', why: `${subject} has no role here` };
  return { kind: 'person', name: name ?? sub, subject, scope };
}

function shown(value: unknown): string {
  return typeof value === 'string'
    ? value
        .replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
        .trim()
        .slice(0, 200)
    : '';
}

/** The messages of the library's errors are its own. What the provider says beyond a code may be anything. */
function outcomeOf(error: unknown): OidcOutcome {
  const isOwnFault = error instanceof ResponseBodyError && error.error === 'invalid_client';
  if (error instanceof WWWAuthenticateChallengeError || isOwnFault) {
    return { kind: 'unavailable', why: 'the provider does not accept the client id or its secret' };
  }
  if (error instanceof AuthorizationResponseError || error instanceof ResponseBodyError) {
    return { kind: 'refused', why: `the provider answered ${codeOf(error.error)}` };
  }
  if (error instanceof OperationProcessingError || error instanceof UnsupportedOperationError) {
    return { kind: 'refused', why: error.message };
  }
  return { kind: 'unavailable', why: error instanceof Error ? error.message : String(error) };
}

function codeOf(text: string): string {
  return /^[\w.-]{1,100}$/.test(text) ? text : 'an error';
}

/** Reads a bounded answer within a bounded time. */
async function fetchBounded(
  url: string,
  { method, headers, body }: { method: string; headers: Record<string, string>; body?: URLSearchParams | undefined },
): Promise<Response> {
  const signal = AbortSignal.timeout(timeoutMs);
  const response = await fetch(url, {
    method,
    headers,
    redirect: 'manual',
    signal,
    ...(body !== undefined && { body }),
  });
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    // Of bytes, as Fetch has it.
    length += part.byteLength;
    if (length > mostBytes) throw new Error(`the provider answered more than ${mostBytes / 1024} KiB`);
    parts.push(part);
  }
  const { status } = response;
  const isEmpty = status === 204 || status === 304;
  return new Response(isEmpty ? null : Buffer.concat(parts), { status, headers: response.headers });
}
