import type { EndpointSecrets } from './endpoint-secrets.ts';

/**
 * The headers by which an endpoint wants to be addressed: its own, and the one of its `auth`, which comes before one of the same name.
 * `token` is the OAuth2 token, if it wants one. Names are in lower case.
 */
export function authHeaders(
  { headers, auth }: Pick<EndpointSecrets, 'headers' | 'auth'>,
  token: string | null,
): Record<string, string> {
  const own = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const authorization = authorizationOf(auth, token);
  return { ...own, ...(authorization !== null && { authorization }) };
}

function authorizationOf(auth: EndpointSecrets['auth'], token: string | null): string | null {
  if (auth?.kind === 'basic') return `Basic ${Buffer.from(`${auth.username}:${auth.password}`).toString('base64')}`;
  if (auth?.kind === 'bearer') return `Bearer ${auth.token}`;
  return token === null ? null : `Bearer ${token}`;
}
