import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { z } from 'zod';
import { readAddress, senderNetwork } from '../../http/networks.ts';
import { isLoopback } from '../../language/loopback.ts';
import type { Database } from '../../storage/database.ts';
import type { Authenticator } from '../api/authenticate.ts';
import { findApiKey } from '../api/keys/api-keys.ts';
import { answerProblem, ApiProblem, problemText, problemType } from '../api/problem.ts';
import { roles } from '../api/scopes.ts';
import { createKeyedRateLimits } from '../rate-limit.ts';
import type { ConsoleAccess } from './console-access.ts';
import { createNoteFailure } from './failed-log-ins.ts';
import { hashOfSession } from './session-secret.ts';
import { forwardingPage, refusingPage, type SessionPage, sessionPageHeaders } from './session-pages.ts';
import type { OpenSession } from './session-check.ts';
import type { NewSession } from './sessions.ts';

export interface SessionRouteDeps {
  database: Database;
  authenticator: Pick<Authenticator, 'check'>;
  console: ConsoleAccess;
  log: Pick<Logger, 'warn'>;
}

/** A working day, and no more: whoever comes back the next morning logs in again. */
const sessionMs = 12 * 60 * 60 * 1000;
/** The limit of failed attempts to log in from one address. Past it even the right token is refused, so that nobody guesses one. */
const failures = { perSecond: 0.2, burst: 20 };
const mostAddresses = 10_000;

const logInBody = z.strictObject({
  token: z
    .string()
    .min(1)
    .max(1_000)
    .regex(/^[\x20-\x7e]+$/)
    .describe('the admin token or an API key')
    .meta({ writeOnly: true }),
});

/** Who may open a session: not yet bound to a browser. */
type Opening = Pick<NewSession, 'name' | 'scope' | 'via' | 'credential'> & { expiresMs?: number | null };

/** `/session`: who is logged in at the console, and how one logs in and out. */
export function addSessionRoutes(app: FastifyInstance, deps: SessionRouteDeps): void {
  const { database, authenticator, console, log } = deps;
  const { store, secrets, check, links, oidc, pending, isSecure, clientAddress, now } = console;
  const noteFailure = createNoteFailure(database, { log, now });
  const limits = createKeyedRateLimits({ capacity: mostAddresses, now });
  const addressOf = (request: FastifyRequest) => clientAddress(request.raw);

  const limitOf = (request: FastifyRequest) => limits.of(senderNetwork(addressOf(request)), failures);

  async function fail(request: FastifyRequest, why: string): Promise<void> {
    limitOf(request).take();
    await noteFailure({ why, address: addressOf(request) });
  }

  async function logIn(request: FastifyRequest, reply: FastifyReply, opening: Opening) {
    const { name, scope, via, credential, expiresMs = null } = opening;
    const endsMs = Math.min(now() + sessionMs, expiresMs ?? Infinity);
    await endCurrent(request);
    const secret = secrets.create();
    await store.open({
      ...{ hash: hashOfSession(secret), name, scope, via, credential },
      ...{ expiresAt: new Date(endsMs), address: addressOf(request) },
    });
    void reply.header('set-cookie', secrets.cookieOf(secret, request.headers, Math.ceil((endsMs - now()) / 1000)));
    const csrf = secrets.csrfOf(secret);
    return { name, role: roles[scope], csrf, expiresAt: new Date(endsMs).toISOString() };
  }

  /** Another session in the same browser could not be ended any more, because its cookie is replaced. */
  async function endCurrent(request: FastifyRequest): Promise<void> {
    const session = await check.check({ method: 'GET', headers: request.headers });
    if (session === null || session instanceof ApiProblem) return;
    await store.end({ id: session.id, actor: session.caller.name, action: 'log-out' });
    check.forget();
  }

  app.get('/session', { config: { door: 'own-page' }, exposeHeadRoute: false }, async (request, reply) => {
    const session = await check.check(request);
    if (session === null) return answerLoggedOut(reply, nobody(), oidc !== null);
    if (session instanceof ApiProblem) {
      return session.status === 401 ? answerLoggedOut(reply, session, oidc !== null) : answerProblem(reply, session);
    }
    return reply.send(shown(session));
  });

  app.post('/session', { config: { door: 'own-page' }, schema: { body: logInBody } }, async (request, reply) => {
    const waitSeconds = limitOf(request).waitSeconds();
    if (waitSeconds > 0) return answerProblem(reply, tooMany(waitSeconds));
    const { token } = request.body as z.output<typeof logInBody>; // It was checked by the schema.
    const caller = await authenticator.check(`Bearer ${token}`, request.raw.socket.remoteAddress ?? '');
    if (caller instanceof ApiProblem) {
      if (caller.status === 401) await fail(request, 'wrong token');
      return answerProblem(reply, caller);
    }
    if (caller.tenant !== null) return answerProblem(reply, notForTenants());
    const isAdminToken = caller.id === 'admin-token';
    const key = isAdminToken ? null : await findApiKey(database, caller.id);
    const credential = isAdminToken ? store.adminCredential : caller.id;
    const { name, scope } = caller;
    const via = isAdminToken ? 'token' : 'key';
    return logIn(request, reply, { name, scope, via, credential, expiresMs: key?.expiresMs ?? null });
  });

  app.delete('/session', { config: { door: 'own-page' } }, async (request, reply) => {
    const session = await check.check(request);
    if (session instanceof ApiProblem && session.status !== 401) return answerProblem(reply, session);
    if (session !== null && !(session instanceof ApiProblem)) {
      await store.end({ id: session.id, actor: session.caller.name, action: 'log-out' });
      check.forget();
    }
    return reply.header('set-cookie', secrets.noCookie(request.headers)).code(204).send();
  });

  app.get('/session/login', { config: { door: 'any-page' }, exposeHeadRoute: false }, async (request, reply) => {
    if (!isNavigation(request)) return answerPage(reply, notOpened);
    const waitSeconds = limitOf(request).waitSeconds();
    if (waitSeconds > 0) return answerPage(reply.header('retry-after', String(Math.ceil(waitSeconds))), tooManyPage);
    if (!isFromHere(request)) return answerPage(reply, notFromElsewhere);
    const { code } = request.query as { code?: unknown };
    const redeemed = typeof code === 'string' ? links.redeem(code) : null;
    if (redeemed === null) {
      const session = await check.check({ method: 'GET', headers: request.headers });
      if (session !== null && !(session instanceof ApiProblem)) return answerPage(reply, forwardingPage);
      await fail(request, 'a link that was used, has expired or was made up');
      return answerPage(reply, spentLink);
    }
    await logIn(request, reply, { name: redeemed.name, scope: 'admin', via: 'link', credential: '' });
    return answerPage(reply, forwardingPage);
  });

  if (oidc === null) return;

  app.get('/session/oidc', { config: { door: 'any-page' }, exposeHeadRoute: false }, async (request, reply) => {
    if (!isNavigation(request)) return answerPage(reply, notOpened);
    const origin = `${isSecure(request.headers) ? 'https' : 'http'}://${request.headers.host}`;
    try {
      const begun = await oidc.begin(`${origin}/session/oidc/callback`);
      void reply.header('set-cookie', pending.cookieOf(begun.pending, request.headers));
      return await reply.header('referrer-policy', 'no-referrer').redirect(begun.url, 303);
    } catch (err) {
      log.warn({ err }, 'the identity provider cannot be used');
      return answerPage(reply, noProvider);
    }
  });

  app.get(
    '/session/oidc/callback',
    { config: { door: 'any-page' }, exposeHeadRoute: false },
    async (request, reply) => {
      if (!isNavigation(request)) return answerPage(reply, notOpened);
      const waitSeconds = limitOf(request).waitSeconds();
      if (waitSeconds > 0) return answerPage(reply.header('retry-after', String(Math.ceil(waitSeconds))), tooManyPage);
      const begun = pending.read(request.headers);
      void reply.header('set-cookie', pending.noCookie(request.headers));
      if (begun === null) return answerPage(reply, notBegun);
      const outcome = await oidc.finish(new URL(request.url, begun.redirectUri).searchParams, begun);
      if (outcome.kind === 'person') {
        const { name, scope, subject } = outcome;
        await logIn(request, reply, { name, scope, via: 'oidc', credential: subject });
        return answerPage(reply, forwardingPage);
      }
      if (outcome.kind === 'refused') {
        await fail(request, `OpenID Connect: ${outcome.why}`);
        return answerPage(reply, notAdmitted);
      }
      log.warn({ why: outcome.why }, 'the identity provider cannot be used');
      return answerPage(reply, noProvider);
    },
  );
}

function shown({ name, caller: { scope }, csrf, expiresMs }: OpenSession) {
  return { name, role: roles[scope], csrf, expiresAt: new Date(expiresMs).toISOString() };
}

function nobody(): ApiProblem {
  return new ApiProblem(401, 'no-session', 'Nobody is logged in.');
}

/** Also says whether people can log in by OpenID Connect. */
function answerLoggedOut(reply: FastifyReply, problem: ApiProblem, oidc: boolean): FastifyReply {
  const body = { ...(JSON.parse(problemText(problem)) as object), oidc };
  return reply.code(problem.status).type(problemType).send(JSON.stringify(body));
}

function answerPage(reply: FastifyReply, { status, html }: SessionPage): FastifyReply {
  return reply.code(status).headers(sessionPageHeaders).send(html);
}

/** Somebody opened the link. Browsers also look at links beforehand, and old ones do not say which it is. */
function isNavigation({ headers }: FastifyRequest): boolean {
  const { 'sec-fetch-mode': mode = 'navigate', 'sec-fetch-dest': destination = 'document' } = headers;
  const purpose = String(headers['sec-purpose'] ?? headers.purpose ?? '');
  return mode === 'navigate' && destination === 'document' && !/prefetch|preview/i.test(purpose);
}

/** A link is for a browser on the machine where Kait has printed it. */
function isFromHere({ raw }: FastifyRequest): boolean {
  const address = readAddress(raw.socket.remoteAddress ?? '') ?? '';
  return isLoopback(address.includes(':') ? `[${address}]` : address);
}

const anotherWay =
  'Use the admin token or an API key, or run <code>kait console</code> on the machine where Kait runs for a new link.';
const notOpened = refusingPage(403, 'This address is opened by itself', anotherWay);
const notBegun = refusingPage(400, 'This log-in was not begun in this browser, or took too long', 'Begin again.');
const notAdmitted = refusingPage(
  403,
  'You were not logged in',
  'Your account has no role here, or the answer of the identity provider was not in order. The audit and the log of Kait say which.',
);
const noProvider = refusingPage(
  503,
  'The identity provider does not answer as it should',
  'Try again in a minute. The log of Kait says more.',
);
const spentLink = refusingPage(401, 'This link was used before, or has expired', anotherWay);
const notFromElsewhere = refusingPage(403, 'A login link opens only on the machine where Kait runs', anotherWay);
const tooManyPage = refusingPage(429, 'Too many attempts to log in', 'Wait a minute, and try again.');

function tooMany(waitSeconds: number): ApiProblem {
  const headers = { 'retry-after': String(Math.max(1, Math.ceil(waitSeconds))) };
  return new ApiProblem(429, 'too-many-attempts', 'There were too many attempts to log in from this address.', {
    headers,
  });
}

function notForTenants(): ApiProblem {
  return new ApiProblem(403, 'missing-scope', 'A portal link opens no session at the console.');
}
