import type { FastifyRequest } from 'fastify';
import { isForeignPage, isOwnHost } from '../../http/browser-page.ts';
import type { ConsoleAccess } from '../console/console-access.ts';
import { isForConsole } from '../console/serve-console.ts';
import type { Authenticator } from './authenticate.ts';
import { ApiProblem } from './problem.ts';
import { type Caller, isAllowed } from './scopes.ts';

/** Who may ask for what. */
export interface AccessDeps {
  authenticator: Pick<Authenticator, 'check'>;
  /** The names under which clients may ask, besides addresses and `localhost`. */
  hosts: readonly string[];
  console: Pick<ConsoleAccess, 'check' | 'isSecure'>;
}

/** Sent twice, they would mean one thing to Kait and perhaps another to a proxy before it. */
const singleHeaders = [
  ...['host', 'authorization', 'cookie', 'x-kait-csrf', 'idempotency-key', 'last-event-id', 'content-type'],
];

/**
 * Null if the request may go on. A page that rebinds its name to this address, or sends requests blindly, learns nothing, not even that Kait is here.
 * Sets who asks, unless anybody may.
 */
export async function whyRefused(request: FastifyRequest, deps: AccessDeps): Promise<ApiProblem | null> {
  const { headers, raw } = request;
  const { door, scope = 'read', forTenants = false } = request.routeOptions.config;
  const doubled = singleHeaders.find((name) => timesSent(raw.rawHeaders, name) > 1);
  if (doubled === 'host' || !isOwnHost(headers.host, deps.hosts)) {
    return new ApiProblem(421, 'wrong-host', 'Ask by address or as localhost, or name this host in KAIT_ADMIN_HOSTS.');
  }
  // Whoever follows a link to the console comes from another site. No page of another site can read its files or show them in a frame.
  if (request.is404 && isForConsole(request)) return null;
  if (door !== 'any-page' && isForeignPage(headers, deps.console.isSecure(headers))) {
    return new ApiProblem(403, 'foreign-page', 'Web pages have no access.');
  }
  if (doubled !== undefined) {
    return new ApiProblem(400, 'invalid-request', `The header ${doubled} was sent more than once.`);
  }
  if (door !== undefined) return null;
  const known = await whoAsks(request, deps);
  if (known instanceof ApiProblem) return known;
  const { caller, secret } = known;
  Object.assign(request, { caller, callerSecret: secret });
  if (caller.tenant !== null && !forTenants) {
    const detail = 'A portal link opens only the endpoints, deliveries and event types of its tenant.';
    return new ApiProblem(403, 'missing-scope', detail);
  }
  if (isAllowed(caller, scope)) return null;
  const detail = `This needs a key with the scope ${scope}, but "${caller.name}" has ${caller.scope}.`;
  return new ApiProblem(403, 'missing-scope', detail);
}

/** By a key, or else by the session of a browser. */
async function whoAsks(
  { headers, raw, method }: FastifyRequest,
  { authenticator, console }: AccessDeps,
): Promise<{ caller: Caller; secret: string } | ApiProblem> {
  const { authorization } = headers;
  const session = authorization === undefined ? await console.check.check({ method, headers }) : null;
  if (session !== null) return session;
  const caller = await authenticator.check(authorization, raw.socket.remoteAddress ?? '');
  return caller instanceof ApiProblem ? caller : { caller, secret: authorization ?? '' };
}

function timesSent(rawHeaders: readonly string[], name: string): number {
  return rawHeaders.filter((each, index) => index % 2 === 0 && each.toLowerCase() === name).length;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** A route without a key. `own-page`: for the pages of this origin. `any-page`: for whoever opens it, wherever the link is. */
    door?: 'own-page' | 'any-page';
  }
}
